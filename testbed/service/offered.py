"""Answering an offer of the waitlist: confirming its hold accepts it, giving it back declines."""

from datetime import datetime

from testbed.domain.bookings import Booking
from testbed.domain.errors import IllegalTransition
from testbed.domain.parties import Member
from testbed.domain.waitlist import Waiting
from testbed.service import bookings, waitlist
from testbed.service.actors import require_acts_for
from testbed.service.context import Context
from testbed.service.terms import ANY, Terms


def accept(
    ctx: Context, request_id: str, now: datetime, actor: Member, *, terms: Terms = ANY
) -> Booking:
    """Take what is offered to a request that waits; it is pending where its rule asks parties.

    Raises NotFound("waitlist"), NotAllowed("other_organisation"), HoldExpired, and
    IllegalTransition("nothing_offered").
    """
    booking = _offered(ctx, request_id, now, actor, terms)
    return bookings.confirm(ctx, booking, now, actor, terms=terms)


def decline(
    ctx: Context, request_id: str, now: datetime, actor: Member, *, terms: Terms = ANY
) -> Booking:
    """Give back what is offered: the next in rank gets it, and the request goes on waiting.

    Raises what `accept` does.
    """
    booking = _offered(ctx, request_id, now, actor, terms)
    return bookings.cancel(ctx, booking, now, actor, terms=terms)


def _offered(ctx: Context, request_id: str, now: datetime, actor: Member, terms: Terms) -> str:
    """The id of the held booking; with a key also of one that was answered before."""
    entry = waitlist.one(ctx, request_id, now, actor).entry
    require_acts_for(actor, entry.request.organisation)
    is_open = entry.state is Waiting.OFFERED or terms.key is not None
    if entry.booking is None or not is_open:
        raise IllegalTransition("nothing_offered", request=request_id, state=entry.state)
    return entry.booking
