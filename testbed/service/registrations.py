"""Organisations that ask to take part, and the administrator's answer.

Until it is approved an organisation has no row of its own: it can neither book nor be found. With
the approval its contact is invited as its first manager.
"""

import re
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Row, func, insert, select, update

from testbed.domain.catalogue import Name, Provenance
from testbed.domain.errors import IllegalTransition, InvalidRequest, NotFound
from testbed.domain.parties import Member, Organisation, Role
from testbed.persistence import catalogues, convert
from testbed.persistence.account_tables import registration as table
from testbed.persistence.tables import organisation as organisations
from testbed.service import invitations, members, outbox
from testbed.service.actors import name_of, require_administrator
from testbed.service.context import Context
from testbed.service.outbox import Mail
from testbed.service.write import Write, run

LONGEST_NOTE = 1000
LONGEST_NAME = 200
LONGEST_TYPE = 40
ID = re.compile(r"[a-z0-9][a-z0-9-]{1,39}")
# Anybody may ask: what one address, or everybody together, may leave lying about.
MOST_WAITING = 500
ONE_ADDRESS = timedelta(days=1)
REGISTERED = Provenance("public-record", ("name_en", "name_ko"), (), "as registered")


@dataclass(frozen=True, slots=True)
class Proposal:
    """What an organisation says of itself; `note` is what it wants to do."""

    name_en: str
    name_ko: str
    type: str
    city: str | None
    sector: str
    contact: str
    note: str = ""


@dataclass(frozen=True, slots=True)
class Registration:
    """A proposal and where it stands: waiting, approved or rejected."""

    id: str
    proposal: Proposal
    email: str
    language: str
    asked_at: datetime
    status: str
    organisation: str | None


def ask(ctx: Context, proposal: Proposal, email: str, now: datetime, language: str = "ko") -> str:
    """Leave a proposal for the administrators; returns its id.

    Raises InvalidRequest: "bad_email", "bad_proposal" with the field, "unknown_language",
    "registration_waits" where the address asked within a day, "too_many_registrations".
    """
    address, checked = members.checked_email(email), _checked(proposal)
    spoken = invitations.checked_language(language)
    row = {
        "id": ctx.new_id(),
        "document": convert.dump(asdict(checked)),
        "email": address,
        "language": spoken,
        "asked_at": now,
        "status": "waiting",
    }

    def work(write: Write) -> str:
        _refuse_flood(write, address)
        write.connection.execute(insert(table), row)
        write.note("organisation.asked", str(row["id"]), {"name": checked.name_en})
        return str(row["id"])

    return run(ctx, now, members.NOBODY, work)


def waiting(ctx: Context, actor: Member) -> tuple[Registration, ...]:
    """The proposals that wait for an answer, the oldest first. Raises NotAllowed."""
    require_administrator(actor)
    query = select(table).where(table.c.status == "waiting").order_by(table.c.asked_at, table.c.id)
    with ctx.database.reading() as connection:
        return tuple(_registration(row) for row in connection.execute(query))


def look(ctx: Context, registration_id: str, actor: Member) -> Registration:
    """One proposal, decided or not. Raises NotAllowed, NotFound("registration")."""
    require_administrator(actor)
    with ctx.database.reading() as connection:
        mine = select(table).where(table.c.id == registration_id)
        row = connection.execute(mine).one_or_none()
    if row is None:
        raise NotFound("registration", id=registration_id)
    return _registration(row)


def approve(
    ctx: Context,
    registration_id: str,
    now: datetime,
    actor: Member,
    organisation_id: str | None = None,
) -> Organisation:
    """Make an organisation of the proposal, and invite its contact as its manager.

    Raises NotAllowed, NotFound("registration"), IllegalTransition("registration_decided"),
    InvalidRequest("organisation_known") for an id that is taken.
    """
    require_administrator(actor)

    def work(write: Write) -> Organisation:
        asked = _waiting(write, registration_id)
        made = _organisation(_new_id(write, organisation_id or f"org-{asked.id}"), asked.proposal)
        catalogues.write_organisations(write.connection, [made])
        _decide(write, asked, "approved", made.id)
        invitations.send(write, made.id, asked.email, Role.MANAGER, asked.language)
        return made

    return run(ctx, now, actor, work)


def reject(ctx: Context, registration_id: str, reason: str, now: datetime, actor: Member) -> None:
    """Refuse the proposal, and tell its contact why.

    Raises NotAllowed, NotFound("registration"), IllegalTransition("registration_decided"),
    InvalidRequest("bad_proposal") for a reason that is empty or overlong.
    """
    require_administrator(actor)
    why = _checked_text("reason", reason, LONGEST_NOTE)

    def work(write: Write) -> None:
        asked = _waiting(write, registration_id)
        _decide(write, asked, "rejected", None)
        fields = {"name": asdict(asked.proposal)[f"name_{asked.language}"], "reason": why}
        key = f"registration:{asked.id}"
        mail = Mail(key, "registration_rejected", asked.email, asked.language, fields)
        outbox.queue(write.connection, mail, now)

    run(ctx, now, actor, work)


def _waiting(write: Write, registration_id: str) -> Registration:
    mine = select(table).where(table.c.id == registration_id).with_for_update()
    row = write.connection.execute(mine).one_or_none()
    if row is None:
        raise NotFound("registration", id=registration_id)
    if row.status != "waiting":
        raise IllegalTransition("registration_decided", id=registration_id, status=row.status)
    return _registration(row)


def _decide(write: Write, asked: Registration, status: str, organisation: str | None) -> None:
    decided = {
        "status": status,
        "decided_at": write.now,
        "decided_by": name_of(write.actor),
        "organisation": organisation,
    }
    write.connection.execute(update(table).where(table.c.id == asked.id).values(decided))
    write.note(f"organisation.{status}", organisation or asked.id, {"registration": asked.id})


def _refuse_flood(write: Write, email: str) -> None:
    open_ones = table.c.status == "waiting"
    recent = (table.c.email == email) & (table.c.asked_at > write.now - ONE_ADDRESS)
    if _count(write, open_ones & recent):
        raise InvalidRequest("registration_waits", email=email)
    if _count(write, open_ones) >= MOST_WAITING:
        raise InvalidRequest("too_many_registrations", most=MOST_WAITING)


def _count(write: Write, which: ColumnElement[bool]) -> int:
    return write.connection.execute(select(func.count()).where(which)).scalar_one()


def _new_id(write: Write, wanted: str) -> str:
    if not ID.fullmatch(wanted):
        raise InvalidRequest("bad_proposal", field="id", longest=LONGEST_TYPE)
    known = select(organisations.c.id).where(organisations.c.id == wanted)
    if write.connection.execute(known).one_or_none():
        raise InvalidRequest("organisation_known", id=wanted)
    return wanted


def _organisation(organisation_id: str, proposal: Proposal) -> Organisation:
    return Organisation(
        id=organisation_id,
        name=Name(proposal.name_en, proposal.name_ko),
        type=proposal.type,
        city=proposal.city,
        sector=proposal.sector,
        roles=("requester",),
        provenance=REGISTERED,
    )


def _checked(proposal: Proposal) -> Proposal:
    return Proposal(
        name_en=_checked_text("name_en", proposal.name_en, LONGEST_NAME),
        name_ko=_checked_text("name_ko", proposal.name_ko, LONGEST_NAME),
        type=_checked_text("type", proposal.type, LONGEST_TYPE),
        city=proposal.city and _checked_text("city", proposal.city, LONGEST_TYPE),
        sector=_checked_text("sector", proposal.sector, LONGEST_TYPE),
        contact=invitations.checked_name(proposal.contact),
        note=_checked_text("note", proposal.note, LONGEST_NOTE, least=0),
    )


def _checked_text(field: str, text: str, longest: int, least: int = 1) -> str:
    """Text that can be shown; only the long ones may have several lines."""
    plain = text.strip()
    breaks = "\r\n\t" if longest == LONGEST_NOTE else ""
    shown = all(each.isprintable() or each in breaks for each in plain)
    if not least <= len(plain) <= longest or not shown:
        raise InvalidRequest("bad_proposal", field=field, longest=longest)
    return plain


def _registration(row: Row[*tuple[Any, ...]]) -> Registration:
    proposal = Proposal(**convert.load(row.document))
    return Registration(
        row.id, proposal, row.email, row.language, row.asked_at, row.status, row.organisation
    )
