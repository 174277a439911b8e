"""Invitations: how a person becomes a member of an organisation.

The mail carries a ticket; whoever opens it shows that the address is theirs.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, insert, select, update

from testbed.domain.errors import InvalidRequest, NotAllowed, NotFound
from testbed.domain.parties import Member, Role
from testbed.persistence.account_tables import invitation as table
from testbed.persistence.tables import member as member_table
from testbed.service import members, outbox, passwords, tickets
from testbed.service.actors import name_of, require_manages, require_may_give
from testbed.service.context import Context
from testbed.service.outbox import Mail
from testbed.service.tickets import Ticket
from testbed.service.write import Write, run

VALID = timedelta(days=7)
# How long one that expired is still shown to whoever might send it again.
LISTED = timedelta(days=30)
LONGEST_NAME = 100
LANGUAGES = ("ko", "en")


@dataclass(frozen=True, slots=True)
class Invitation:
    """An invitation that is open until `expires_at`, or was accepted or withdrawn before."""

    id: str
    organisation: str
    email: str
    role: Role
    language: str
    expires_at: datetime

    def is_open(self, now: datetime) -> bool:
        """Whether it may still be accepted as far as time goes; `expires_at` is too late."""
        return now < self.expires_at


def invite(
    ctx: Context,
    organisation: str,
    email: str,
    role: Role,
    now: datetime,
    *,
    actor: Member,
    language: str = "ko",
) -> Invitation:
    """Invite a person by mail; an older open invitation of theirs to the organisation ends.

    Raises NotAllowed for a role or organisation beyond what the actor may give, InvalidRequest:
    "bad_email", "unknown_language", "email_known" where the address is of the organisation already
    (that it belongs to another organisation's member shows only to whoever accepts).
    """
    require_may_give(actor, organisation, role)
    address, spoken = members.checked_email(email), checked_language(language)

    def work(write: Write) -> Invitation:
        write.lock_organisation(organisation)
        _refuse_own_member(write.connection, organisation, address)
        _withdraw(write, (table.c.email == address) & (table.c.organisation == organisation))
        return send(write, organisation, address, role, spoken)

    return run(ctx, now, actor, work)


def send(write: Write, organisation: str, email: str, role: Role, language: str) -> Invitation:
    """Write an invitation and its mail in a transaction."""
    ticket = tickets.issue(write.ctx)
    made = Invitation(ticket.id, organisation, email, role, language, write.now + VALID)
    row = {
        "id": made.id,
        "digest": ticket.digest,
        "organisation": organisation,
        "email": email,
        "role": role.value,
        "language": language,
        "invited_by": name_of(write.actor),
        "created_at": write.now,
        "expires_at": made.expires_at,
    }
    write.connection.execute(insert(table), row)
    fields = {
        "ticket": ticket.text,
        "organisation": organisation,
        "role": role.value,
        "until": made.expires_at.isoformat(),
    }
    mail = Mail(f"invitation:{made.id}", "invitation", email, language, fields)
    outbox.queue(write.connection, mail, write.now)
    write.note("member.invited", made.id, {"organisation": organisation, "role": role.value})
    return made


def look(ctx: Context, text: str, now: datetime) -> Invitation:
    """The open invitation of a ticket. Raises NotFound("invitation")."""
    with ctx.database.reading() as connection:
        return _opened(connection, tickets.read(text), now)


def accept(
    ctx: Context,
    text: str,
    name: str,
    password: str,
    now: datetime,
    *,
    language: str | None = None,
) -> Member:
    """Become a member by a ticket; it opens nothing afterwards.

    Raises NotFound("invitation") for one that is over, InvalidRequest: "bad_name",
    "password_length", "unknown_language", "email_known".
    """
    called, spoken = checked_name(name), language and checked_language(language)
    look(ctx, text, now)  # a hash costs much: not for everybody who asks
    password_hash = passwords.hashed(password)

    def work(write: Write) -> Member:
        found = _opened(write.connection, tickets.read(text), now)
        person = Member(0, found.organisation, found.email, called, found.role)
        added = members.enter(write, person, password_hash, spoken or found.language)
        _close(write, found.id)
        write.note("member.accepted", f"member:{added.id}", {"invitation": found.id})
        return added

    return run(ctx, now, members.NOBODY, work)


def listing(
    ctx: Context, organisation: str, now: datetime, actor: Member
) -> tuple[Invitation, ...]:
    """The invitations that were neither accepted nor withdrawn, those that end first before.

    Those that expired are still listed for a month. Raises NotAllowed.
    """
    require_manages(actor, organisation)
    mine = (table.c.organisation == organisation) & (table.c.expires_at > now - LISTED)
    query = select(table).where(mine, *_STANDING).order_by(table.c.expires_at, table.c.id)
    with ctx.database.reading() as connection:
        return tuple(_invitation(row) for row in connection.execute(query))


def withdraw(ctx: Context, invitation_id: str, now: datetime, actor: Member) -> Invitation:
    """Let an invitation open nothing any more.

    Raises NotFound("invitation"), for another organisation's too.
    """

    def work(write: Write) -> Invitation:
        found = _managed(write, invitation_id)
        if not _withdraw(write, table.c.id == found.id):
            raise NotFound("invitation")
        write.note("invitation.withdrawn", found.id, {"organisation": found.organisation})
        return found

    return run(ctx, now, actor, work)


def resend(ctx: Context, invitation_id: str, now: datetime, actor: Member) -> Invitation:
    """Send an invitation again, expired or not: a new link for as long; the old one ends.

    Raises NotFound("invitation"), for another organisation's too; NotAllowed for a role beyond what
    the actor may give.
    """

    def work(write: Write) -> Invitation:
        old = _managed(write, invitation_id)
        require_may_give(actor, old.organisation, old.role)
        write.lock_organisation(old.organisation)
        if not _withdraw(write, table.c.id == old.id):
            raise NotFound("invitation")
        return send(write, old.organisation, old.email, old.role, old.language)

    return run(ctx, now, actor, work)


def checked_name(name: str) -> str:
    """A person's name without blanks around it. Raises InvalidRequest("bad_name")."""
    called = name.strip()
    if not 0 < len(called) <= LONGEST_NAME or not called.isprintable():
        raise InvalidRequest("bad_name", longest=LONGEST_NAME)
    return called


def checked_language(language: str) -> str:
    """A language in which mails are written. Raises InvalidRequest("unknown_language")."""
    if language not in LANGUAGES:
        raise InvalidRequest("unknown_language", language=language, known=", ".join(LANGUAGES))
    return language


_STANDING = (table.c.accepted_at.is_(None), table.c.withdrawn_at.is_(None))


def _opened(connection: Connection, ticket: Ticket, now: datetime) -> Invitation:
    query = select(table).where(table.c.id == ticket.id, *_STANDING)
    row = connection.execute(query).one_or_none()
    if not tickets.opens(ticket, row.digest if row else None) or row is None:
        raise NotFound("invitation")
    found = _invitation(row)
    if not found.is_open(now):
        raise NotFound("invitation")
    return found


def _managed(write: Write, invitation_id: str) -> Invitation:
    """An invitation to an organisation that the actor manages."""
    query = select(table).where(table.c.id == invitation_id)
    row = write.connection.execute(query).one_or_none()
    if row is None:
        raise NotFound("invitation")
    try:
        require_manages(write.actor, row.organisation)
    except NotAllowed:
        raise NotFound("invitation") from None
    return _invitation(row)


def _refuse_own_member(connection: Connection, organisation: str, email: str) -> None:
    known = select(member_table.c.id).where(
        member_table.c.email == email, member_table.c.organisation == organisation
    )
    if connection.execute(known).one_or_none():
        raise InvalidRequest("email_known", email=email)


def _close(write: Write, invitation_id: str) -> None:
    """Raises NotFound where another acceptance was quicker."""
    mine = update(table).where(table.c.id == invitation_id, *_STANDING)
    if write.connection.execute(mine.values(accepted_at=write.now)).rowcount != 1:
        raise NotFound("invitation")


def _withdraw(write: Write, which: ColumnElement[bool]) -> bool:
    ended = update(table).where(which, *_STANDING).values(withdrawn_at=write.now)
    return write.connection.execute(ended).rowcount > 0


def _invitation(row: Row[*tuple[Any, ...]]) -> Invitation:
    return Invitation(
        row.id, row.organisation, row.email, Role(row.role), row.language, row.expires_at
    )
