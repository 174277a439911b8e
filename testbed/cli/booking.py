"""Commands of those who book: search, book, confirm, cancel, schedule."""

from datetime import date, datetime
from typing import Any

import click
from rich.console import Console
from rich.table import Table

from testbed import clock
from testbed.cli import mending
from testbed.cli.moments import moment_text, slot_text
from testbed.cli.opened import ACTOR, JSON, member_of, service
from testbed.cli.wish import Wish, wish_options
from testbed.domain.bookings import Booking
from testbed.domain.catalogue import Catalogue
from testbed.domain.errors import NotFound
from testbed.domain.fees import booking_fee_krw
from testbed.domain.requests import Granted, Offer, Reason
from testbed.persistence import convert
from testbed.sentences import sentence
from testbed.service import availability, bookings, requests
from testbed.service import schedule as schedules
from testbed.service.members import organisation
from testbed.service.requests import Found
from testbed.service.schedule import Row


def console() -> Console:
    """Where tables go: as wide as the terminal, or wide enough for a file."""
    found = Console()
    return found if found.is_terminal else Console(width=160)


@click.command()
@wish_options
@click.option("--limit", type=click.IntRange(1, 100), default=5, show_default=True)
@JSON
def search(limit: int, as_json: bool, **typed: Any) -> None:
    """Rank the ways to serve a need; keeps nothing.

    WHAT is a test kind, or a route, facility or kind of facility; without it --odd says it.
    """
    with service() as ctx:
        content, now = ctx.content(), clock.now()
        request = Wish(**typed).request(content, now)
        kind = organisation(ctx, request.organisation).type
        found = requests.search(ctx, request, now, limit)
        repairs = () if found.offers else availability.mended(ctx, request, now)
        if as_json:
            mended = [mending.to_json(each) for each in repairs]
            click.echo(convert.dump({**_found_to_json(found), "repairs": mended}))
            return
        _print_found(found, content.catalogue, kind)
        mending.print_repairs(repairs, content.catalogue)


@click.command()
@wish_options
@click.option("--confirm", "at_once", is_flag=True, help="Confirm the hold at once.")
@ACTOR
def book(at_once: bool, actor: str | None, **typed: Any) -> None:
    """Submit a request; the best way within the wish is held.

    WHAT is as in `search`. Exit code 1 where nothing was granted.
    """
    with service() as ctx:
        content, now = ctx.content(), clock.now()
        member = member_of(ctx, actor)
        request = Wish(**typed).request(content, now)
        kind = organisation(ctx, request.organisation).type
        answer = requests.submit(ctx, request, now, member)
        _print_decision(answer, content.catalogue, kind)
        if answer.booking is None:
            repairs = availability.mended(ctx, request, now)
            mending.print_repairs(repairs, content.catalogue)
            raise SystemExit(1)
        if at_once:
            _say(bookings.confirm(ctx, answer.booking.id, now, member))


@click.command()
@click.argument("booking_id")
@ACTOR
def confirm(booking_id: str, actor: str | None) -> None:
    """Confirm a hold."""
    with service() as ctx:
        _say(bookings.confirm(ctx, booking_id, clock.now(), member_of(ctx, actor)))


@click.command()
@click.argument("booking_id")
@ACTOR
def cancel(booking_id: str, actor: str | None) -> None:
    """Cancel a booking."""
    with service() as ctx:
        booking = bookings.cancel(ctx, booking_id, clock.now(), member_of(ctx, actor))
        _say(booking)
        if booking.late:
            click.echo("The cancellation is late: its hours count against the week.")


@click.command()
@click.option("--day", metavar="DATE", help="Local date, e.g. 2026-12-08 (default: today).")
@click.option("--city", help="One city only.")
@ACTOR
@JSON
def schedule(day: str | None, city: str | None, actor: str | None, as_json: bool) -> None:
    """Show what is booked on a day, in the time of each site."""
    with service() as ctx:
        catalogue, now = ctx.catalogue(), clock.now()
        if city is not None and city not in catalogue.cities:
            raise NotFound("city", id=city)
        rows = schedules.day(ctx, _date(day, now), now, member_of(ctx, actor), city)
        if as_json:
            click.echo(convert.dump([_row_to_json(row) for row in rows]))
            return
        _print_rows(rows)


def _date(text: str | None, now: datetime) -> date:
    try:
        return date.fromisoformat(text) if text else now.astimezone().date()
    except ValueError:
        raise click.BadParameter(f"{text!r} is no date such as 2026-12-08") from None


# -- what is printed -------------------------------------------------------------------------


def _print_found(found: Found, catalogue: Catalogue, kind: str) -> None:
    if found.offers:
        console().print(_offers("Offers, the best first", found.offers, catalogue, kind))
        return
    click.echo("Nothing fits this wish:")
    _print_unmet(found.reasons, found.near, catalogue, kind)


def _print_decision(answer: requests.Submitted, catalogue: Catalogue, kind: str) -> None:
    decision = answer.decision
    click.echo(sentence(decision.status, {}))
    if not isinstance(decision, Granted):
        _print_unmet(decision.reasons, decision.near, catalogue, kind)
        return
    console().print(_offers("Held", (decision.offer,), catalogue, kind))
    booking = answer.booking
    if booking is not None and booking.expires_at is not None:
        zone = catalogue.resource(booking.lines[0].resource).zone
        until = moment_text(booking.expires_at, zone)
        click.echo(
            f"{booking.id} is held until {until}; confirm with: testbed confirm {booking.id}"
        )


def _print_unmet(
    reasons: tuple[Reason, ...], near: tuple[Offer, ...], catalogue: Catalogue, kind: str
) -> None:
    for reason in reasons:
        fields = {**dict(reason.fields), "resource": reason.resource or ""}
        click.echo(f"  - {sentence(reason.code, fields)}")
    if near:
        console().print(_offers("Near it", near, catalogue, kind))


def _offers(title: str, offers: tuple[Offer, ...], catalogue: Catalogue, kind: str) -> Table:
    table = Table(title=title, title_justify="left")
    for heading in ("#", "when", "where", "city"):
        table.add_column(heading)
    for heading in ("fee KRW", "cost"):
        table.add_column(heading, justify="right")
    for number, offer in enumerate(offers, 1):
        main = catalogue.resource(offer.lines[0].resource)
        fee = booking_fee_krw(offer.lines, kind, catalogue)
        table.add_row(
            str(number),
            slot_text(offer.start, offer.end, main.zone),
            "\n".join(_line_text(line.resource, catalogue) for line in offer.lines),
            catalogue.cities[main.city].name.en,
            f"{fee:,}",
            str(offer.cost.total),
        )
    return table


def _line_text(resource: str, catalogue: Catalogue) -> str:
    return f"{catalogue.resource(resource).name.en} ({resource})"


def _print_rows(rows: tuple[Row, ...]) -> None:
    if not rows:
        click.echo("Nothing is booked on this day.")
        return
    table = Table()
    for heading in ("city", "resource", "when", "state", "who", "booking", "use"):
        table.add_column(heading)
    for row in rows:
        table.add_row(
            row.city_name.en,
            f"{row.name.en} ({row.resource})",
            slot_text(row.start, row.end, row.zone),
            row.state,
            row.organisation or (row.service.en if row.service else ""),
            row.booking or "",
            row.mode.value if row.mode else "",
        )
    console().print(table)


def _say(booking: Booking) -> None:
    click.echo(f"{booking.id} is {booking.state.value}.")


def _found_to_json(found: Found) -> convert.Json:
    return {
        "offers": [convert.offer_to_json(offer) for offer in found.offers],
        "near": [convert.offer_to_json(offer) for offer in found.near],
        "reasons": [convert.reason_to_json(reason) for reason in found.reasons],
    }


def _row_to_json(row: Row) -> convert.Json:
    return {
        "resource": row.resource,
        "city": row.city,
        "site": row.site,
        "slot": slot_text(row.start, row.end, row.zone),
        "start": row.start,
        "end": row.end,
        "state": row.state,
        "booking": row.booking,
        "organisation": row.organisation,
        "service": row.service.en if row.service else None,
    }
