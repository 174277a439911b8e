"""The pages of notices and webhooks: what a member chooses, what a manager sets up."""

import socket

import pytest

from testbed.domain.parties import Member, Role
from testbed.jobs.hooks import deliver
from testbed.jobs.job import Surroundings
from testbed.secret import signed
from testbed.service import digests, members, notice_choices, webhooks
from testbed.service.actors import SYSTEM
from testbed.service.notices import Choice, Group
from tests.jobs.receivers import receiving
from tests.web.conftest import NOW, PASSWORD
from tests.web.reading import token_of


@pytest.fixture
def manager(context, sign_in):
    person = Member(0, "demo-narae", "boss@example.org", "Boss", Role.MANAGER)
    members.add(context, person, PASSWORD, NOW, SYSTEM)
    return sign_in("boss@example.org")


@pytest.fixture
def public_names(monkeypatch):
    """Every name of example.com lies at a public address."""
    asked, found = socket.getaddrinfo, [(2, 1, 6, "", ("93.184.215.14", 443))]
    monkeypatch.setattr(
        socket,
        "getaddrinfo",
        lambda host, *how, **more: found if "example" in host else asked(host, *how, **more),
    )


def post(browser, path, page, **form):
    """Send a form of a page, with the page's token."""
    return browser.post(path, data={"csrf_token": token_of(browser.get(page).text), **form})


def nari_of(context):
    return members.by_email(context, "nari@example.org")


# -- notices ---------------------------------------------------------------------------------


def test_a_member_chooses_a_digest_and_cannot_turn_safety_off(nari, context):
    path = "/account/notices"
    assert post(nari, path, path, bookings="daily", planning="never").status_code == 303
    found = notice_choices.of_member(context, nari_of(context))
    assert (found[Group.BOOKINGS], found[Group.PLANNING]) == (Choice.DAILY, Choice.NEVER)
    page = nari.get(path).text
    assert 'value="daily" aria-describedby="bookings-hint" checked' in page
    assert 'name="safety" value="never"' not in page
    refused = post(nari, path, path, safety="never")
    assert refused.status_code == 400
    assert notice_choices.of_member(context, nari_of(context))[Group.SAFETY] is Choice.AT_ONCE


def unsubscribe_address(app, context, purpose=digests.UNSUBSCRIBE):
    return f"/notices/unsubscribe/{signed(app.secret_key, purpose, str(nari_of(context).id))}"


def test_the_one_click_of_a_mail_program_stops_the_digest_without_signing_in(app, context):
    member = nari_of(context)
    chosen = {"bookings": "daily", "papers": "never"}
    notice_choices.choose(context, member, chosen, NOW)
    address = unsubscribe_address(app, context)
    stranger = app.test_client()
    assert stranger.get(address).status_code == 200
    assert notice_choices.of_member(context, member)[Group.BOOKINGS] is Choice.DAILY
    answer = stranger.post(address, data={"List-Unsubscribe": "One-Click"})
    assert answer.status_code == 200
    found = notice_choices.of_member(context, member)
    assert found[Group.BOOKINGS] is Choice.NEVER
    assert found[Group.APPROVALS] is Choice.AT_ONCE


def test_an_address_that_was_signed_for_something_else_or_changed_opens_nothing(app, context):
    good = unsubscribe_address(app, context)
    other = unsubscribe_address(app, context, "another purpose")
    number, _, rest = good.rpartition("/")[2].partition(".")
    for wrong in (other, good[:-1], f"/notices/unsubscribe/{int(number) + 1}.{rest}", good + "é"):
        assert app.test_client().post(wrong).status_code == 404


# -- webhooks --------------------------------------------------------------------------------


def test_a_manager_adds_a_webhook_sees_its_secret_once_and_what_was_delivered(
    manager, context, settings, public_names
):
    with receiving() as receiver:
        made = post(manager, "/webhooks", "/webhooks", url=receiver.url, events="booking.confirmed")
        assert made.status_code == 201
        [hook] = webhooks.listing(context, members.by_email(context, "boss@example.org"))
        assert hook.events == ("booking.confirmed",)
        assert "whsec_" in made.text
        page = f"/webhooks/{hook.id}"
        assert "whsec_" not in manager.get(page).text
        assert post(manager, f"{page}/test", page).status_code == 303
        deliver(Surroundings(context, settings), NOW, receiver.door())
    shown = manager.get(page).text
    assert "delivered" in shown
    assert "webhook.test" in shown
    rotated = post(manager, f"{page}/secret", page)
    assert "whsec_" in rotated.text
    assert post(manager, f"{page}/remove", page).status_code == 303
    assert manager.get(page).status_code == 404


@pytest.mark.parametrize(
    ("url", "status"),
    [
        ("http://hooks.example.com/", 400),
        ("https://127.0.0.1/", 403),
        ("https://10.0.0.8:8443/x", 403),
        ("https://localhost/", 403),
        ("", 400),
    ],
)
def test_an_address_that_is_not_public_https_is_refused_and_stays_in_the_form(
    manager, context, url, status
):
    answer = post(manager, "/webhooks", "/webhooks", url=url)
    assert answer.status_code == status
    assert f'value="{url}"' in answer.text
    assert webhooks.listing(context, members.by_email(context, "boss@example.org")) == ()


def test_older_deliveries_stand_on_pages_of_their_own(manager, context, public_names):
    boss = members.by_email(context, "boss@example.org")
    hook = webhooks.add(context, boss, "https://hooks.example.com/", [], NOW).webhook.id
    for _ in range(27):
        webhooks.send_test(context, hook, boss, NOW)
    first = manager.get(f"/webhooks/{hook}").text
    assert first.count("webhook.test</code>") == 25
    older = first.split("before=")[1].split('"')[0]
    assert manager.get(f"/webhooks/{hook}?before={older}").text.count("webhook.test</code>") == 2
    assert manager.get(f"/webhooks/{hook}?before=nonsense").status_code == 404


def test_webhooks_are_no_business_of_members(nari):
    assert nari.get("/webhooks").status_code == 403
    assert "/webhooks" not in nari.get("/organisation").text
