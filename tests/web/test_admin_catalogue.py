"""An administrator checks a catalogue, reads what it would change, imports and exports it."""

import json
from io import BytesIO

import pytest

from testbed.domain.parties import Member, Role
from testbed.service import members
from testbed.service.actors import SYSTEM
from tests.web.conftest import NOW, PASSWORD
from tests.web.reading import Forms, held, sent, text_of, token_of

ADDRESS = "/admin/catalogue"
BOSS = Member(0, "org-gyeonggi", "boss@example.org", "Boss", Role.ADMINISTRATOR)


@pytest.fixture
def boss(context, sign_in):
    members.add(context, BOSS, PASSWORD, NOW, SYSTEM)
    return sign_in(BOSS.email)


def export(boss):
    return boss.get(f"{ADDRESS}/export.json").json


def check(boss, text, name="catalogue.json"):
    token = token_of(boss.get(ADDRESS).text)
    file = (BytesIO(text.encode()), name)
    return sent(boss, f"{ADDRESS}/check", csrf_token=token, file=file)


def load(boss, checked):
    """Press the button below the preview."""
    action, fields = next(form for form in Forms(checked.text).found if "documents" in form[1])
    return boss.post(action, data=fields, follow_redirects=True)


def changed(documents, section, name, **values):
    """The export with other values in one entry."""
    entry = next(each for each in documents["catalogue"][section] if each["id"] == name)
    entry.update(values)
    return json.dumps(documents)


def test_an_export_that_is_read_again_changes_nothing(boss):
    checked = check(boss, json.dumps(export(boss)))
    assert "would change." in text_of(checked)
    assert "Version 1 is the catalogue now." in text_of(load(boss, checked))


def test_a_change_is_shown_before_it_is_made_and_then_made(boss, context):
    text = changed(export(boss), "facility", "fc-kcity-weather", units=2)
    checked = check(boss, text)
    assert "≠ changed facility fc-kcity-weather units" in text_of(checked)
    assert context.catalogue().facilities["fc-kcity-weather"].units == 1
    done = text_of(load(boss, checked))
    assert "Version 2 is the catalogue now." in done
    assert "2 current 2026-11-23 (Mon) 10:00 KST Boss" in done
    assert context.catalogue().facilities["fc-kcity-weather"].units == 2


def test_every_mistake_is_told_with_its_place_and_nothing_is_imported(boss, context):
    documents = export(boss)
    changed(documents, "route", "rt-kcity-urban", kind="motorway")
    text = changed(documents, "facility", "fc-kcity-weather", units=0)
    answer = check(boss, text)
    assert answer.status_code == 422
    assert "2 mistakes; nothing was imported" in text_of(answer)
    assert "(rt-kcity-urban).kind" in answer.text
    assert "(fc-kcity-weather).units" in answer.text
    assert context.catalogue().facilities["fc-kcity-weather"].units == 1


def test_a_catalogue_in_toml_keeps_the_other_documents(boss, context):
    answer = check(boss, 'oops = "', "catalogue.toml")
    assert "catalogue.toml:1:" in answer.text
    own = (
        '[[calendar]]\nid = "cal-own"\nname_en = "Own"\nwindows = []\nprovenance = "illustrative"\n'
    )
    only = text_of(check(boss, own, "catalogue.toml"))
    assert "demand.test_kind[0]" in only  # the test kinds stay, and find nothing that serves them
    assert "rt-kcity-urban" in context.catalogue().routes


@pytest.mark.parametrize("name", ["notes.txt", "catalogue.exe", ""])
def test_a_file_of_another_kind_is_not_read(boss, name):
    answer = check(boss, "{}", name)
    assert answer.status_code == 422
    assert "choose a catalogue in TOML" in text_of(answer)


def test_a_place_with_bookings_to_come_is_not_taken_away(boss, nari, context):
    held(nari)
    documents = export(boss)
    gone = "fc-kcity-weather"
    there = documents["catalogue"]["facility"]
    documents["catalogue"]["facility"] = [each for each in there if each["id"] != gone]
    documents["demand"]["test_kind"] = []
    checked = check(boss, json.dumps(documents))
    assert f"− gone facility {gone}" in text_of(checked)
    refused = load(boss, checked)
    assert refused.status_code == 422
    assert f"pool({gone})" in refused.text
    assert gone in context.catalogue().facilities


def test_an_import_that_was_checked_against_another_version_is_checked_again(boss, context):
    first = check(boss, changed(export(boss), "facility", "fc-kcity-weather", units=2))
    second = check(boss, changed(export(boss), "facility", "fc-kcity-weather", units=3))
    load(boss, second)
    assert "check the file again" in text_of(load(boss, first))
    assert context.catalogue().facilities["fc-kcity-weather"].units == 3


def test_a_form_without_its_token_imports_nothing(boss):
    assert boss.post(f"{ADDRESS}/import", data={"documents": "{}"}).status_code == 400
    assert boss.post(f"{ADDRESS}/check", data={}).status_code == 400


def test_a_file_beyond_every_catalogue_is_not_taken(boss):
    assert check(boss, " " * (4 * 1024 * 1024 + 1)).status_code == 413
