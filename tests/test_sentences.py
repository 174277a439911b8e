"""Every code that the product can answer has its sentence."""

import ast
import re
from pathlib import Path

import pytest

from sim.sentences import OWN
from testbed.sentences import DECISIONS, ERRORS, HINTS, MISTAKES, REASONS, TEMPLATES, sentence

ROOT = Path(__file__).parents[1]
PACKAGES = ("testbed", "sim", "web")
ERROR_CLASSES = {
    "DomainError",
    "InvalidRequest",
    "NotFound",
    "NotAllowed",
    "IllegalTransition",
    "Stale",
    "HoldExpired",
}
# which argument of a call carries the code
CODE_ARGUMENT = {**dict.fromkeys(ERROR_CLASSES, 0), "Reason": 0, "DatedRule": 0, "Mistake": 1}
CODE = re.compile(r"[a-z][a-z_]+")


def sources():
    return [file for package in PACKAGES for file in (ROOT / package).rglob("*.py")]


def called(node):
    return getattr(node.func, "id", getattr(node.func, "attr", ""))


def strings(node):
    return {
        each.value
        for each in ast.walk(node)
        if isinstance(each, ast.Constant)
        and isinstance(each.value, str)
        and CODE.fullmatch(each.value)
    }


def codes_of(tree):
    """Codes in calls that make an error, mistake or reason, and in functions that choose one."""
    found = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and called(node) in CODE_ARGUMENT:
            place = CODE_ARGUMENT[called(node)]
            given = node.args[place] if len(node.args) > place else None
            if isinstance(given, ast.Constant | ast.IfExp):
                found |= strings(given)
        if isinstance(node, ast.FunctionDef) and node.name.endswith(("_code", "_refusal")):
            for each in ast.walk(node):
                found |= (
                    strings(each.value) if isinstance(each, ast.Return) and each.value else set()
                )
    return found


def used_codes():
    return set().union(*(codes_of(ast.parse(file.read_text())) for file in sources()))


def test_every_code_that_the_packages_name_has_a_sentence():
    assert used_codes() - set(TEMPLATES) - set(OWN) == set()


def test_no_sentence_is_left_over():
    named = set()
    for file in sources():
        if file.name != "sentences.py":
            named |= strings(ast.parse(file.read_text()))
    assert set(TEMPLATES) - set(HINTS) - named == set()


def test_no_code_has_two_sentences():
    assert len(TEMPLATES) == sum(map(len, (DECISIONS, ERRORS, HINTS, MISTAKES, REASONS)))


@pytest.mark.parametrize(
    ("code", "fields", "expected"),
    [
        (
            "naive_time",
            {"value": "2026-01-01T10:00"},
            "The time 2026-01-01T10:00 names no time zone.",
        ),
        ("hold_expired", {}, "The hold of booking … has run out; search again."),
        ("something_new", {}, "something new"),
        ("unknown_key", {"key": "slto_min"}, "there is no key slto_min"),
        (
            "unknown_key",
            {"key": "slto_min", "nearest": "slot_min"},
            "there is no key slto_min; did you mean slot_min?",
        ),
    ],
)
def test_a_sentence_is_filled_with_its_fields(code, fields, expected):
    assert sentence(code, fields) == expected
