"""Reminders: a mail before a booking begins, once per booking and start."""

from datetime import datetime, timedelta

from sqlalchemy import Connection, select

from testbed.domain.bookings import Booking, State
from testbed.domain.catalogue import Catalogue
from testbed.persistence import store
from testbed.persistence.job_tables import mail as mails
from testbed.persistence.tables import booking as table
from testbed.persistence.tables import request
from testbed.persistence.visiting import instructions_of
from testbed.service import outbox
from testbed.service.context import Context
from testbed.service.notice_choices import chosen_by
from testbed.service.notices import Choice, Group
from testbed.service.outbox import Mail
from testbed.service.readers import Reader, readers_of


def remind(ctx: Context, now: datetime, ahead: timedelta) -> int:
    """Write the reminders of the confirmed bookings that begin within `ahead`; returns how many.

    Run late, it still reminds of everything that has not begun; run twice, of nothing twice. A
    booking that moved is reminded of again.
    """
    soon = table.c.start_at.between(now, now + ahead) & (table.c.state == State.CONFIRMED.value)
    with ctx.database.reading() as connection:
        catalogue = ctx.calendar.content(connection).catalogue
        known = select(mails.c.key).where(mails.c.kind == "reminder")
        done = set(connection.execute(known.where(mails.c.created_at > now - 2 * ahead)).scalars())
        found = store.find_bookings(connection, soon)
        wanted = [
            mail
            for kept in found
            for mail in _mails(connection, kept.booking, catalogue)
            if mail.key not in done
        ]
    if wanted:
        with ctx.database.writing() as connection:
            for mail in wanted:
                outbox.queue(connection, mail, now)
    return len(wanted)


def _mails(connection: Connection, booking: Booking, catalogue: Catalogue) -> list[Mail]:
    actor = select(request.c.actor).where(request.c.id == booking.request.id)
    asked = str(connection.execute(actor).scalar_one()).removeprefix("member:")
    fields = {
        "subject": booking.id,
        "start": booking.start,
        "end": booking.end,
        "lines": [[line.resource] for line in booking.lines],
    }
    ways = _ways_in(connection, booking, catalogue)
    return [
        Mail(
            f"reminder:{booking.id}:{booking.start}:{reader.email}",
            "reminder",
            reader.email,
            reader.language,
            {**fields, "instructions": ways[reader.language == "ko"]},
        )
        for reader in _willing(connection, asked, booking.organisation)
    ]


def _ways_in(connection: Connection, booking: Booking, catalogue: Catalogue) -> tuple[str, str]:
    """How one enters the sites of a booking, in English and Korean, between blank lines."""
    places = {each.id: each.site for each in catalogue.resources()}
    sites = dict.fromkeys(places.get(line.resource, "") for line in booking.lines)
    found = instructions_of(connection, list(sites))
    said = [found[site] for site in sites if site in found]
    korean, english = ([each[number] or each[1 - number] for each in said] for number in (0, 1))
    return _between("How to enter:", english), _between("출입 방법:", korean)


def _between(title: str, texts: list[str]) -> str:
    written = [each for each in texts if each]
    return "\n" + "\n\n".join([title, *written]) + "\n" if written else ""


def _willing(connection: Connection, asked: str, organisation: str) -> list[Reader]:
    """Who is to be reminded: whoever asked, or the managers, unless they chose never to be."""
    found = readers_of(connection, asked, organisation)
    choices = chosen_by(connection, [reader.id for reader in found], Group.REMINDERS)
    return [reader for reader in found if choices[reader.id] is not Choice.NEVER]
