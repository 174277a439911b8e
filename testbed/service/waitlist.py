"""The waitlist: who waits for what, in which order and why, and stepping off it.

Joining is submitting a request with `wait`; an offer is a held booking, accepted by confirming it
and declined by cancelling it.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from testbed.domain import allocator, waitlist
from testbed.domain.errors import NotFound
from testbed.domain.ledger import Ledger
from testbed.domain.parties import Member
from testbed.domain.waitlist import Entry, Rank, Waiting
from testbed.persistence import parties, waiting
from testbed.persistence.use import inform_of_all
from testbed.persistence.waitlist_tables import waitlist as table
from testbed.service.actors import SYSTEM, acts_for_all, require_acts_for, require_books
from testbed.service.context import Context
from testbed.service.offering import offer_freed
from testbed.service.terms import ANY, Terms, named, once
from testbed.service.write import Write, run

# A rank, and the pools that its request asks for.
Queued = tuple[Rank, frozenset[str]]


@dataclass(frozen=True, slots=True)
class Place:
    """Where an entry stands at this moment.

    `position` counts from 1 among the `rivals` others that ask for one of the same pools; both are
    0 for an entry that does not wait. `ahead` are the ranks of those before it, best first.
    """

    entry: Entry
    position: int = 0
    rivals: int = 0
    rank: Rank | None = None
    ahead: tuple[Rank, ...] = ()


def listing(
    ctx: Context, now: datetime, actor: Member, organisation: str | None = None
) -> tuple[Place, ...]:
    """Those who wait or hold an offer, the first in rank first; offers in front.

    Of one organisation; without one, all that the actor may see.
    """
    chosen = organisation if acts_for_all(actor) else actor.organisation
    with ctx.database.reading() as connection, ctx.calendar.at(connection, now) as ledger:
        ranks = _ranks(connection, ledger, now)
        offered = waiting.entries(connection, table.c.state == Waiting.OFFERED.value)
        queue = _queue(ledger, ranks)
    mine = [Place(each) for each in offered if _is_of(each, chosen)]
    places = [_place(each, queue) for each in queue if _is_of(each[0].entry, chosen)]
    return (*mine, *places)


def _is_of(entry: Entry, organisation: str | None) -> bool:
    return organisation is None or entry.request.organisation == organisation


def one(ctx: Context, request_id: str, now: datetime, actor: Member) -> Place:
    """Where a request stands on the waitlist. Raises NotFound("waitlist")."""
    with ctx.database.reading() as connection, ctx.calendar.at(connection, now) as ledger:
        entry = _seen(connection, request_id, actor)
        ranks = _ranks(connection, ledger, now)
        mine = next((each for each in ranks if each.entry.id == request_id), None)
        if mine is None:
            return Place(waitlist.lapsed(entry, now))
        queue = _queue(ledger, ranks)
    return _place(queue[ranks.index(mine)], queue)


def _ranks(connection: Connection, ledger: Ledger, now: datetime) -> list[Rank]:
    entries = waiting.waiting(connection, now)
    if not entries:
        return []
    inform_of_all(connection, ledger, now)
    return waitlist.ranked(entries, ledger, parties.kin(connection), now)


def _queue(ledger: Ledger, ranks: list[Rank]) -> list[Queued]:
    return [(each, allocator.pools_asked(each.entry.request, ledger)) for each in ranks]


def _place(own: Queued, queue: list[Queued]) -> Place:
    mine, asked = own
    alike = [each for each, pools in queue if asked & pools]
    position = next(place for place, each in enumerate(alike) if each is mine)
    return Place(mine.entry, position + 1, len(alike) - 1, mine, tuple(alike[:position]))


def _seen(connection: Connection, request_id: str, actor: Member) -> Entry:
    """The entry, if the actor may see it. Raises NotFound("waitlist")."""
    entry = waiting.find(connection, request_id)
    if not acts_for_all(actor) and entry.request.organisation != actor.organisation:
        raise NotFound("waitlist", request=request_id)
    return entry


def withdraw(
    ctx: Context, request_id: str, now: datetime, actor: Member, *, terms: Terms = ANY
) -> Entry:
    """Take a request off the waitlist; the same key again answers the entry as it stands.

    Raises NotFound("waitlist"), IllegalTransition("not_waiting").
    """
    asked = {"withdraw": request_id}
    key = None if terms.key is None else named(actor, terms.key, asked)

    def work(write: Write) -> Entry:
        entry = _seen(write.connection, request_id, actor)
        require_acts_for(actor, entry.request.organisation)
        require_books(actor)
        return once(
            write,
            key,
            lambda: _left(write, entry, waitlist.withdrawn(entry)),
            lambda _: asked,
            lambda _: entry,
        )

    return run(ctx, now, actor, work)


def _left(write: Write, before: Entry, after: Entry) -> Entry:
    waiting.update(write.connection, before, after)
    about = {"organisation": before.request.organisation, "request": before.id}
    write.note(f"waitlist.{after.state.value}", before.id, about)
    return after


def catch_up(ctx: Context, now: datetime) -> int:
    """Offer whatever is free to those who wait, and end what waited too long; returns both.

    What is freed is offered in the transaction that frees it; this sees to what rules, dates and
    catalogues have opened since. Harmless when run late or twice.
    """

    def work(write: Write) -> int:
        over = waiting.over(write.connection, now)
        for entry in over:
            _left(write, entry, waitlist.lapsed(entry, now))
        return len(over) + len(offer_freed(write, None))

    return run(ctx, now, SYSTEM, work)


def entries_of(ctx: Context, organisation: str, states: Collection[Waiting]) -> tuple[Entry, ...]:
    """The organisation's entries in these states, by request id."""
    mine = table.c.organisation == organisation
    named_states = table.c.state.in_([each.value for each in states])
    with ctx.database.reading() as connection:
        return tuple(waiting.entries(connection, mine & named_states))
