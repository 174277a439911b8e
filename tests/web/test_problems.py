"""Errors as pages and as problem+json."""

import pytest

from testbed.domain import errors
from tests.web.reading import held, press, text_of
from web.problems import STATUS, status_of

CLASSES = [
    each
    for each in vars(errors).values()
    if isinstance(each, type) and issubclass(each, errors.DomainError) and each.__module__
]


def test_every_class_of_error_has_its_status():
    named = set(STATUS)
    for each in set(CLASSES) - {errors.DomainError}:
        assert named & set(each.__mro__)


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (errors.InvalidFile("x", []), 400),
        (errors.NotFound("booking", id="x"), 404),
        (errors.NotAllowed("operators_only"), 403),
        (errors.Stale("lost_race"), 409),
        (errors.HoldExpired("hold_expired", booking="x"), 409),
        (errors.IllegalTransition("illegal_transition"), 409),
    ],
)
def test_a_status_goes_with_the_class(error, status):
    assert status_of(error) == status


def test_a_page_that_is_none_says_what_to_do(app):
    answer = app.test_client().get("/nothing", headers={"Accept-Language": "en"})
    assert answer.status_code == 404
    assert "There is no such page" in text_of(answer)
    assert "start again from the menu" in text_of(answer)


def test_a_booking_that_is_none_is_named(nari):
    answer = nari.get("/bookings/nosuchbook")
    assert answer.status_code == 404
    assert "There is no booking nosuchbook." in text_of(answer)


def test_a_step_that_is_not_possible_is_explained(nari):
    address = held(nari)
    press(nari, address, "cancel")
    answer = press_again(nari, address)
    assert answer.status_code == 409
    assert "A booking that is cancelled cannot become confirmed." in text_of(answer)


def press_again(browser, address):
    from tests.web.reading import token_of  # noqa: PLC0415

    token = token_of(browser.get("/find").text)
    return browser.post(f"{address}/confirm", data={"csrf_token": token})


def test_a_wrong_method_keeps_the_header_that_says_which_are_right(nari):
    answer = nari.get("/bookings/abc/confirm")
    assert answer.status_code == 405
    assert "POST" in answer.headers["Allow"]
    assert "That step is not possible here" in text_of(answer)


def test_a_form_that_is_too_large_is_refused(nari):
    answer = nari.post("/bookings", data={"kind": "x" * 100_000})
    assert answer.status_code == 413


def test_a_program_gets_problem_json(nari):
    answer = nari.get("/bookings/nosuchbook", headers={"Accept": "application/json"})
    assert answer.mimetype == "application/problem+json"
    assert answer.json == {
        "type": "about:blank",
        "title": "Not Found",
        "status": 404,
        "code": "booking",
        "detail": "There is no booking nosuchbook.",
        "instance": "/bookings/nosuchbook",
    }


def test_what_goes_wrong_here_tells_nothing_of_the_inside(app, monkeypatch):
    from web.pages import home  # noqa: PLC0415

    app.testing = False

    def broken():
        raise RuntimeError("a secret of the inside")

    monkeypatch.setitem(app.view_functions, "home.healthz", broken)
    answer = app.test_client().get("/healthz", headers={"Accept-Language": "en"})
    assert home.healthz is not broken
    assert answer.status_code == 500
    assert "Something went wrong here" in text_of(answer)
    assert "inside" not in answer.text


def test_the_service_says_that_it_lives(app):
    assert app.test_client().get("/healthz").json == {"status": "ok"}
