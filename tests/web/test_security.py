"""Sessions, forged forms, headers, demonstration accounts."""

import re
import stat

import pytest

from testbed.config import Security
from testbed.secret import secret
from testbed.service import bookings
from testbed.service.members import by_email
from tests.web.conftest import PASSWORD, settings_in
from tests.web.reading import held, offers, search, text_of, token_of
from web import demo
from web.app import create_app
from web.security import is_loopback

CHANGES = ("/sign-in", "/sign-out", "/bookings", "/bookings/abc/confirm", "/bookings/abc/cancel")


@pytest.mark.parametrize("address", CHANGES)
@pytest.mark.parametrize("token", [None, "forged"])
def test_a_form_without_its_token_is_refused(nari, address, token):
    answer = nari.post(address, data={"csrf_token": token} if token else {})
    assert answer.status_code == 400
    assert "That cannot be read" in text_of(answer)


def test_a_token_of_another_session_is_refused(nari, gaon):
    address = held(nari)
    stolen = token_of(gaon.get("/find").text)
    assert nari.post(f"{address}/confirm", data={"csrf_token": stolen}).status_code == 400


@pytest.mark.parametrize("address", ["/sign-in", "/healthz", "/static/app.css", "/nothing"])
def test_every_answer_carries_the_strict_headers(app, address):
    with app.test_client().get(address) as answer:
        headers = answer.headers
    assert "default-src 'none'" in headers["Content-Security-Policy"]
    assert "unsafe" not in headers["Content-Security-Policy"]
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "same-origin"


def test_no_page_holds_an_inline_script_or_style(nari):
    pages = ["/sign-in", "/find", "/bookings", "/schedule", held(nari), "/nothing"]
    for page in [*(nari.get(each).text for each in pages), search(nari).text]:
        assert not re.search(r"<script(?![^>]*\bsrc=)|<style|\sstyle=|\son\w+=", page)


def test_pages_are_not_kept_by_caches_and_static_files_may_be(nari):
    assert nari.get("/bookings").headers["Cache-Control"] == "no-store"
    with nari.get("/static/app.css") as answer:
        assert answer.headers["Cache-Control"] != "no-store"


def test_the_session_cookie_is_closed_to_scripts_and_to_other_sites(app):
    cookie = app.test_client().get("/sign-in").headers["Set-Cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie


def test_behind_tls_the_session_cookie_is_sent_over_tls_only(settings, context):
    safe = Security(secret_file=settings.security.secret_file, secure_cookies=True)
    app = create_app(settings.model_copy(update={"security": safe}), context)
    assert "Secure" in app.test_client().get("/sign-in").headers["Set-Cookie"]


def test_the_session_is_a_new_one_after_signing_in(app):
    browser = app.test_client()
    page = browser.get("/sign-in").text
    before = browser.get_cookie("testbed").value
    typed = {"email": "nari@example.org", "password": PASSWORD, "csrf_token": token_of(page)}
    browser.post("/sign-in", data=typed)
    assert browser.get_cookie("testbed").value != before
    stale = browser.post("/sign-out", data={"csrf_token": token_of(page)})
    assert stale.status_code == 400


@pytest.mark.parametrize(
    ("email", "password"),
    [("nari@example.org", "wrong"), ("nobody@example.org", PASSWORD), ("x" * 300, PASSWORD)],
)
def test_a_wrong_sign_in_says_nothing_of_what_was_wrong(app, email, password):
    browser = app.test_client()
    token = token_of(browser.get("/sign-in").text)
    typed = {"email": email, "password": password, "csrf_token": token}
    answer = browser.post("/sign-in", data=typed, headers={"Accept-Language": "en"})
    assert "Sign out" not in text_of(answer)
    assert answer.status_code in {200, 401}
    assert browser.get("/bookings").status_code == 302


@pytest.mark.parametrize(
    ("wanted", "where"),
    [
        ("/schedule", "/schedule"),
        ("https://elsewhere.example", "/"),
        ("//elsewhere.example", "/"),
        ("/\\elsewhere.example", "/"),
        ("schedule", "/"),
        ("//[", "/"),
        ("/\t/elsewhere.example", "/"),
        ("/schedule\r\nSet-Cookie: a=b", "/"),
    ],
)
def test_signing_in_leads_back_to_our_own_pages_only(app, wanted, where):
    browser = app.test_client()
    token = token_of(browser.get("/sign-in").text)
    typed = {"email": "nari@example.org", "password": PASSWORD, "csrf_token": token}
    answer = browser.post("/sign-in", query_string={"next": wanted}, data=typed)
    assert answer.headers["Location"] == where


@pytest.mark.parametrize(
    ("address", "status"),
    [
        ("/bookings/a%00b", 404),
        ("/schedule/bookings/%00", 404),
        ("/find?move=%00", 400),
        ("/bookings?after=%00&after=1", 400),
    ],
)
def test_no_page_asks_the_database_for_what_it_cannot_hold(nari, monkeypatch, address, status):
    monkeypatch.setattr(bookings, "get", None)
    assert nari.get(address).status_code == status


def test_after_signing_out_the_pages_are_closed(nari):
    token = token_of(nari.get("/find").text)
    nari.post("/sign-out", data={"csrf_token": token})
    assert nari.get("/bookings").status_code == 302


def test_a_member_who_is_gone_is_signed_out(nari, context):
    number = by_email(context, "nari@example.org").id
    with context.database.writing() as connection:
        connection.exec_driver_sql(f"DELETE FROM member WHERE id = {number}")
    assert nari.get("/bookings").status_code == 302


def test_the_secret_is_made_once_and_readable_by_its_owner_alone(tmp_path):
    file = tmp_path / "var" / "secret.key"
    made = secret(file)
    assert len(made) == 32
    assert secret(file) == made
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert [each.name for each in file.parent.iterdir()] == ["secret.key"]


@pytest.mark.parametrize("host", ["127.0.0.1", "127.9.9.9", "::1", "localhost"])
def test_loopback_is_known(host):
    assert is_loopback(host)


@pytest.mark.parametrize("host", ["0.0.0.0", "192.168.1.2", "example.org", "", None])
def test_everything_else_is_not_loopback(host):
    assert not is_loopback(host)


# -- demonstration accounts ------------------------------------------------------------------


@pytest.fixture
def demo_app(settings, context, clock):
    return create_app(settings, context, clock, demo=True)


def demo_sign_in(app, context, clock):
    account = demo.accounts(context, app.config["SECRET_KEY"], clock())[0]
    browser = app.test_client()
    token = token_of(browser.get("/sign-in").text)
    typed = {"email": account.email, "password": account.password, "csrf_token": token}
    return browser, browser.post("/sign-in", data=typed)


def test_demonstration_accounts_sign_in_in_demo_mode(demo_app, context, clock):
    browser, answer = demo_sign_in(demo_app, context, clock)
    assert answer.status_code == 302
    assert offers(search(browser))


def test_they_are_the_same_after_a_restart(demo_app, context, clock):
    first = demo.accounts(context, demo_app.config["SECRET_KEY"], clock())
    assert demo.accounts(context, demo_app.config["SECRET_KEY"], clock()) == first


def test_outside_demo_mode_they_are_refused(app, context, clock):
    _, answer = demo_sign_in(app, context, clock)
    assert answer.status_code == 401


def test_a_session_of_demo_mode_ends_with_it(demo_app, app, context, clock):
    browser, _ = demo_sign_in(demo_app, context, clock)
    kept = browser.get_cookie("testbed").value
    later = app.test_client()
    later.set_cookie("testbed", kept)
    assert later.get("/bookings").status_code == 302


@pytest.mark.parametrize("header", ["Forwarded", "X-Forwarded-For", "X-Real-IP"])
def test_demo_mode_refuses_what_a_proxy_forwards(demo_app, header):
    assert demo_app.test_client().get("/sign-in", headers={header: "1.2.3.4"}).status_code == 403


@pytest.mark.parametrize(
    ("host", "address"), [("rebound.example", "127.0.0.1"), ("localhost", "10.0.0.7")]
)
def test_demo_mode_answers_this_machine_only(demo_app, host, address):
    answer = demo_app.test_client().get(
        "/sign-in", headers={"Host": host}, environ_base={"REMOTE_ADDR": address}
    )
    assert answer.status_code == 403


def test_another_secret_is_noticed(context, clock, tmp_path):
    demo.accounts(context, b"one secret", clock())
    with pytest.raises(demo.InvalidRequest, match="demo_account_of_other_secret"):
        demo.accounts(context, b"another secret", clock())
    assert settings_in(tmp_path).security.secret_file.name == "secret.key"
