"""Accounts: sessions and what ends them, roles, passwords."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from testbed.domain.errors import InvalidRequest, NotAllowed, NotFound
from testbed.domain.parties import Role
from testbed.persistence.account_tables import password_reset
from testbed.persistence.engine import Database
from testbed.persistence.job_tables import mail
from testbed.persistence.tables import audit
from testbed.service import accounts, members, password_resets, sessions, tokens
from testbed.service.context import Context
from tests.catalogues import NOW
from tests.people import PASSWORD, join, province
from tests.service.test_invitations import tickets_for

NEW = "another long password"
SECOND = timedelta(seconds=1)


@pytest.fixture
def ctx(database: Database) -> Context:
    return province(database)


def test_a_session_knows_its_member_again(ctx: Context) -> None:
    person = join(ctx)
    assert sessions.owner(ctx, sessions.begin(ctx, person, NOW)) == person


@pytest.mark.parametrize(
    "session",
    ["", "1", "1.0", "1.0.", "x.0.a", "1.x.a", "999.0.a", "1.1.a", "-1.0.a", "².0.a", "1.0.a.b"],
)
def test_a_session_that_nobody_began_knows_nobody(ctx: Context, session: str) -> None:
    join(ctx)
    assert sessions.owner(ctx, session) is None


def test_signing_out_ends_one_session_and_leaves_the_others(ctx: Context) -> None:
    person = join(ctx)
    here, there = (sessions.begin(ctx, person, NOW) for _ in range(2))
    for _ in range(2):
        sessions.end(ctx, here, NOW)
    assert sessions.owner(ctx, here) is None
    assert sessions.owner(ctx, there) == person


def test_ended_sessions_are_forgotten_when_no_cookie_can_name_them(ctx: Context) -> None:
    sessions.end(ctx, sessions.begin(ctx, join(ctx), NOW), NOW)
    assert sessions.forget(ctx, NOW + sessions.KEPT_FOR) == 0
    assert sessions.forget(ctx, NOW + sessions.KEPT_FOR + SECOND) == 1


def test_the_last_sign_in_of_a_member_is_known(ctx: Context) -> None:
    person = join(ctx)
    assert accounts.account(ctx, person.id, person).signed_in_at is None
    sessions.begin(ctx, person, NOW)
    assert accounts.account(ctx, person.id, person).signed_in_at == NOW


def test_a_reset_password_signs_in_and_ends_every_session(ctx: Context) -> None:
    person = join(ctx)
    session = sessions.begin(ctx, person, NOW)
    password_resets.ask(ctx, person.email.upper(), NOW)
    [text] = tickets_for(ctx, person.email)
    assert password_resets.complete(ctx, text, NEW, NOW) == person
    assert sessions.owner(ctx, session) is None
    assert members.sign_in(ctx, person.email, PASSWORD) is None
    assert members.sign_in(ctx, person.email, NEW) == person


def test_a_reset_serves_once_and_ends_the_others(ctx: Context) -> None:
    person = join(ctx)
    for _ in range(2):
        password_resets.ask(ctx, person.email, NOW)
    first, second = tickets_for(ctx, person.email)
    password_resets.complete(ctx, second, NEW, NOW)
    for used in (first, second):
        with pytest.raises(NotFound, match="password_reset"):
            password_resets.complete(ctx, used, PASSWORD, NOW)


def test_a_reset_expires_to_the_second(ctx: Context) -> None:
    person = join(ctx)
    password_resets.ask(ctx, person.email, NOW)
    [text] = tickets_for(ctx, person.email)
    end = NOW + password_resets.VALID
    with pytest.raises(NotFound):
        password_resets.look(ctx, text, end)
    assert password_resets.look(ctx, text, end - SECOND) == person


def test_asking_for_nobodys_address_looks_the_same_and_sends_nothing(ctx: Context) -> None:
    gone = join(ctx)
    accounts.deactivate(ctx, gone.id, NOW, join(ctx, Role.MANAGER))
    for address in ("nobody@example.org", gone.email, "no address", "a\0b"):
        password_resets.ask(ctx, address, NOW)
    with ctx.database.reading() as connection:
        assert connection.execute(select(mail)).all() == []
        assert connection.execute(select(password_reset)).all() == []


def test_no_more_than_three_resets_are_mailed_in_an_hour(ctx: Context) -> None:
    person = join(ctx)
    for minute in range(10):
        password_resets.ask(ctx, person.email, NOW + timedelta(minutes=minute))
    assert len(tickets_for(ctx, person.email)) == password_resets.MOST_OPEN
    password_resets.ask(ctx, person.email, NOW + timedelta(hours=2))
    assert len(tickets_for(ctx, person.email)) == password_resets.MOST_OPEN + 1


def test_a_reset_with_a_short_password_keeps_its_ticket(ctx: Context) -> None:
    person = join(ctx)
    password_resets.ask(ctx, person.email, NOW)
    [text] = tickets_for(ctx, person.email)
    with pytest.raises(InvalidRequest, match="password_length"):
        password_resets.complete(ctx, text, "short", NOW)
    assert password_resets.look(ctx, text, NOW) == person


def test_ones_own_password_changes_only_with_the_old_one(ctx: Context) -> None:
    person = join(ctx)
    session = sessions.begin(ctx, person, NOW)
    with pytest.raises(NotAllowed, match="wrong_password"):
        accounts.change_password(ctx, person, "not the old one", NEW, NOW)
    assert sessions.owner(ctx, session) == person
    accounts.change_password(ctx, person, PASSWORD, NEW, NOW)
    assert sessions.owner(ctx, session) is None
    assert members.sign_in(ctx, person.email, NEW) == person


def test_signing_out_everywhere_ends_sessions_and_keeps_the_password(ctx: Context) -> None:
    person = join(ctx)
    session = sessions.begin(ctx, person, NOW)
    accounts.sign_out_everywhere(ctx, person, NOW)
    assert sessions.owner(ctx, session) is None
    assert members.sign_in(ctx, person.email, PASSWORD) == person


def test_a_deactivated_member_is_out_by_every_door(ctx: Context) -> None:
    person, manager = join(ctx), join(ctx, Role.MANAGER)
    session = sessions.begin(ctx, person, NOW)
    token = tokens.create(ctx, person, "CI", ["read"], NOW)
    accounts.deactivate(ctx, person.id, NOW, manager)
    assert sessions.owner(ctx, session) is None
    assert members.by_id(ctx, person.id) is None
    assert members.sign_in(ctx, person.email, PASSWORD) is None
    assert tokens.verify(ctx, token.text, NOW) is None
    accounts.reactivate(ctx, person.id, NOW, manager)
    assert members.sign_in(ctx, person.email, PASSWORD) == person
    assert sessions.owner(ctx, session) is None
    assert tokens.verify(ctx, token.text, NOW) is None


def test_another_role_begins_a_new_session(ctx: Context) -> None:
    person, manager = join(ctx), join(ctx, Role.MANAGER)
    session = sessions.begin(ctx, person, NOW)
    changed = accounts.change_role(ctx, person.id, Role.OBSERVER, NOW, manager)
    assert changed.role is Role.OBSERVER
    assert sessions.owner(ctx, session) is None


def test_a_manager_cannot_reach_beyond_their_organisation_and_roles(ctx: Context) -> None:
    manager, rival = join(ctx, Role.MANAGER), join(ctx, organisation="org-b")
    operator, person = join(ctx, Role.OPERATOR), join(ctx)
    with pytest.raises(NotFound):
        accounts.deactivate(ctx, rival.id, NOW, manager)
    with pytest.raises(NotFound):
        accounts.account(ctx, rival.id, manager)
    with pytest.raises(NotAllowed, match="role_not_given_here"):
        accounts.change_role(ctx, operator.id, Role.MEMBER, NOW, manager)
    with pytest.raises(NotAllowed, match="role_not_given_here"):
        accounts.change_role(ctx, person.id, Role.ADMINISTRATOR, NOW, manager)
    with pytest.raises(NotAllowed, match="other_organisation"):
        accounts.listing(ctx, manager, "org-b")
    with pytest.raises(NotAllowed, match="other_organisation"):
        accounts.listing(ctx, manager)


@pytest.mark.parametrize("role", [Role.MEMBER, Role.OBSERVER, Role.PLANNER, Role.OPERATOR])
def test_other_roles_manage_nobody(ctx: Context, role: Role) -> None:
    actor, person = join(ctx, role), join(ctx, name="other")
    with pytest.raises(NotFound):
        accounts.change_role(ctx, person.id, Role.OBSERVER, NOW, actor)
    with pytest.raises(NotAllowed, match="managers_only"):
        accounts.listing(ctx, actor, "org-a")
    assert accounts.account(ctx, actor.id, actor).member == actor


def test_the_last_administrator_stays(ctx: Context) -> None:
    first, second = join(ctx, Role.ADMINISTRATOR), join(ctx, Role.ADMINISTRATOR, name="second")
    accounts.change_role(ctx, second.id, Role.MEMBER, NOW, first)
    with pytest.raises(InvalidRequest, match="last_administrator"):
        accounts.change_role(ctx, first.id, Role.MEMBER, NOW, first)
    with pytest.raises(InvalidRequest, match="last_administrator"):
        accounts.deactivate(ctx, first.id, NOW, first)


def test_the_members_of_an_organisation_are_listed_active_ones_first(ctx: Context) -> None:
    manager, gone = join(ctx, Role.MANAGER), join(ctx, name="absent")
    accounts.deactivate(ctx, gone.id, NOW, manager)
    accounts.set_profile(ctx, manager, "Manager", "en", NOW)
    listed = accounts.listing(ctx, manager, "org-a")
    assert [(each.member.id, each.active, each.language) for each in listed] == [
        (manager.id, True, "en"),
        (gone.id, False, "ko"),
    ]


def test_a_member_sees_the_colleagues_who_are_still_there(ctx: Context) -> None:
    manager, gone, person = join(ctx, Role.MANAGER), join(ctx, name="absent"), join(ctx)
    join(ctx, organisation="org-b")
    accounts.deactivate(ctx, gone.id, NOW, manager)
    listed = accounts.colleagues(ctx, person)
    assert [each.member.id for each in listed] == [manager.id, person.id]


@pytest.mark.parametrize(
    ("name", "language", "code"),
    [("  ", "ko", "bad_name"), ("a\nb", "ko", "bad_name"), ("A", "fr", "unknown_language")],
)
def test_a_name_and_language_that_cannot_be_are_refused(
    ctx: Context, name: str, language: str, code: str
) -> None:
    person = join(ctx)
    with pytest.raises(InvalidRequest, match=code):
        accounts.set_profile(ctx, person, name, language, NOW)
    assert members.by_id(ctx, person.id) == person


def test_what_happens_to_an_account_is_in_the_audit(ctx: Context) -> None:
    person, manager = join(ctx), join(ctx, Role.MANAGER)
    accounts.change_role(ctx, person.id, Role.OBSERVER, NOW, manager)
    accounts.deactivate(ctx, person.id, NOW, manager)
    mine = audit.c.subject == f"member:{person.id}"
    query = select(audit.c.actor, audit.c.action).where(mine).order_by(audit.c.id)
    with ctx.database.reading() as connection:
        assert [tuple(row) for row in connection.execute(query)] == [
            ("system", "member.added"),
            (f"member:{manager.id}", "member.role_changed"),
            (f"member:{manager.id}", "member.deactivated"),
        ]
