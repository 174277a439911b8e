"""The examples of the guide run, one after the other, and answer what the guide shows."""

import json
import re
import shlex
from pathlib import Path

from tests.web.api.conftest import API, Program

GUIDE = Path(__file__).parents[3] / "docs/api.md"
EXAMPLE = re.compile(r"```sh\n(curl .*?)```\n```json\n(.*?)```", re.DOTALL)
NAMED = {"-H": "headers", "-d": "data", "-X": "method"}


def spoken(command: str, known: dict[str, str]) -> list[str]:
    """The words of a shell command, with what is known of its variables."""
    filled = re.sub(r"\$([A-Z]+)", lambda found: known[found[1]], command)
    return shlex.split(filled.replace("\\\n", " "))


def run(program: Program, words: list[str]):
    """What curl would be answered."""
    assert words[:2] == ["curl", "-s"]
    sent: dict[str, list[str]] = {}
    rest = iter(words[2:])
    address = ""
    for word in rest:
        if word in NAMED:
            sent.setdefault(NAMED[word], []).append(next(rest))
        else:
            address = word
    body = "".join(sent.get("data", []))
    method = sent.get("method", ["POST" if body else "GET"])[0]
    headers = dict(each.split(": ", 1) for each in sent.get("headers", []))
    return program.client.open(address, method=method, headers=headers, data=body or None)


def fits(shown, answered, known: dict[str, str]) -> None:
    """All that the guide shows is there; a variable that is new takes what was answered."""
    if isinstance(shown, dict):
        for key, value in shown.items():
            assert key in answered
            fits(value, answered[key], known)
    elif isinstance(shown, list):
        assert len(answered) >= len(shown) > 0 or answered == shown
        for one, other in zip(shown, answered, strict=False):
            fits(one, other, known)
    elif isinstance(shown, str) and (name := re.fullmatch(r"\$([A-Z]+)", shown)):
        assert known.setdefault(name[1], answered) == answered
    elif isinstance(shown, str):
        assert re.sub(r"\$([A-Z]+)", lambda found: known[found[1]], shown) == answered
    else:
        assert shown == answered


def test_the_examples_of_the_guide_answer_what_it_shows(narae):
    known = {"API": API, "TOKEN": narae.token}
    examples = EXAMPLE.findall(GUIDE.read_text(encoding="utf-8"))
    assert len(examples) == GUIDE.read_text(encoding="utf-8").count("```sh") > 8
    for command, shown in examples:
        answer = run(narae, spoken(command, known))
        fits(json.loads(shown), answer.json, known)


def test_the_guide_names_every_address_and_every_status(app):
    guide = GUIDE.read_text(encoding="utf-8")
    document = app.test_client().get(f"{API}/openapi.json").json
    for path, methods in document["paths"].items():
        assert path.removeprefix(API).split("{")[0].rstrip("/") in guide, path
        for operation in methods.values():
            for status in operation["responses"]:
                assert status in {"200", "201", "304"} or f"{status}" in guide, status


def test_the_document_is_openapi_3_1_with_a_summary_for_every_operation(app):
    document = app.test_client().get(f"{API}/openapi.json").json
    assert document["openapi"].startswith("3.1.")
    assert document["components"]["securitySchemes"] == {
        "bearer": {"type": "http", "scheme": "bearer"}
    }
    for methods in document["paths"].values():
        for operation in methods.values():
            assert operation["summary"]
            assert operation["security"] == [{"bearer": []}]
            assert {"401", "403", "404", "422"} <= set(operation["responses"])
