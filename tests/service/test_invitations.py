"""From an address to a member: invitations, registrations of organisations."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from testbed.domain.errors import IllegalTransition, InvalidRequest, NotAllowed, NotFound
from testbed.domain.parties import Role
from testbed.persistence import convert
from testbed.persistence.account_tables import invitation, registration
from testbed.persistence.engine import Database
from testbed.persistence.job_tables import mail
from testbed.persistence.tables import audit, outbox
from testbed.service import invitations, members, registrations
from testbed.service.context import Context
from testbed.service.registrations import Proposal
from tests.catalogues import NOW
from tests.people import PASSWORD, join, province

PROPOSAL = Proposal("Nari Motors", "나리모터스", "startup_sme", "ansan", "industry", "Nari Kim")
SECOND = timedelta(seconds=1)


@pytest.fixture
def ctx(database: Database) -> Context:
    return province(database)


def tickets_for(ctx: Context, email: str) -> list[str]:
    """The tickets of the mails to an address, in their order."""
    query = select(mail.c.fields).where(mail.c.recipient == email).order_by(mail.c.id)
    with ctx.database.reading() as connection:
        found = [convert.load(each) for each in connection.execute(query).scalars()]
    return [each["ticket"] for each in found if "ticket" in each]


def test_an_invited_person_becomes_a_member_and_signs_in(ctx: Context) -> None:
    manager = join(ctx, Role.MANAGER)
    invitations.invite(ctx, "org-a", "New@Example.org ", Role.MEMBER, NOW, actor=manager)
    [text] = tickets_for(ctx, "new@example.org")
    assert invitations.look(ctx, text, NOW).organisation == "org-a"
    added = invitations.accept(ctx, text, "Na Ri", PASSWORD, NOW)
    assert (added.organisation, added.role) == ("org-a", Role.MEMBER)
    assert members.sign_in(ctx, "new@example.org", PASSWORD) == added


def test_an_invitation_serves_once(ctx: Context) -> None:
    invitations.invite(ctx, "org-a", "a@b.org", Role.MEMBER, NOW, actor=join(ctx, Role.MANAGER))
    [text] = tickets_for(ctx, "a@b.org")
    invitations.accept(ctx, text, "A", PASSWORD, NOW)
    with pytest.raises(NotFound, match="invitation"):
        invitations.accept(ctx, text, "B", PASSWORD, NOW)


def test_an_invitation_expires_to_the_second(ctx: Context) -> None:
    invitations.invite(ctx, "org-a", "a@b.org", Role.MEMBER, NOW, actor=join(ctx, Role.MANAGER))
    [text] = tickets_for(ctx, "a@b.org")
    end = NOW + invitations.VALID
    with pytest.raises(NotFound, match="invitation"):
        invitations.accept(ctx, text, "A", PASSWORD, end)
    assert invitations.accept(ctx, text, "A", PASSWORD, end - SECOND).email == "a@b.org"


def test_a_second_invitation_ends_the_first(ctx: Context) -> None:
    manager = join(ctx, Role.MANAGER)
    for _ in range(2):
        invitations.invite(ctx, "org-a", "a@b.org", Role.MEMBER, NOW, actor=manager)
    first, second = tickets_for(ctx, "a@b.org")
    with pytest.raises(NotFound):
        invitations.look(ctx, first, NOW)
    assert invitations.look(ctx, second, NOW).email == "a@b.org"
    assert len(invitations.listing(ctx, "org-a", NOW, manager)) == 1


def test_an_invitation_that_expired_can_be_sent_again(ctx: Context) -> None:
    manager, rival = join(ctx, Role.MANAGER), join(ctx, Role.MANAGER, "org-b")
    made = invitations.invite(
        ctx, "org-a", "a@b.org", Role.OBSERVER, NOW, actor=manager, language="en"
    )
    later = NOW + invitations.VALID + SECOND
    [listed] = invitations.listing(ctx, "org-a", later, manager)
    assert (listed.id, listed.is_open(later)) == (made.id, False)
    with pytest.raises(NotFound):
        invitations.resend(ctx, made.id, later, rival)
    again = invitations.resend(ctx, made.id, later, manager)
    assert (again.email, again.role, again.language) == ("a@b.org", Role.OBSERVER, "en")
    old, new = tickets_for(ctx, "a@b.org")
    with pytest.raises(NotFound):
        invitations.look(ctx, old, later)
    assert invitations.look(ctx, new, later) == again
    assert invitations.listing(ctx, "org-a", later, manager) == (again,)


def test_one_that_expired_a_month_ago_is_listed_no_more(ctx: Context) -> None:
    manager = join(ctx, Role.MANAGER)
    invitations.invite(ctx, "org-a", "a@b.org", Role.MEMBER, NOW, actor=manager)
    gone = NOW + invitations.VALID + invitations.LISTED
    assert len(invitations.listing(ctx, "org-a", gone - SECOND, manager)) == 1
    assert invitations.listing(ctx, "org-a", gone, manager) == ()


def test_a_withdrawn_invitation_opens_nothing(ctx: Context) -> None:
    manager, rival = join(ctx, Role.MANAGER), join(ctx, Role.MANAGER, "org-b")
    made = invitations.invite(ctx, "org-a", "a@b.org", Role.MEMBER, NOW, actor=manager)
    with pytest.raises(NotFound):
        invitations.withdraw(ctx, made.id, NOW, rival)
    invitations.withdraw(ctx, made.id, NOW, manager)
    with pytest.raises(NotFound):
        invitations.look(ctx, tickets_for(ctx, "a@b.org")[0], NOW)
    with pytest.raises(NotFound):
        invitations.withdraw(ctx, made.id, NOW, manager)


@pytest.mark.parametrize(
    ("inviter", "organisation", "role", "code"),
    [
        (Role.MANAGER, "org-b", Role.MEMBER, "other_organisation"),
        (Role.MANAGER, "org-a", Role.OPERATOR, "role_not_given_here"),
        (Role.MANAGER, "org-a", Role.ADMINISTRATOR, "role_not_given_here"),
        (Role.MANAGER, "org-a", Role.PLANNER, "role_not_given_here"),
        (Role.MEMBER, "org-a", Role.MEMBER, "managers_only"),
        (Role.OPERATOR, "org-a", Role.MEMBER, "managers_only"),
        (Role.OBSERVER, "org-a", Role.OBSERVER, "managers_only"),
        (Role.PLANNER, "org-a", Role.MEMBER, "managers_only"),
    ],
)
def test_nobody_invites_beyond_their_own(
    ctx: Context, inviter: Role, organisation: str, role: Role, code: str
) -> None:
    actor = join(ctx, inviter)
    with pytest.raises(NotAllowed, match=code):
        invitations.invite(ctx, organisation, "a@b.org", role, NOW, actor=actor)
    assert tickets_for(ctx, "a@b.org") == []


def test_an_administrator_invites_operators_of_any_organisation(ctx: Context) -> None:
    administrator = join(ctx, Role.ADMINISTRATOR)
    invitations.invite(ctx, "org-op", "a@b.org", Role.OPERATOR, NOW, actor=administrator)
    added = invitations.accept(ctx, tickets_for(ctx, "a@b.org")[0], "Oh", PASSWORD, NOW)
    assert (added.organisation, added.role) == ("org-op", Role.OPERATOR)


def test_whose_member_an_address_is_shows_only_to_its_own(ctx: Context) -> None:
    manager, rival = join(ctx, Role.MANAGER), join(ctx, organisation="org-b")
    with pytest.raises(InvalidRequest, match="email_known"):
        invitations.invite(ctx, "org-a", manager.email, Role.MEMBER, NOW, actor=manager)
    invitations.invite(ctx, "org-a", rival.email, Role.MEMBER, NOW, actor=manager)
    [text] = tickets_for(ctx, rival.email)
    with pytest.raises(InvalidRequest, match="email_known"):
        invitations.accept(ctx, text, "Rival", PASSWORD, NOW)
    assert invitations.look(ctx, text, NOW).email == rival.email


@pytest.mark.parametrize(
    ("name", "password", "language", "code"),
    [
        ("  ", PASSWORD, "ko", "bad_name"),
        ("a\nb", PASSWORD, "ko", "bad_name"),
        ("n" * 101, PASSWORD, "ko", "bad_name"),
        ("A", "short", "ko", "password_length"),
        ("A", "x" * 1025, "ko", "password_length"),
        ("A", PASSWORD, "fr", "unknown_language"),
    ],
)
def test_what_cannot_be_accepted_leaves_the_invitation_open(
    ctx: Context, name: str, password: str, language: str, code: str
) -> None:
    invitations.invite(ctx, "org-a", "a@b.org", Role.MEMBER, NOW, actor=join(ctx, Role.MANAGER))
    [text] = tickets_for(ctx, "a@b.org")
    with pytest.raises(InvalidRequest, match=code):
        invitations.accept(ctx, text, name, password, NOW, language=language)
    assert invitations.look(ctx, text, NOW).role is Role.MEMBER


def test_no_ticket_stands_beside_its_mail(ctx: Context) -> None:
    invitations.invite(ctx, "org-a", "a@b.org", Role.MEMBER, NOW, actor=join(ctx, Role.MANAGER))
    secret = tickets_for(ctx, "a@b.org")[0].partition("-")[2]
    with ctx.database.reading() as connection:
        for table in (invitation, audit, outbox):
            assert secret not in str(connection.execute(select(table)).all())


# -- organisations that ask ------------------------------------------------------------------


def test_an_approved_organisation_appears_with_its_contact_as_manager(ctx: Context) -> None:
    administrator = join(ctx, Role.ADMINISTRATOR)
    asked = registrations.ask(ctx, PROPOSAL, "nari@motors.org", NOW, "en")
    assert all(each.name.en != "Nari Motors" for each in members.all_organisations(ctx).values())
    [waits] = registrations.waiting(ctx, administrator)
    assert (waits.id, waits.proposal) == (asked, PROPOSAL)
    made = registrations.approve(ctx, asked, NOW, administrator, "org-nari")
    assert members.organisation(ctx, "org-nari") == made
    manager = invitations.accept(
        ctx, tickets_for(ctx, "nari@motors.org")[0], "Nari Kim", PASSWORD, NOW
    )
    assert (manager.organisation, manager.role) == ("org-nari", Role.MANAGER)
    assert registrations.waiting(ctx, administrator) == ()


def test_a_rejected_organisation_hears_why_and_appears_nowhere(ctx: Context) -> None:
    administrator = join(ctx, Role.ADMINISTRATOR)
    before = members.all_organisations(ctx)
    asked = registrations.ask(ctx, PROPOSAL, "nari@motors.org", NOW)
    registrations.reject(ctx, asked, "No vehicles yet.", NOW, administrator)
    with ctx.database.reading() as connection:
        [written] = connection.execute(select(mail)).all()
    assert (written.kind, written.recipient) == ("registration_rejected", "nari@motors.org")
    assert convert.load(written.fields) == {"name": "나리모터스", "reason": "No vehicles yet."}
    assert members.all_organisations(ctx) == before


def test_a_registration_is_decided_once_and_by_administrators(ctx: Context) -> None:
    administrator = join(ctx, Role.ADMINISTRATOR)
    asked = registrations.ask(ctx, PROPOSAL, "nari@motors.org", NOW)
    for role in set(Role) - {Role.ADMINISTRATOR}:
        with pytest.raises(NotAllowed, match="administrators_only"):
            registrations.approve(ctx, asked, NOW, join(ctx, role))
    registrations.approve(ctx, asked, NOW, administrator)
    with pytest.raises(IllegalTransition, match="registration_decided"):
        registrations.reject(ctx, asked, "late", NOW, administrator)


def test_an_organisation_never_takes_the_place_of_another(ctx: Context) -> None:
    asked = registrations.ask(ctx, PROPOSAL, "nari@motors.org", NOW)
    administrator = join(ctx, Role.ADMINISTRATOR)
    with pytest.raises(InvalidRequest, match="organisation_known"):
        registrations.approve(ctx, asked, NOW, administrator, "org-a")
    assert len(registrations.waiting(ctx, administrator)) == 1


def test_one_address_asks_once_a_day(ctx: Context) -> None:
    registrations.ask(ctx, PROPOSAL, "nari@motors.org", NOW)
    day = timedelta(days=1)
    with pytest.raises(InvalidRequest, match="registration_waits"):
        registrations.ask(ctx, PROPOSAL, "NARI@motors.org", NOW + day - SECOND)
    registrations.ask(ctx, PROPOSAL, "nari@motors.org", NOW + day)
    with ctx.database.reading() as connection:
        assert len(connection.execute(select(registration)).all()) == 2


def test_a_proposal_with_unreadable_text_is_refused_naming_the_field(ctx: Context) -> None:
    broken = Proposal("Nari\0", "나리", "startup_sme", None, "industry", "Nari")
    with pytest.raises(InvalidRequest, match="field=name_en"):
        registrations.ask(ctx, broken, "nari@motors.org", NOW)
