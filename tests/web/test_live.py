"""Live events: who may listen, what they hear, and how it ends."""

import json
import threading
import time
from collections.abc import Iterator
from dataclasses import replace

import pytest

from testbed.domain.parties import Member, Role
from testbed.service import accounts, members, tokens
from testbed.service.actors import SYSTEM
from testbed.service.changes import Change
from tests.web.conftest import NOW
from tests.web.reading import held, press
from web import live
from web.api import events
from web.live import Hub, Listener

EVENTS = "/api/v1/events"


@pytest.fixture(autouse=True)
def quick(app, monkeypatch) -> Iterator[None]:
    """Looks follow each other quickly, and no watcher outlives the test."""
    monkeypatch.setattr(live.hub_of(app), "_look_seconds", 0.02)
    yield
    live.hub_of(app).close()
    until(lambda: not any(each.name == "live" for each in threading.enumerate()))


def until(holds, seconds=5.0):
    deadline = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < deadline, "it did not come about"
        time.sleep(0.005)


def listen(browser, **more):
    """The events of a stream as they come, heartbeats left out."""
    with browser.get(EVENTS, **more) as answer:
        assert answer.status_code == 200, answer.get_data(as_text=True)
        assert answer.mimetype == "text/event-stream"
        for chunk in answer.iter_encoded():
            lines = [line.split(": ", 1) for line in chunk.decode().splitlines() if line]
            told = dict(line for line in lines if line[0])
            if "event" in told:
                yield told["event"], json.loads(told["data"])


def test_a_listener_hears_of_a_hold_and_of_its_confirmation(nari, operator):
    heard = listen(operator)
    assert next(heard)[0] == "ready"
    address = held(nari, flex="exact", at="09:00")
    name, hold = next(heard)
    assert name == "changed"
    assert "fc-kcity-weather" in hold["resources"]
    press(nari, address, "confirm")
    _, confirmed = next(heard)
    assert confirmed["resources"] == ["fc-kcity-weather"]
    assert confirmed["revision"] > hold["revision"]
    heard.close()


def test_a_rival_hears_that_a_place_changed_and_nothing_else(nari, gaon):
    heard = listen(gaon)
    next(heard)
    held(nari, flex="exact", at="09:00")
    _, told = next(heard)
    assert set(told) == {"revision", "resources"}
    heard.close()


def test_who_has_not_signed_in_hears_nothing(app):
    answer = app.test_client().get(EVENTS)
    assert answer.status_code == 401
    assert answer.mimetype == "application/problem+json"
    assert len(live.hub_of(app)) == 0


def test_a_token_to_read_listens_and_one_to_book_does_not(app, context):
    owner = members.by_email(context, "nari@example.org")
    for scope, status in (("read", 200), ("book", 403)):
        text = tokens.create(context, owner, "live", [scope], NOW).text
        sent = {"Authorization": f"Bearer {text}"}
        with app.test_client().get(EVENTS, headers=sent) as answer:
            assert answer.status_code == status


def test_a_session_that_ends_is_let_go_at_the_next_heartbeat(app, context, operator, monkeypatch):
    monkeypatch.setattr(events, "BEAT_SECONDS", 0.02)
    heard = listen(operator)
    next(heard)
    person = members.by_email(context, "oh@example.org")
    other = members.add(
        context,
        replace(person, id=0, email="ad@example.org", role=Role.ADMINISTRATOR),
        "correct horse battery",
        NOW,
        SYSTEM,
    )
    accounts.deactivate(context, person.id, NOW, other)
    assert list(heard) == []
    until(lambda: len(live.hub_of(app)) == 0)


def test_a_stream_ends_after_a_while_so_that_its_listener_comes_anew(operator, monkeypatch):
    monkeypatch.setattr(events, "BEAT_SECONDS", 0.02)
    monkeypatch.setattr(events, "LONGEST_SECONDS", 0.1)
    assert [name for name, _ in listen(operator)] == ["ready"]


def test_where_no_place_is_left_the_answer_says_when_to_come_again(
    app, operator, gaon, monkeypatch
):
    monkeypatch.setattr(live.hub_of(app), "_most", 1)
    heard = listen(operator)
    next(heard)
    answer = gaon.get(EVENTS)
    assert answer.status_code == 503
    assert answer.headers["Retry-After"] == "30"
    heard.close()
    with gaon.get(EVENTS) as answer:
        assert answer.status_code == 200


def test_one_person_does_not_take_every_place(app, operator, gaon):
    taken = [operator.get(EVENTS) for _ in range(live.MOST_PER_PERSON)]
    assert operator.get(EVENTS).status_code == 503
    with gaon.get(EVENTS) as answer:
        assert answer.status_code == 200
    for each in taken:
        each.close()
    assert len(live.hub_of(app)) == 0


def test_closing_lets_everybody_go_and_nobody_in(app, operator):
    heard = listen(operator)
    next(heard)
    live.hub_of(app).close()
    assert list(heard) == []
    assert operator.get(EVENTS).status_code == 503


def watching() -> int:
    return sum(each.name == "live" for each in threading.enumerate())


def test_nobody_watches_while_nobody_listens(context):
    hub = Hub(context, most=2, look_seconds=0.01)
    assert watching() == 0
    first, _ = hub.join("a")
    second, _ = hub.join("b")
    assert watching() == 1
    hub.leave(first)
    hub.leave(second)
    until(lambda: watching() == 0)
    third, _ = hub.join("c")
    assert watching() == 1
    hub.leave(third)


def test_the_watch_goes_on_after_a_database_that_was_away(context, monkeypatch, nari):
    monkeypatch.setattr(live, "PAUSE_SECONDS", 0.02)
    looked = []

    class Shaky(live.Watch):
        def look(self, seconds):
            looked.append(seconds)
            if len(looked) < 3:
                raise OSError("the database is away")
            return super().look(seconds)

    monkeypatch.setattr(live, "Watch", Shaky)
    hub = Hub(context, most=1, look_seconds=0.01)
    listener, _ = hub.join("a")
    held(nari)
    assert listener.wait(5)
    assert len(looked) >= 3
    hub.leave(listener)


def test_what_a_slow_listener_did_not_fetch_adds_up():
    listener = Listener("a")
    for number in range(1, 1001):
        listener.tell(Change(number, frozenset({f"r{number % 3}"})))
    assert listener.wait(0) == Change(1000, frozenset({"r0", "r1", "r2"}))
    assert listener.wait(0) is None


def test_no_more_than_half_of_the_threads_listen(app, context, settings):
    few = settings.server.model_copy(update={"threads": 10, "live_clients": 64})
    live.attach(app, context, few)
    assert live.hub_of(app)._most == 5
    live.attach(app, context, few.model_copy(update={"threads": 1}))
    assert live.hub_of(app)._most == 0


def test_members_of_every_role_may_listen(app, context, sign_in):
    for role in Role:
        email = f"{role}@example.org"
        person = Member(0, "org-gyeonggi", email, "Any", role)
        members.add(context, person, "correct horse battery", NOW, SYSTEM)
        with sign_in(email).get(EVENTS) as answer:
            assert answer.status_code == 200, role
