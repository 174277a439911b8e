"""Members, invitations, tokens and registrations as those who look after them see them."""

import re
from datetime import timedelta

import pytest
from limits import parse

from testbed.domain.parties import Member, Role
from testbed.service import accounts, invitations, members, registrations, tokens
from testbed.service.actors import SYSTEM
from testbed.service.registrations import Proposal
from tests.service.test_invitations import tickets_for
from tests.web.conftest import NOW, PASSWORD
from tests.web.reading import Forms, held, press, text_of, token_of
from web import limits

PROPOSAL = Proposal("Saessak Motors", "새싹모터스", "startup_sme", "ansan", "industry", "Kim Sae")


@pytest.fixture
def join(context):
    """Add a member of a role, of Narae unless told otherwise."""

    def add(role, organisation="demo-narae"):
        person = Member(0, organisation, f"{role}@{organisation}.org", role.title(), role)
        return members.add(context, person, PASSWORD, NOW, SYSTEM)

    return add


@pytest.fixture
def manager(join, sign_in):
    return sign_in(join(Role.MANAGER).email)


@pytest.fixture
def administrator(join, sign_in):
    return sign_in(join(Role.ADMINISTRATOR, "org-gyeonggi").email)


@pytest.fixture
def nari_id(context):
    return members.by_email(context, "nari@example.org").id


@pytest.fixture
def waiting(context):
    return registrations.ask(context, PROPOSAL, "sae@example.org", NOW)


def post(browser, address, page="/account", **typed):
    return browser.post(address, data={"csrf_token": token_of(browser.get(page).text), **typed})


def invite(browser, organisation="demo-narae", **changed):
    typed = {"email": "new@example.org", "role": "member", "language": "en", **changed}
    return post(browser, f"/organisations/{organisation}/invitations", **typed)


# -- an organisation -------------------------------------------------------------------------


def test_a_member_sees_the_colleagues_and_nothing_to_press(nari, join):
    join(Role.MANAGER)
    page = nari.get("/organisation")
    assert "Nari (you)" in text_of(page)
    assert "manager@demo-narae.org" in page.text
    assert "nari@example.org" not in page.text
    assert [action for action, _ in Forms(page.text).found] == ["/sign-out"]


def test_a_manager_invites_sends_again_and_withdraws(manager, context):
    assert invite(manager).status_code == 303
    assert "new@example.org" in text_of(manager.get("/organisation"))
    [first] = invitations.listing(context, "demo-narae", NOW, SYSTEM)
    assert first.language == "en"
    post(manager, f"/organisation/invitations/{first.id}/resend")
    [second] = invitations.listing(context, "demo-narae", NOW, SYSTEM)
    assert second.id != first.id
    assert len(tickets_for(context, "new@example.org")) == 2
    post(manager, f"/organisation/invitations/{second.id}/withdraw")
    assert invitations.listing(context, "demo-narae", NOW, SYSTEM) == ()


def test_an_invitation_that_expired_is_shown_as_such(manager, clock):
    invite(manager)
    clock.moment = NOW + invitations.VALID + timedelta(hours=1)
    press_again = manager.get("/sign-in")
    manager.post(
        "/sign-in",
        data={
            "csrf_token": token_of(press_again.text),
            "email": "manager@demo-narae.org",
            "password": PASSWORD,
        },
    )
    assert "✕ expired" in text_of(manager.get("/organisation"))


@pytest.mark.parametrize(
    ("changed", "status", "said"),
    [
        ({"email": "no address"}, 400, "no address is no e-mail address."),
        ({"email": "nari@example.org"}, 400, "already a member with the address"),
        ({"role": "administrator"}, 400, "Not a valid choice."),
    ],
)
def test_an_invitation_that_cannot_be_sent_says_why_and_keeps_what_was_typed(
    manager, context, changed, status, said
):
    answer = invite(manager, **changed)
    assert answer.status_code == status
    assert said in text_of(answer)
    assert changed.get("email", "new@example.org") in answer.text
    assert invitations.listing(context, "demo-narae", NOW, SYSTEM) == ()


def test_an_address_that_is_none_is_answered_beside_its_field_with_what_was_typed(manager):
    page = invite(manager, email="kim@nowhere").text
    field = re.search(r'<input[^>]*name="email"[^>]*>', page)
    assert field is not None
    assert 'value="kim@nowhere"' in field[0]
    assert 'aria-invalid="true"' in field[0]
    assert re.search(r'<p class="error" id="email-error">kim@nowhere is no e-mail address', page)


@pytest.mark.parametrize("organisation", ["demo-gaon", "nothing"])
def test_another_organisation_is_as_if_there_were_none(manager, organisation):
    assert invite(manager, organisation).status_code == 404


def test_another_organisations_invitation_is_as_if_there_were_none(manager, context):
    made = invitations.invite(
        context, "demo-gaon", "g@example.org", Role.MEMBER, NOW, actor=SYSTEM, language="ko"
    )
    for step in ("resend", "withdraw"):
        answer = post(manager, f"/organisation/invitations/{made.id}/{step}")
        assert answer.status_code == 404
    assert invitations.listing(context, "demo-gaon", NOW, SYSTEM) == (made,)


def test_the_hours_of_coming_weeks_stand_beside_what_the_rule_permits(nari):
    assert "all weekly hours are free" in text_of(nari.get("/organisation"))
    press(nari, held(nari, hours="3"), "confirm")
    page = text_of(nari.get("/organisation"))
    assert "2026-12-07 (Mon) – 2026-12-13 (Sun)" in page
    assert "3 of 12 h illustrative" in page


# -- one member ------------------------------------------------------------------------------


def test_a_manager_changes_a_role_and_the_session_ends(manager, nari, nari_id, context):
    page = manager.get(f"/members/{nari_id}")
    assert "nari@example.org" in text_of(page)
    assert post(manager, f"/members/{nari_id}/role", role="observer").status_code == 303
    assert members.by_id(context, nari_id).role is Role.OBSERVER
    assert nari.get("/bookings").status_code == 302


def test_a_manager_ends_and_renews_a_membership(manager, nari_id, context):
    post(manager, f"/members/{nari_id}/deactivate")
    assert members.by_id(context, nari_id) is None
    assert "✕ deactivated" in text_of(manager.get("/organisation"))
    post(manager, f"/members/{nari_id}/reactivate")
    assert members.by_id(context, nari_id) is not None


def test_a_manager_cannot_reach_a_member_of_another_organisation(manager, context):
    rival = members.by_email(context, "gaon@example.org")
    assert manager.get(f"/members/{rival.id}").status_code == 404
    for step in ("role", "deactivate", "reactivate"):
        answer = post(manager, f"/members/{rival.id}/{step}", role="observer")
        assert answer.status_code == 404
    assert members.by_id(context, rival.id) == rival


@pytest.mark.parametrize("step", ["role", "deactivate", "reactivate"])
def test_a_number_that_no_member_can_have_is_nobodys(manager, step):
    assert manager.get(f"/members/{10**20}").status_code == 404
    assert post(manager, f"/members/{10**20}/{step}").status_code == 404


def test_nobody_is_offered_to_change_their_own_role(manager, context):
    mine = members.by_email(context, "manager@demo-narae.org").id
    page = manager.get(f"/members/{mine}")
    assert "This is you." in text_of(page)
    assert f"/members/{mine}/role" not in page.text


def test_the_last_administrator_stays(administrator, join, context, nari_id):
    other = join(Role.ADMINISTRATOR, "demo-gaon")
    post(administrator, f"/members/{other.id}/role", role="member")
    mine = members.by_email(context, "administrator@org-gyeonggi.org")
    answer = post(administrator, f"/members/{mine.id}/role", role="member")
    assert answer.status_code == 400
    assert "last administrator" in text_of(answer)


def test_a_demonstration_account_is_not_deactivated(administrator, context):
    person = Member(0, "demo-narae", "member@demo.test", "Demo", Role.MEMBER)
    person = members.add(context, person, PASSWORD, NOW, SYSTEM)
    assert post(administrator, f"/members/{person.id}/deactivate").status_code == 403
    assert members.by_id(context, person.id) == person


# -- one's own account -----------------------------------------------------------------------


def test_name_and_language_of_mails_are_ones_own_to_choose(nari, nari_id, context):
    assert post(nari, "/account", name="Nari Kim", language="en").status_code == 303
    person = members.by_id(context, nari_id)
    assert person.name == "Nari Kim"
    assert accounts.account(context, nari_id, person).language == "en"
    assert "Saved." in text_of(nari.get("/account"))


def test_an_empty_name_is_refused(nari, nari_id, context):
    assert post(nari, "/account", name=" ", language="en").status_code == 400
    assert members.by_id(context, nari_id).name == "Nari"


def test_a_new_password_ends_the_other_sessions_and_keeps_this_one(nari, sign_in, context):
    phone = sign_in("nari@example.org")
    answer = post(nari, "/account/password", old=PASSWORD, new="another long password")
    assert answer.status_code == 303
    assert nari.get("/bookings").status_code == 200
    assert phone.get("/bookings").status_code == 302
    assert members.sign_in(context, "nari@example.org", "another long password")


def test_without_the_old_password_nothing_changes(nari, context):
    answer = post(nari, "/account/password", old="guess", new="another long password")
    assert answer.status_code == 403
    assert "That is not your password." in text_of(answer)
    assert members.sign_in(context, "nari@example.org", PASSWORD)


def test_signing_out_everywhere_ends_every_session(nari, sign_in):
    phone = sign_in("nari@example.org")
    answer = post(nari, "/account/sign-out-everywhere")
    assert answer.headers["Location"] == "/sign-in"
    assert "Signed out on every device." in text_of(nari.get("/sign-in"))
    assert phone.get("/bookings").status_code == 302


# -- tokens ----------------------------------------------------------------------------------


def test_a_token_is_shown_once_and_opens_the_api(app, nari, context, nari_id):
    made = post(nari, "/account/tokens", name="nightly", scopes=["read"])
    assert made.status_code == 201
    words = text_of(made)
    secret = words.split("Authorization: Bearer ")[1].split('"')[0]
    answer = app.test_client().get("/api/v1/me", headers={"Authorization": f"Bearer {secret}"})
    assert answer.json["organisation"]["id"] == "demo-narae"
    assert "/api/v1/me" in words
    later = nari.get("/account/tokens")
    assert "nightly" in later.text
    assert secret not in later.text
    assert "2026-11-23 (Mon) 10:00 KST" in text_of(later)


def test_a_revoked_token_opens_nothing(nari, context, nari_id):
    made = tokens.create(context, members.by_id(context, nari_id), "CI", ["read"], NOW)
    post(nari, f"/account/tokens/{made.token.id}/revoke")
    assert tokens.verify(context, made.text, NOW) is None
    assert "There is none yet." in text_of(nari.get("/account/tokens"))


def test_the_page_of_tokens_leads_to_the_document_of_the_api(nari):
    assert 'href="/api/v1/openapi.json"' in nari.get("/account/tokens").text
    assert nari.get("/api/v1/openapi.json").json["openapi"] == "3.1.0"


def test_nobody_revokes_anothers_token(gaon, context, nari_id):
    made = tokens.create(context, members.by_id(context, nari_id), "CI", ["read"], NOW)
    assert post(gaon, f"/account/tokens/{made.token.id}/revoke").status_code == 404
    assert tokens.verify(context, made.text, NOW)


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({"name": "", "scopes": ["read"]}, "This field is required."),
        ({"name": "CI"}, "Choose at least one."),
        ({"name": "CI", "scopes": ["admin"]}, "'admin' is not a valid choice"),
    ],
)
def test_a_token_needs_a_name_and_scopes_of_the_role(nari, context, nari_id, typed, said):
    answer = post(nari, "/account/tokens", **typed)
    assert answer.status_code == 400
    assert said in text_of(answer)
    assert tokens.listing(context, members.by_id(context, nari_id)) == ()


# -- administration --------------------------------------------------------------------------


def test_the_administrator_approves_and_the_contact_becomes_manager(
    app, administrator, context, waiting
):
    assert "1 organisation waits" in text_of(administrator.get("/admin"))
    assert "새싹모터스" in text_of(administrator.get("/admin/registrations"))
    answer = post(
        administrator, f"/admin/registrations/{waiting}/approve", organisation="saessak-motors"
    )
    assert answer.status_code == 303
    assert members.organisation(context, "saessak-motors").name.ko == "새싹모터스"
    [ticket] = tickets_for(context, "sae@example.org")
    assert invitations.look(context, ticket, NOW).role is Role.MANAGER
    assert "Approved." in text_of(administrator.get(f"/admin/registrations/{waiting}"))


@pytest.mark.parametrize(
    ("wanted", "said"), [("demo-narae", "already an organisation demo-narae"), ("Ä", "An id has 2")]
)
def test_an_id_that_cannot_be_is_said_and_the_registration_waits_on(
    administrator, context, waiting, wanted, said
):
    address = f"/admin/registrations/{waiting}/approve"
    answer = post(administrator, address, organisation=wanted)
    assert answer.status_code == 400
    assert said in text_of(answer)
    assert wanted in answer.text
    assert len(registrations.waiting(context, SYSTEM)) == 1


def test_a_rejection_needs_a_reason(administrator, context, waiting):
    address = f"/admin/registrations/{waiting}/reject"
    assert post(administrator, address, reason="").status_code == 400
    assert post(administrator, address, reason="No test in sight").status_code == 303
    assert registrations.look(context, waiting, SYSTEM).status == "rejected"
    again = post(administrator, address, reason="No test in sight")
    assert again.status_code == 409


def test_a_registration_that_does_not_exist_has_no_page(administrator):
    address = "/admin/registrations/nothing"
    assert administrator.get(address).status_code == 404
    for step in ("approve", "reject"):
        assert post(administrator, f"{address}/{step}", reason="x").status_code == 404


def test_an_administrator_finds_members_by_name_address_and_organisation(administrator):
    for words in ("nari", "EXAMPLE nari", "narae"):
        found = text_of(administrator.get("/admin/members", query_string={"q": words}))
        assert "nari@example.org" in found
        assert "gaon@example.org" not in found
    assert "No member matches." in text_of(administrator.get("/admin/members?q=xyzzy"))


def test_an_administrator_finds_organisations(administrator):
    found = administrator.get("/admin/organisations?q=narae").text
    assert "/admin/organisations/demo-narae" in found
    assert "/admin/organisations/demo-gaon" not in found


def test_an_administrator_invites_operators_into_any_organisation(administrator, context):
    page = administrator.get("/admin/organisations/demo-gaon")
    assert "gaon@example.org" in page.text
    assert invite(administrator, "demo-gaon", role="operator").status_code == 303
    [made] = invitations.listing(context, "demo-gaon", NOW, SYSTEM)
    assert made.role is Role.OPERATOR


def test_the_menu_of_administration_is_for_administrators(administrator, operator):
    assert "Administration" in text_of(administrator.get("/schedule"))
    assert "Administration" not in text_of(operator.get("/schedule"))


def test_mails_of_invitations_are_limited(app, manager):
    app.extensions[limits.EXTENSION].rates["invite"] = parse("2 per hour")
    answers = [invite(manager, email=f"new{number}@example.org") for number in range(3)]
    assert [answer.status_code for answer in answers] == [303, 303, 429]
