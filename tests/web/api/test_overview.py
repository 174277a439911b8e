"""The overview of the guide is what the document says: a row for each noun, its addresses in it."""

from collections import defaultdict
from pathlib import Path

from tests.web.api.conftest import API

GUIDE = Path(__file__).parents[3] / "docs/api.md"
HEADING = "## Overview\n"
SHOWN = {"get": "", "post": "POST ", "put": "PUT ", "patch": "PATCH ", "delete": "DELETE "}


def overview(document) -> str:
    """The table: noun, what it is, its addresses; GET goes without saying."""
    addresses = defaultdict(list)
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            said = f"`{SHOWN[method]}{path.removeprefix(API)}`"
            addresses[operation["tags"][0]].append(said)
    rows = [
        f"| {tag['name']} | {tag['description']} | {' · '.join(addresses[tag['name']])} |"
        for tag in document["tags"]
        if tag["name"] in addresses
    ]
    return "\n".join(["| noun | what | addresses |", "|---|---|---|", *rows]) + "\n"


def test_the_overview_lists_every_noun_with_every_address(document, request):
    expected = overview(document)
    assert expected.count("`") == 2 * sum(len(each) for each in document["paths"].values())
    text = GUIDE.read_text(encoding="utf-8")
    before, _, rest = text.partition(HEADING)
    about, table, after = rest.partition("| noun |")
    end = after.index("\n\n") + 1
    if request.config.getoption("--rewrite-golden"):
        text = before + HEADING + about + expected + after[end:]
        GUIDE.write_text(text, encoding="utf-8")
        return
    assert (table + after[:end]) == expected, "run this test with --rewrite-golden"
