"""Korean and English: which one, and that nothing is missing."""

import re
from functools import cache
from html import escape
from io import BytesIO
from pathlib import Path
from string import Formatter

import pytest
from babel.messages.extract import extract_from_dir
from babel.messages.frontend import parse_mapping_cfg
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

from testbed.domain.grid import grain_of
from tests.web.conftest import NOW
from tests.web.reading import held, search, text_of
from web.present import when

ROOT = Path(__file__).parents[2]
KOREAN = ROOT / "web/translations/ko/LC_MESSAGES/messages.po"
HANGUL = re.compile("[가-힣]")


def catalogue():
    return read_po(BytesIO(KOREAN.read_bytes()), locale="ko")


def singular(message_id):
    return message_id if isinstance(message_id, str) else message_id[0]


@cache
def in_the_code():
    with (ROOT / "web/babel.cfg").open() as file:
        methods, options = parse_mapping_cfg(file)
    keywords = {"_": None, "gettext": None, "lazy_gettext": None, "ngettext": (1, 2)}
    found = extract_from_dir(str(ROOT), methods, options, keywords)
    return {singular(message) for _, _, message, _, _ in found}


def test_every_text_of_the_code_has_its_korean():
    done = {singular(each.id) for each in catalogue() if each.id and each.string}
    assert in_the_code() - done == set()


def test_no_translation_is_left_over_or_doubtful():
    kept = {singular(each.id) for each in catalogue() if each.id}
    assert kept - in_the_code() == set()
    assert [each.id for each in catalogue() if each.fuzzy] == []


def test_every_translation_is_korean_or_a_sign():
    foreign = [
        each.id
        for each in catalogue()
        if each.id
        and not HANGUL.search("".join(each.string))
        and re.search("[a-z]{3}", str(each.id))
    ]
    assert foreign == []


def places(text):
    named = {field for _, field, _, _ in Formatter().parse(re.sub(r"%\(.*?\)", "", text)) if field}
    return named | set(re.findall(r"%\(\w+\)[sd]", text))


def test_translations_keep_the_places_of_what_is_filled_in():
    for each in catalogue():
        if each.id:
            said = each.string if isinstance(each.string, str) else each.string[0]
            assert places(said) <= places(singular(each.id)), each.id
            assert places(singular(each.id)) <= places(said), each.id


def test_the_compiled_texts_are_those_of_the_source():
    compiled = BytesIO()
    write_mo(compiled, catalogue())
    assert KOREAN.with_suffix(".mo").read_bytes() == compiled.getvalue()


@pytest.mark.parametrize(
    ("asked", "spoken"),
    [("ko", "ko"), ("ko-KR,en;q=0.5", "ko"), ("en-GB", "en"), ("de, en;q=0.3", "en"), ("de", "ko")],
)
def test_the_browser_says_which_language_and_korean_comes_first(app, asked, spoken):
    page = app.test_client().get("/sign-in", headers={"Accept-Language": asked}).text
    assert f'<html lang="{spoken}">' in page


def test_a_choice_is_remembered_and_goes_before_the_browser(app):
    browser = app.test_client()
    english = {"Accept-Language": "en"}
    assert 'lang="ko"' in browser.get("/sign-in?lang=ko", headers=english).text
    assert '<html lang="ko">' in browser.get("/sign-in", headers=english).text


@pytest.mark.parametrize(
    "query", ["_scheme=javascript&_external=1", "_anchor=x", "_method=POST", "endpoint=x"]
)
def test_the_link_to_the_other_language_keeps_whatever_the_address_says(app, query):
    page = app.test_client().get(f"/catalogue?{query}&lang=en").text
    assert f'href="/catalogue?{escape(query)}&amp;lang=ko"' in page


def test_an_unknown_language_changes_nothing(app):
    page = app.test_client().get("/sign-in?lang=xx", headers={"Accept-Language": "en"}).text
    assert '<html lang="en">' in page


def test_the_choice_survives_signing_in(sign_in):
    browser = sign_in("nari@example.org", "en")
    browser.get("/find?lang=ko")
    assert '<html lang="ko">' in browser.get("/bookings").text


def test_a_member_books_in_korean(sign_in):
    browser = sign_in("nari@example.org", "ko")
    said = text_of(search(browser))
    assert "기상환경재현시설" in said
    assert "자율주행 실험도시 K-City, 화성시" in said
    said = text_of(browser.get(held(browser)))
    assert "임시 확보" in said
    assert "나래모빌리티(가상)" in said
    assert "2026-12-0" in said
    assert "(화)" in said or "(월)" in said or "(수)" in said


def test_reasons_are_given_in_korean_with_names_for_ids(sign_in):
    said = text_of(search(sign_in("nari@example.org", "ko"), flex="exact", day="2026-12-06"))
    assert "기상환경재현시설: 그 시간에는 충분히 오래 열지 않습니다. (운영자 승인 시 가능)" in said


@pytest.mark.parametrize(
    ("hours", "english", "korean"),
    [
        ((0, 3), "2026-11-23 (Mon) 10:00–13:00 KST", "2026-11-23 (월) 10:00–13:00 KST"),
        ((10, 14), "2026-11-23 (Mon) 20:00–24:00 KST", "2026-11-23 (월) 20:00–24:00 KST"),
        (
            (12, 16),
            "2026-11-23 (Mon) 22:00–2026-11-24 (Tue) 02:00 KST",
            "2026-11-23 (월) 22:00–2026-11-24 (화) 02:00 KST",
        ),
    ],
)
def test_times_carry_date_weekday_and_zone(app, hours, english, korean):
    start, end = (grain_of(NOW) + 4 * each for each in hours)
    for language, expected in (("en", english), ("ko", korean)):
        with app.test_request_context(headers={"Accept-Language": language}):
            assert when(start, end, "Asia/Seoul") == expected
