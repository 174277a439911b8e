"""Tokens of programs: shown once, scoped by role, revocable."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from testbed.domain.errors import InvalidRequest, NotAllowed, NotFound
from testbed.domain.parties import Role
from testbed.persistence.account_tables import api_token
from testbed.persistence.engine import Database
from testbed.persistence.tables import audit, member, outbox
from testbed.service import tokens
from testbed.service.context import Context
from testbed.service.tokens import SCOPES_OF, Scope
from tests.catalogues import NOW
from tests.people import join, province


@pytest.fixture
def ctx(database: Database) -> Context:
    return province(database)


def test_a_token_opens_what_its_scopes_say_in_its_members_name(ctx: Context) -> None:
    person = join(ctx)
    created = tokens.create(ctx, person, "CI", ["read"], NOW)
    assert tokens.verify(ctx, created.text, NOW) == (person, {Scope.READ})


def test_the_secret_is_nowhere_in_the_database(ctx: Context) -> None:
    created = tokens.create(ctx, join(ctx), "CI", ["read"], NOW)
    secret = created.text.partition("-")[2]
    with ctx.database.reading() as connection:
        for table in (api_token, audit, outbox):
            assert secret not in str(connection.execute(select(table)).all())


def test_a_changed_a_shortened_and_an_invented_token_open_nothing(ctx: Context) -> None:
    text = tokens.create(ctx, join(ctx), "CI", ["read"], NOW).text
    other = "0" if text[-1] != "0" else "1"
    for wrong in (
        text[:-1] + other,
        text[:-1],
        text.split("-")[0],
        "nobody-nothing",
        "",
        "-",
        "\0",
    ):
        assert tokens.verify(ctx, wrong, NOW) is None


@pytest.mark.parametrize("role", list(Role))
def test_no_role_gets_a_scope_beyond_its_own(ctx: Context, role: Role) -> None:
    person = join(ctx, role)
    for scope in set(Scope) - SCOPES_OF[role]:
        with pytest.raises(NotAllowed, match="scope_of_other_role"):
            tokens.create(ctx, person, "CI", [scope], NOW)
    created = tokens.create(ctx, person, "CI", SCOPES_OF[role], NOW)
    bearer = tokens.verify(ctx, created.text, NOW)
    assert bearer is not None
    assert bearer.scopes == SCOPES_OF[role]


def test_an_unknown_scope_and_none_at_all_are_refused(ctx: Context) -> None:
    person = join(ctx, Role.ADMINISTRATOR)
    for scopes in (["read", "everything"], []):
        with pytest.raises(InvalidRequest, match="unknown_scope"):
            tokens.create(ctx, person, "CI", scopes, NOW)


def test_a_token_loses_what_its_members_role_lost(ctx: Context) -> None:
    person = join(ctx, Role.OPERATOR)
    text = tokens.create(ctx, person, "CI", ["read", "operate"], NOW).text
    with ctx.database.writing() as connection:
        connection.execute(member.update().values(role="observer"))
    bearer = tokens.verify(ctx, text, NOW)
    assert bearer is not None
    assert bearer.scopes == {Scope.READ}


def test_the_token_of_an_inactive_member_opens_nothing(ctx: Context) -> None:
    text = tokens.create(ctx, join(ctx), "CI", ["read"], NOW).text
    with ctx.database.writing() as connection:
        connection.execute(member.update().values(active=False))
    assert tokens.verify(ctx, text, NOW) is None


def test_a_revoked_token_opens_nothing_and_is_listed_no_more(ctx: Context) -> None:
    person = join(ctx)
    created = tokens.create(ctx, person, "CI", ["read"], NOW)
    tokens.revoke(ctx, created.token.id, NOW, person)
    assert tokens.verify(ctx, created.text, NOW) is None
    assert tokens.listing(ctx, person) == ()
    with pytest.raises(NotFound):
        tokens.revoke(ctx, created.token.id, NOW, person)


def test_only_the_owner_and_an_administrator_revoke_a_token(ctx: Context) -> None:
    owner, rival = join(ctx), join(ctx, organisation="org-b")
    first, second = (tokens.create(ctx, owner, "CI", ["read"], NOW) for _ in range(2))
    with pytest.raises(NotFound):
        tokens.revoke(ctx, first.token.id, NOW, rival)
    tokens.revoke(ctx, first.token.id, NOW, owner)
    tokens.revoke(ctx, second.token.id, NOW, join(ctx, Role.ADMINISTRATOR))
    assert tokens.listing(ctx, owner) == ()


def test_a_use_is_noted_but_not_every_one(ctx: Context) -> None:
    person = join(ctx)
    text = tokens.create(ctx, person, "CI", ["read"], NOW).text
    seen = []
    for minutes in (1, 2, 5.9, 6):
        tokens.verify(ctx, text, NOW + timedelta(minutes=minutes))
        used = tokens.listing(ctx, person)[0].last_used_at
        seen.append(used and used - NOW)
    first, later = timedelta(minutes=1), timedelta(minutes=6)
    assert seen == [first, first, first, later]


def test_a_member_has_only_so_many_tokens(ctx: Context) -> None:
    person = join(ctx)
    for number in range(tokens.MOST_TOKENS):
        tokens.create(ctx, person, f"CI {number}", ["read"], NOW)
    with pytest.raises(InvalidRequest, match="too_many_tokens"):
        tokens.create(ctx, person, "one more", ["read"], NOW)
