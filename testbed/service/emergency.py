"""For an emergency: whom to call for a booking, and how one enters a site."""

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from testbed.domain.bookings import Booking
from testbed.domain.catalogue import Name
from testbed.domain.errors import InvalidRequest, NotAllowed, NotFound
from testbed.domain.parties import Member
from testbed.persistence import partners, visiting
from testbed.service import bookings
from testbed.service.actors import acts_for_all, name_of, require_books, require_operator
from testbed.service.context import Context
from testbed.service.terms import ANY, Terms, named, once
from testbed.service.write import Write, run

LONGEST_NAME = 80
LONGEST_TEXT = 4000
PHONE = re.compile(r"\+?[0-9][0-9 ()./-]{4,29}")


@dataclass(frozen=True, slots=True)
class Contact:
    """Whom to call while a booking runs."""

    name: str
    phone: str


def printable(text: str) -> str:
    """The text in one line, without what cannot be shown."""
    return " ".join("".join(each if each.isprintable() else " " for each in text).split())


def save_contact(
    ctx: Context,
    booking_id: str,
    contact: Contact,
    now: datetime,
    actor: Member,
    *,
    terms: Terms = ANY,
) -> Contact:
    """Keep whom to call for a booking; no record but this one holds name and number.

    Raises NotFound("booking"), InvalidRequest: "bad_name", "bad_phone".
    """
    _require_comes(ctx, booking_id, now, actor)
    require_books(actor)
    checked = Contact(printable(contact.name), printable(contact.phone))
    if not 0 < len(checked.name) <= LONGEST_NAME:
        raise InvalidRequest("bad_name", longest=LONGEST_NAME)
    if not PHONE.fullmatch(checked.phone):
        raise InvalidRequest("bad_phone", value=checked.phone)
    asked = {"contact": booking_id, "name": checked.name, "phone": checked.phone}
    key = None if terms.key is None else named(actor, terms.key, asked)

    def save(write: Write) -> Contact:
        visiting.save_contact(write.connection, booking_id, checked.name, checked.phone, now)
        write.note("emergency.contact", booking_id, {})
        return checked

    def work(write: Write) -> Contact:
        return once(write, key, lambda: save(write), lambda _: {}, lambda _: checked)

    return run(ctx, now, actor, work)


def contact_of(ctx: Context, booking_id: str, now: datetime, actor: Member) -> Contact | None:
    """Whom to call for a booking. Raises NotFound("booking"), NotAllowed("partners_only")."""
    _require_comes(ctx, booking_id, now, actor)
    with ctx.database.reading() as connection:
        found = visiting.contacts_of(connection, [booking_id]).get(booking_id)
    return Contact(*found) if found else None


def may_call(ctx: Context, booking: Booking, actor: Member) -> bool:
    """Whether the actor may know whom to call: operators, its organisation, partners who come."""
    if acts_for_all(actor) or actor.organisation == booking.organisation:
        return True
    with ctx.database.reading() as connection:
        return partners.has_accepted(connection, booking.id, actor.organisation)


def _require_comes(ctx: Context, booking_id: str, now: datetime, actor: Member) -> None:
    if not may_call(ctx, bookings.get(ctx, booking_id, now, actor), actor):
        raise NotAllowed("partners_only", booking=booking_id)


def contacts(ctx: Context, names: Collection[str], actor: Member) -> Mapping[str, Contact]:
    """Whom to call, by booking. Raises NotAllowed("operators_only")."""
    require_operator(actor)
    with ctx.database.reading() as connection:
        found = visiting.contacts_of(connection, names)
    return {name: Contact(*each) for name, each in found.items()}


def forget(ctx: Context, now: datetime, days: int) -> int:
    """Delete the contacts of bookings that ended so many days ago; returns how many."""
    with ctx.database.writing() as connection:
        return visiting.forget_contacts(connection, now - timedelta(days=days))


def instructions(ctx: Context, sites: Collection[str]) -> Mapping[str, Name]:
    """How one enters these sites, as far as that is known."""
    with ctx.database.reading() as connection:
        found = visiting.instructions_of(connection, sites)
    return {site: Name(en=english, ko=korean) for site, (korean, english) in found.items()}


def save_instructions(
    ctx: Context, site: str, texts: Name, now: datetime, actor: Member, *, terms: Terms = ANY
) -> Name:
    """Say how one enters a site, in both languages; what was said before stays in the audit log.

    Raises NotAllowed("operators_only"), NotFound("site"), InvalidRequest("bad_instructions").
    """
    require_operator(actor)
    if site not in ctx.catalogue().sites:
        raise NotFound("site", id=site)
    checked = Name(en=_checked(texts.en), ko=_checked(texts.ko))
    said = {"ko": checked.ko, "en": checked.en}
    key = None if terms.key is None else named(actor, terms.key, {"instructions": site, **said})

    def save(write: Write) -> Name:
        both = checked.ko, checked.en
        visiting.save_instructions(write.connection, site, both, now, name_of(actor))
        write.note("site.instructions", site, said)
        return checked

    def work(write: Write) -> Name:
        return once(write, key, lambda: save(write), lambda _: {}, lambda _: checked)

    return run(ctx, now, actor, work)


def _checked(text: str) -> str:
    lines = [line.rstrip() for line in text.strip().splitlines()]
    said = "\n".join(lines)
    if len(said) > LONGEST_TEXT or not all(line.isprintable() for line in lines):
        raise InvalidRequest("bad_instructions", longest=LONGEST_TEXT)
    return said
