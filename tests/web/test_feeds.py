"""Feeds over HTTP: read by two libraries, silent about rivals, in no log, dead when revoked."""

import re
import time

import pytest
from flask.testing import FlaskClient
from ical.calendar_stream import IcsCalendarStream
from icalendar import Calendar, Event
from sqlalchemy import insert, select

from testbed.domain.catalogue import Name
from testbed.persistence import tables
from testbed.service import emergency, feed_entries, feeds, members
from testbed.service.feeds import Kind, Wanted
from tests.web.conftest import NOW
from tests.web.reading import held, press, token_of
from web.feed_calendar import _head, _printable

ADDRESS = re.compile(r"http://localhost(/calendar/[a-z0-9-]+\.ics)")


def make(browser: FlaskClient, shows: str, language: str = "en") -> str:
    """Make a feed by the page; its address."""
    form = browser.get("/account/feeds").text
    typed = {"name": "Phone", "shows": shows, "language": language}
    answer = browser.post("/account/feeds", data={**typed, "csrf_token": token_of(form)})
    assert answer.status_code == 201, answer.text
    return ADDRESS.search(answer.text)[1]


@pytest.fixture
def reader(app) -> FlaskClient:
    """A calendar: it has no cookie and speaks no language."""
    return app.test_client(use_cookies=False)


def events(text: str) -> dict[str, object]:
    """The events by name, read by the strict library; the other one agrees on how many."""
    read = IcsCalendarStream.calendar_from_ics(text)
    assert len(Calendar.from_ical(text).walk("VEVENT")) == len(read.events)
    return {event.uid: event for event in read.events}


def test_an_organisations_feed_follows_its_booking(nari, reader):
    address = held(nari)
    feed = make(nari, "organisation:demo-narae")
    (before,) = events(reader.get(feed).text).values()
    assert before.status == "TENTATIVE"
    press(nari, address, "confirm")
    (after,) = events(reader.get(feed).text).values()
    assert (after.uid, after.status) == (before.uid, "CONFIRMED")
    assert after.sequence > before.sequence
    assert after.dtstart == before.dtstart
    assert str(after.dtstart.tzinfo) == "Asia/Seoul"
    assert address in after.description
    press(nari, address, "cancel")
    (gone,) = events(reader.get(feed).text).values()
    assert (gone.uid, gone.status) == (before.uid, "CANCELLED")
    assert gone.sequence > after.sequence


def test_no_feed_of_a_member_shows_a_rivals_name(nari, gaon, reader):
    address = held(nari)
    place = re.search(r"/catalogue/([a-z0-9-]+)", nari.get(address).text)[1]
    secrets = ("Narae", "나래", "demo-narae", "Nari", address.rsplit("/", 1)[1])
    for shows in (f"resource:{place}", "city:hwaseong"):
        for language in ("en", "ko"):
            text = reader.get(make(gaon, shows, language)).text
            assert len(events(text)) >= 1
            assert [each for each in secrets if each in text.replace("\r\n ", "")] == []
    mine = reader.get(make(gaon, "organisation:demo-gaon")).text
    assert events(mine) == {}


def test_an_operators_feed_names_who_is_where(nari, operator, reader):
    held(nari)
    text = reader.get(make(operator, "city:hwaseong")).text
    assert all("Narae" in event.summary for event in events(text).values())


def test_an_entry_says_how_one_enters_the_site(nari, reader, context):
    operator = members.by_email(context, "oh@example.org")
    said = Name(en="Gate 3, show your plate", ko="3번 출입구")
    emergency.save_instructions(context, "site-kcity", said, NOW, operator)
    held(nari)
    (event,) = events(reader.get(make(nari, "member:")).text).values()
    assert "Gate 3, show your plate" in event.description


def test_a_feed_speaks_its_own_language(nari, reader):
    held(nari)
    korean = reader.get(
        make(nari, "organisation:demo-narae", "ko"), headers={"Accept-Language": "en"}
    )
    assert "나래" in korean.text


def test_an_unchanged_feed_is_not_sent_again(nari, reader):
    address = held(nari)
    feed = make(nari, "member:")
    first = reader.get(feed)
    assert first.mimetype == "text/calendar"
    assert "Set-Cookie" not in first.headers
    known = {"If-None-Match": first.headers["ETag"]}
    again = reader.get(feed, headers=known)
    assert (again.status_code, again.data) == (304, b"")
    press(nari, address, "confirm")
    assert reader.get(feed, headers=known).status_code == 200


def test_a_revoked_feed_is_not_found_at_once(nari, reader):
    feed = make(nari, "member:")
    page = nari.get("/account/feeds").text
    revoke = re.search(r"/account/feeds/[a-z0-9]+/revoke", page)[0]
    nari.post(revoke, data={"csrf_token": token_of(page)})
    assert reader.get(feed).status_code == 404


def test_a_failure_tells_no_log_the_key(app, nari, monkeypatch, caplog, capsys):
    feed = make(nari, "member:")
    app.config["PROPAGATE_EXCEPTIONS"] = False
    reader = app.test_client()

    def fail(*_: object) -> None:
        raise RuntimeError("no calendar today")

    monkeypatch.setattr(feed_entries, "entries", fail)
    assert reader.get(feed).status_code == 500
    told = caplog.text + "".join(capsys.readouterr())
    assert "no calendar today" in told
    assert feed.split("-")[1].removesuffix(".ics") not in told


def test_who_tries_keys_is_stopped_and_readers_of_good_ones_are_not(app, nari, reader):
    feed = make(nari, "member:")
    tried = [reader.get(f"/calendar/wrong-{number}.ics").status_code for number in range(61)]
    assert (tried[0], tried[-1]) == (404, 429)
    elsewhere = app.test_client()
    elsewhere.environ_base["REMOTE_ADDR"] = "192.0.2.7"
    assert elsewhere.get(feed).status_code == 200


@pytest.mark.parametrize(
    "text", ["a\nb", "a, b; c \\ d", "가나다라 " * 40, "x\r\n\x00\x07y", "ü" * 80]
)
def test_both_libraries_read_the_text_that_was_written(text):
    calendar, event = _head("x"), Event()
    event.add("UID", "1@x")
    event.add("DTSTAMP", NOW)
    event.add("DTSTART", NOW)
    event.add("SUMMARY", _printable(text))
    calendar.add_component(event)
    written = calendar.to_ical().decode()
    assert max(len(line.encode()) for line in written.split("\r\n")) <= 75
    meant = "".join(each for each in text if each == "\n" or each.isprintable())
    (event,) = Calendar.from_ical(written).walk("VEVENT")
    assert str(event["SUMMARY"]) == meant
    assert IcsCalendarStream.calendar_from_ics(written).events[0].summary == meant


def copied(context, booking: str, count: int) -> None:
    """That many bookings in place of one."""
    with context.database.writing() as connection:
        for table, key in (
            (tables.booking, "id"),
            (tables.line, "booking"),
            (tables.audit, "subject"),
        ):
            rows = connection.execute(select(table).where(table.c[key] == booking)).mappings().all()
            copies = [
                {**row, key: f"copy{number:04}"} for number in range(count - 1) for row in rows
            ]
            for each in copies:
                if table is tables.audit:
                    del each["id"]
            connection.execute(insert(table), copies)


@pytest.mark.slow
def test_five_hundred_entries_are_written_within_two_seconds(app, nari, context, reader):
    address = held(nari)
    owner = members.by_email(context, "nari@example.org")
    wanted = Wanted("x", Kind.ORGANISATION, "demo-narae", "ko")
    made = feeds.create(context, owner, wanted, NOW)
    booking = address.rsplit("/", 1)[1]
    copied(context, booking, 500)
    reader.get(f"/calendar/{made.text}.ics")
    began = time.perf_counter()
    text = reader.get(f"/calendar/{made.text}.ics").text
    assert time.perf_counter() - began < 2
    assert len(events(text)) == 500


def test_the_address_alone_is_the_key_whoever_asks(nari, gaon, operator, reader):
    held(nari)
    feed = make(nari, "organisation:demo-narae", "ko")
    answers = {browser.get(feed).data for browser in (reader, nari, gaon, operator)}
    assert len(answers) == 1
    assert "나래" in answers.pop().decode()
