"""docs/addresses.md lists every address with who may open it, as the access table says."""

from pathlib import Path

from web.access import ACCESS, API, EVERYBODY, PUBLIC

PAGE = Path(__file__).parents[2] / "docs/addresses.md"
QUIET = {"HEAD", "OPTIONS"}


def who(endpoint, view) -> str:
    if endpoint.startswith(API):
        return f"a token with `{view.scope}`"
    roles = ACCESS[endpoint]
    if roles is PUBLIC:
        return "anybody"
    if roles == EVERYBODY:
        return "whoever has signed in"
    return ", ".join(sorted(roles))


def rows(app) -> list[str]:
    found = []
    for rule in sorted(app.url_map.iter_rules(), key=lambda each: (each.rule, each.endpoint)):
        methods = " ".join(sorted(rule.methods - QUIET))
        allowed = who(rule.endpoint, app.view_functions[rule.endpoint])
        found.append(f"| `{rule.rule}` | {methods} | {allowed} |")
    return found


def test_the_page_lists_every_address_and_who_may_open_it(app):
    listed = [line for line in PAGE.read_text().splitlines() if line.startswith("| `")]
    assert listed == rows(app)
