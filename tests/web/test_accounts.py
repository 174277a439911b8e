"""Ways in and ways out: sign-in limits, forgotten passwords, invitations, registrations."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from time import sleep

import pytest

from testbed.config import Limits
from testbed.domain.parties import Role
from testbed.service import accounts, invitations, members, password_resets, registrations, sessions
from testbed.service.actors import SYSTEM
from testbed.service.registrations import Proposal
from tests.service.test_invitations import tickets_for
from tests.web.conftest import NOW, PASSWORD
from tests.web.reading import text_of, token_of
from web import limits
from web.app import create_app
from web.pages import account

NEW = "another long password"
REGISTRATION = {
    "name_ko": "새싹모터스",
    "name_en": "Saessak Motors",
    "type": "startup_sme",
    "city": "ansan",
    "contact": "Kim Sae",
    "email": "sae@example.org",
    "language": "ko",
    "note": "Rain\nand fog",
}


def browse(app, language="en"):
    browser = app.test_client()
    browser.environ_base["HTTP_ACCEPT_LANGUAGE"] = language
    return browser


def send(browser, address, **typed):
    """Fill in the form of a page and send it."""
    token = token_of(browser.get(address).text)
    return browser.post(address, data={"csrf_token": token, **typed})


def try_to_sign_in(app, email, password="wrong", address="127.0.0.1"):
    browser = browse(app)
    browser.environ_base["REMOTE_ADDR"] = address
    return send(browser, "/sign-in", email=email, password=password)


# -- limits ----------------------------------------------------------------------------------


@pytest.fixture
def strict(settings, context, clock):
    """An application that loses its patience after two failures."""
    limits = Limits(sign_in="2 per hour", sign_in_address="4 per hour", ask="2 per hour")
    app = create_app(settings.model_copy(update={"limits": limits}), context, clock)
    app.testing = True
    return app


@pytest.mark.parametrize("email", ["nari@example.org", "nobody@example.org"])
def test_an_account_is_closed_after_failures_whether_or_not_it_exists(strict, email):
    for _ in range(2):
        assert try_to_sign_in(strict, email).status_code == 401
    answer = try_to_sign_in(strict, email.upper(), PASSWORD, address="10.0.0.9")
    assert answer.status_code == 429
    assert 3000 < int(answer.headers["Retry-After"]) <= 3600
    assert "Try again in 1 h" in text_of(answer)
    assert email.upper() in answer.text


def test_failures_from_one_address_close_it_for_every_account(strict):
    for number in range(4):
        assert try_to_sign_in(strict, f"guess{number}@example.org").status_code == 401
    assert try_to_sign_in(strict, "nari@example.org", PASSWORD).status_code == 429
    elsewhere = try_to_sign_in(strict, "nari@example.org", PASSWORD, address="10.0.0.9")
    assert elsewhere.status_code == 302


@pytest.mark.parametrize(
    ("first", "second", "counted_as_one"),
    [
        ("2001:db8:1:2::1", "2001:db8:1:2:ffff::9", True),
        ("2001:db8:1:2::1", "2001:db8:1:3::1", False),
        ("::ffff:192.0.2.1", "192.0.2.1", True),
        ("::ffff:192.0.2.1", "::ffff:192.0.2.2", False),
    ],
)
def test_a_line_with_many_addresses_counts_as_one(app, first, second, counted_as_one):
    def counted(address):
        with app.test_request_context(environ_base={"REMOTE_ADDR": address}):
            return limits.network_address()

    assert (counted(first) == counted(second)) is counted_as_one


def test_guesses_made_at_the_same_time_find_no_more_room(strict, monkeypatch):
    guesses = []

    def slow(*_):
        guesses.append(1)
        sleep(0.02)  # as long as the others need to ask for room as well

    monkeypatch.setattr(members, "sign_in", slow)
    with ThreadPoolExecutor(16) as pool:
        attempts = [pool.submit(try_to_sign_in, strict, "a@example.org") for _ in range(16)]
    assert {each.result().status_code for each in attempts} == {401, 429}
    assert len(guesses) < 2 + account.CHECKED_AT_ONCE


def test_signing_in_as_one_should_is_never_limited(strict):
    for _ in range(6):
        assert try_to_sign_in(strict, "nari@example.org", PASSWORD).status_code == 302


def test_asking_for_passwords_is_limited_by_address(strict):
    for _ in range(2):
        answer = send(browse(strict), "/forgotten-password", email="nari@example.org")
        assert answer.status_code == 303
    answer = send(browse(strict), "/forgotten-password", email="gaon@example.org")
    assert answer.status_code == 429
    assert "Retry-After" in answer.headers


def test_registrations_are_limited_by_address(strict, context):
    for number in range(3):
        typed = {**REGISTRATION, "email": f"sae{number}@example.org"}
        answer = send(browse(strict), "/register", **typed)
    assert answer.status_code == 429
    assert len(registrations.waiting(context, SYSTEM)) == 2


def test_guessing_the_old_password_counts_as_failing_to_sign_in(strict):
    browser = browse(strict)
    send(browser, "/sign-in", email="nari@example.org", password=PASSWORD)
    token = token_of(browser.get("/account").text)
    typed = {"csrf_token": token, "old": "wrong", "new": NEW}
    answers = [browser.post("/account/password", data=typed).status_code for _ in range(3)]
    assert answers == [403, 403, 429]
    typed["old"] = PASSWORD
    assert browser.post("/account/password", data=typed).status_code == 429


# -- sessions --------------------------------------------------------------------------------


def test_a_copied_cookie_opens_nothing_after_signing_out(app, nari):
    thief = browse(app)
    thief.set_cookie("testbed", nari.get_cookie("testbed").value)
    assert thief.get("/bookings").status_code == 200
    nari.post("/sign-out", data={"csrf_token": token_of(nari.get("/account").text)})
    assert thief.get("/bookings").status_code == 302


def test_signing_out_here_leaves_the_other_device_signed_in(nari, sign_in):
    phone = sign_in("nari@example.org")
    nari.post("/sign-out", data={"csrf_token": token_of(nari.get("/account").text)})
    assert phone.get("/bookings").status_code == 200


def test_a_session_ends_by_the_clock_however_often_it_is_used(nari, clock, settings):
    whole = timedelta(hours=settings.security.session_hours)
    clock.moment = NOW + whole - timedelta(seconds=1)
    assert nari.get("/bookings").status_code == 200
    clock.moment = NOW + whole
    assert nari.get("/bookings").status_code == 302


# -- forgotten passwords ---------------------------------------------------------------------


def test_the_answer_to_a_forgotten_password_tells_nothing(app):
    pages = []
    for email in ("nari@example.org", "nobody@example.org", "no address"):
        browser = browse(app)
        answer = send(browser, "/forgotten-password", email=email)
        pages.append((answer.status_code, browser.get(answer.location).text))
    assert pages[0] == pages[1] == pages[2]
    assert pages[0][0] == 303


def test_the_link_of_the_mail_sets_a_password_once_and_signs_in(app, nari, context):
    send(browse(app), "/forgotten-password", email="nari@example.org")
    [ticket] = tickets_for(context, "nari@example.org")
    browser = browse(app)
    short = send(browser, f"/password-reset/{ticket}", password="short")
    assert "A password has 10 to 1024 characters." in text_of(short)
    assert send(browser, f"/password-reset/{ticket}", password=NEW).status_code == 303
    assert browser.get("/bookings").status_code == 200
    assert nari.get("/bookings").status_code == 302
    assert members.sign_in(context, "nari@example.org", NEW)
    over = browse(app).get(f"/password-reset/{ticket}")
    assert over.status_code == 404
    assert 'href="/forgotten-password"' in over.text


def test_a_link_that_expired_says_how_to_get_another(app, context, clock):
    password_resets.ask(context, "nari@example.org", NOW)
    [ticket] = tickets_for(context, "nari@example.org")
    clock.moment = NOW + password_resets.VALID
    answer = browse(app).get(f"/password-reset/{ticket}")
    assert answer.status_code == 404
    assert "Ask for another link" in text_of(answer)


# -- invitations -----------------------------------------------------------------------------


@pytest.fixture
def ticket(context):
    invitations.invite(
        context, "demo-narae", "new@example.org", Role.MEMBER, NOW, actor=SYSTEM, language="en"
    )
    return tickets_for(context, "new@example.org")[0]


def test_an_invited_person_joins_and_is_in(app, context, ticket):
    browser = browse(app)
    page = browser.get(f"/invitations/{ticket}")
    assert "Join Narae Mobility" in text_of(page)
    assert 'value="en" selected' in page.text or 'selected value="en"' in page.text
    typed = {"name": "Na Ri", "password": PASSWORD, "language": "ko"}
    answer = send(browser, f"/invitations/{ticket}", **typed)
    assert answer.status_code == 303
    welcome = text_of(browser.get("/account"))
    assert "Welcome, Na Ri" in welcome
    member = members.by_email(context, "new@example.org")
    assert (member.organisation, member.role) == ("demo-narae", Role.MEMBER)
    assert accounts.account(context, member.id, member).language == "ko"
    assert browse(app).get(f"/invitations/{ticket}").status_code == 404


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({"name": "", "password": PASSWORD}, "This field is required."),
        ({"name": "Na", "password": "short"}, "A password has 10 to 1024 characters."),
        ({"name": "a\x7fb", "password": PASSWORD}, "A name has 1 to 100 characters."),
    ],
)
def test_what_is_wrong_with_a_name_or_password_is_said_and_the_rest_kept(
    app, context, ticket, typed, said
):
    answer = send(browse(app), f"/invitations/{ticket}", language="ko", **typed)
    assert said in text_of(answer)
    assert invitations.look(context, ticket, NOW).email == "new@example.org"
    assert members.find(context, "new@example.org") is None


def test_an_address_that_is_somebody_elses_already_is_refused_kindly(app, context):
    invitations.invite(
        context, "demo-narae", "gaon@example.org", Role.MEMBER, NOW, actor=SYSTEM, language="ko"
    )
    [ticket] = tickets_for(context, "gaon@example.org")
    typed = {"name": "Gaon", "password": PASSWORD, "language": "ko"}
    answer = send(browse(app), f"/invitations/{ticket}", **typed)
    assert answer.status_code == 400
    assert "already a member with the address gaon@example.org" in text_of(answer)


def test_an_invitation_that_is_over_says_what_to_do(app, clock, ticket):
    clock.moment = NOW + invitations.VALID
    answer = browse(app).get(f"/invitations/{ticket}")
    assert answer.status_code == 404
    assert "ask the manager of your organisation" in text_of(answer)


def test_joining_takes_the_place_of_whoever_was_signed_in(gaon, context, ticket):
    page = text_of(gaon.get(f"/invitations/{ticket}"))
    assert "You are signed in as Gaon." in page
    send(gaon, f"/invitations/{ticket}", name="Na Ri", password=PASSWORD, language="ko")
    assert "Na Ri" in text_of(gaon.get("/account"))


# -- registrations ---------------------------------------------------------------------------


def test_an_organisation_registers_and_reads_what_happens_next(app, context):
    browser = browse(app)
    answer = send(browser, "/register", **REGISTRATION)
    assert "answers by mail" in text_of(browser.get(answer.location))
    [asked] = registrations.waiting(context, SYSTEM)
    assert asked.proposal == Proposal(
        "Saessak Motors",
        "새싹모터스",
        "startup_sme",
        "ansan",
        "industry",
        "Kim Sae",
        "Rain\nand fog",
    )


def test_nothing_typed_is_lost_when_a_registration_is_refused(app, context):
    typed = {**REGISTRATION, "email": "no address"}
    answer = send(browse(app), "/register", **typed)
    assert answer.status_code == 400
    assert "no address is no e-mail address." in text_of(answer)
    assert all(each in answer.text for each in ("새싹모터스", "Saessak Motors", "Kim Sae"))
    assert registrations.waiting(context, SYSTEM) == ()


@pytest.mark.parametrize(("field", "value"), [("type", "bank"), ("city", "paris"), ("name_en", "")])
def test_a_registration_chooses_among_what_there_is(app, context, field, value):
    send(browse(app), "/register", **{**REGISTRATION, field: value})
    assert registrations.waiting(context, SYSTEM) == ()


def test_pages_with_tickets_send_no_address_elsewhere_and_are_not_kept(app, ticket):
    headers = browse(app).get(f"/invitations/{ticket}").headers
    assert headers["Referrer-Policy"] == "same-origin"
    assert headers["Cache-Control"] == "no-store"


def test_a_session_of_a_cookie_without_its_beginning_is_over(nari):
    with nari.session_transaction() as session:
        del session["begun"]
    assert nari.get("/bookings").status_code == 302


def test_ending_a_session_is_known_to_the_service(nari, context):
    with nari.session_transaction() as session:
        kept = session["_user_id"]
    nari.post("/sign-out", data={"csrf_token": token_of(nari.get("/account").text)})
    assert sessions.owner(context, kept) is None
