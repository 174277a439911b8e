"""Members and invitations as pages show them, and where an organisation's page is."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from flask import url_for

from testbed.domain.parties import Role
from testbed.service.accounts import Account
from testbed.service.invitations import Invitation
from web.deps import DEFAULT_ZONE, me, organisations
from web.labels import ROLES, label
from web.languages import LANGUAGES, text
from web.present import moment_text


@dataclass(frozen=True, slots=True)
class Person:
    """A member, ready to print."""

    id: int
    name: str
    email: str
    role: str
    is_manager: bool
    organisation: str
    organisation_name: str
    language: str
    is_active: bool
    signed_in: str
    joined: str
    is_me: bool


@dataclass(frozen=True, slots=True)
class Invited:
    """An invitation, ready to print."""

    id: str
    email: str
    role: str
    language: str
    until: str
    is_open: bool


def person(account: Account) -> Person:
    """A member as pages show them."""
    member, signed_in = account.member, account.signed_in_at
    return Person(
        id=member.id,
        name=member.name,
        email=member.email,
        role=label(ROLES, member.role),
        is_manager=member.role is Role.MANAGER,
        organisation=member.organisation,
        organisation_name=text(organisations()[member.organisation].name),
        language=LANGUAGES[account.language],
        is_active=account.active,
        signed_in=moment_text(signed_in, DEFAULT_ZONE) if signed_in else "",
        joined=moment_text(account.created_at, DEFAULT_ZONE),
        is_me=member.id == me().id,
    )


def invited(found: Iterable[Invitation], now: datetime) -> list[Invited]:
    """Invitations as pages show them."""
    return [
        Invited(
            id=each.id,
            email=each.email,
            role=label(ROLES, each.role),
            language=LANGUAGES[each.language],
            until=moment_text(each.expires_at, DEFAULT_ZONE),
            is_open=each.is_open(now),
        )
        for each in found
    ]


def organisation_address(organisation: str) -> str:
    """The page of an organisation's members: one's own, or the administrators' of any other."""
    if organisation == me().organisation:
        return url_for("organisation.index")
    return url_for("admin.organisation", organisation_id=organisation)
