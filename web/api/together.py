"""Together: other lengths, joint bookings, hand-overs, sharing wishes."""

from collections.abc import Callable
from typing import cast

from flask import Response

from testbed.domain.bookings import Booking
from testbed.domain.grid import Slot, local_moment
from testbed.domain.sharing import Handover
from testbed.service import beside, handovers, lengths, on_behalf, partners, wishes
from testbed.service import bookings as service
from testbed.service.terms import Terms
from testbed.service.tokens import Scope
from testbed.service.wishes import Wishes
from web.api.answers.booking import BookingAnswer
from web.api.answers.together import (
    BesideAnswer,
    ExtendedAnswer,
    HandoverAnswer,
    HandoverPage,
    HandoverState,
    PartAnswer,
    PartyAnswer,
    PartyState,
    SharingAnswer,
    TakenOverAnswer,
    TogetherAnswer,
)
from web.api.bearer import caller
from web.api.endpoint import CHANGES, endpoint, noun, problems
from web.api.paging import cursor_at, mark_at
from web.api.replying import changed_booking, located, reply, terms_of
from web.api.showing import booking_answer, decision_answer, utc, zone_of
from web.api.together_in import ExtendIn, ReceiverIn, SharesIn, SharingIn, ShortenIn
from web.deps import context, now
from web.schemas import Careful, Named, Once, Paged

STEPS = {**CHANGES, **problems(412)}

blueprint = noun("together", "Lengths, joint bookings, hand-overs and sharing wishes")


# -- lengths ---------------------------------------------------------------------------------


@blueprint.post("/bookings/<id>/shorten", responses={200: BookingAnswer, **STEPS})
@endpoint(Scope.BOOK, "submit")
def shorten(path: Named, body: ShortenIn, header: Careful) -> Response:
    """Give up the end of a booking, or its beginning; that is free for others at once."""
    ctx, actor = context(), caller()
    before = service.get(ctx, path.id, now(), actor)
    start = before.start if body.start is None else body.start
    end = before.end if body.end is None else body.end
    slot = Slot(start, end)
    lengths.shorten(ctx, path.id, slot, now(), actor, terms=terms_of(header))
    kept = service.get_kept(ctx, path.id, now(), actor)
    return changed_booking(kept.booking, kept.version)


@blueprint.post("/bookings/<id>/extend", responses={200: ExtendedAnswer, **STEPS})
@endpoint(Scope.BOOK, "submit")
def extend(path: Named, body: ExtendIn, header: Careful) -> Response:
    """Keep the places of a booking for longer, a running one too, where rules and room permit."""
    ctx, actor = context(), caller()
    moved = lengths.extend(ctx, path.id, body.end, now(), actor, terms=terms_of(header))
    kept = service.get_kept(ctx, path.id, now(), actor)
    return reply(
        ExtendedAnswer(
            request=moved.request_id,
            decision=decision_answer(moved.decision, kept.booking.organisation),
            booking=booking_answer(kept.booking, kept.version),
        )
    )


# -- joint bookings --------------------------------------------------------------------------


@blueprint.get("/bookings/<id>/together", responses={200: TogetherAnswer})
@endpoint(Scope.READ)
def together(path: Named) -> Response:
    """Show what a booking has to do with others: partners, neighbours, an open hand-over."""
    return reply(_together(service.get(context(), path.id, now(), caller())))


def _together(booking: Booking) -> TogetherAnswer:
    ctx = context()
    neighbours = beside.of_booking(ctx, booking, now(), caller())
    offered = handovers.of_booking(ctx, booking.id, now())
    booked = on_behalf.of_booking(ctx, booking, caller())
    return TogetherAnswer(
        booking=booking.id,
        parties=[
            PartyAnswer(
                organisation=each.organisation,
                state=cast("PartyState", each.state),
                vehicles=each.vehicles,
            )
            for each in partners.of_booking(ctx, booking)
        ],
        beside=BesideAnswer(
            vehicles=neighbours.vehicles, organisations=list(neighbours.organisations)
        ),
        handover=_handover(offered) if offered else None,
        booked_for=booked.name if booked else None,
    )


@blueprint.post("/bookings/<id>/partners/accept", responses={200: PartAnswer, **STEPS})
@endpoint(Scope.BOOK, "submit")
def accept_part(path: Named, header: Careful) -> Response:
    """Take part in a joint booking to which the caller's organisation is invited."""
    return _part(partners.accept, "accepted", path, header)


@blueprint.post("/bookings/<id>/partners/decline", responses={200: PartAnswer, **STEPS})
@endpoint(Scope.BOOK, "submit")
def decline_part(path: Named, header: Careful) -> Response:
    """Say no to an invitation; the booking may be confirmed without."""
    return _part(partners.decline, "declined", path, header)


@blueprint.post("/bookings/<id>/partners/leave", responses={200: PartAnswer, **STEPS})
@endpoint(Scope.BOOK, "submit")
def leave(path: Named, header: Careful) -> Response:
    """Take part no longer, while the booking could be cancelled without consequence."""
    return _part(partners.leave, "left", path, header)


def _part(
    step: Callable[..., Booking], state: PartyState, path: Named, header: Careful
) -> Response:
    actor = caller()
    step(context(), path.id, now(), actor, terms=terms_of(header))
    return reply(PartAnswer(booking=path.id, organisation=actor.organisation, state=state))


@blueprint.post("/bookings/<id>/partners/shares", responses={200: TogetherAnswer, **STEPS})
@endpoint(Scope.BOOK, "submit")
def share(path: Named, body: SharesIn, header: Careful) -> Response:
    """Share the vehicles out among the partners; the rest are the leading organisation's."""
    shares = {each.organisation: each.vehicles for each in body.shares}
    partners.share(context(), path.id, shares, now(), caller(), terms=terms_of(header))
    return reply(_together(service.get(context(), path.id, now(), caller())))


# -- hand-overs ------------------------------------------------------------------------------


@blueprint.post("/bookings/<id>/handover", responses={201: HandoverAnswer, **STEPS})
@endpoint(Scope.BOOK, "submit")
def offer(path: Named, body: ReceiverIn, header: Careful) -> Response:
    """Offer a booking to one other organisation; it stays here until it is taken over there."""
    made = handovers.offer(
        context(), path.id, body.organisation, now(), caller(), terms=terms_of(header)
    )
    return located(reply(_handover(made), 201), "handovers", made.id)


@blueprint.get("/handovers", responses={200: HandoverPage})
@endpoint(Scope.READ)
def listing(query: Paged) -> Response:
    """List what was offered by and to the caller's organisation, the newest first."""
    page = handovers.listing(
        context(), now(), caller(), after=mark_at(query.cursor), limit=query.limit
    )
    items = [_handover(each) for each in page.items]
    return reply(HandoverPage(items=items, next=cursor_at(page.next)))


@blueprint.get("/handovers/<id>", responses={200: HandoverAnswer})
@endpoint(Scope.READ)
def one(path: Named) -> Response:
    """Show one hand-over, to both sides of it."""
    return reply(_handover(handovers.one(context(), path.id, now(), caller())))


@blueprint.post("/handovers/<id>/accept", responses={200: TakenOverAnswer, **CHANGES})
@endpoint(Scope.BOOK, "submit")
def accept(path: Named, header: Once) -> Response:
    """Take a booking over, where every rule permits it to the caller's organisation."""
    taken = handovers.accept(context(), path.id, now(), caller(), terms=_once(header))
    return reply(
        TakenOverAnswer(
            request=taken.request_id,
            handover=_handover(taken.handover),
            decision=decision_answer(taken.decision, taken.handover.receiver),
        )
    )


@blueprint.post("/handovers/<id>/decline", responses={200: HandoverAnswer, **CHANGES})
@endpoint(Scope.BOOK, "submit")
def decline(path: Named, header: Once) -> Response:
    """Say no to a booking that was offered."""
    return reply(
        _handover(handovers.decline(context(), path.id, now(), caller(), terms=_once(header)))
    )


@blueprint.post("/handovers/<id>/withdraw", responses={200: HandoverAnswer, **CHANGES})
@endpoint(Scope.BOOK, "submit")
def withdraw(path: Named, header: Once) -> Response:
    """Take an offer back that nobody has answered."""
    return reply(
        _handover(handovers.withdraw(context(), path.id, now(), caller(), terms=_once(header)))
    )


def _once(header: Once) -> Terms:
    return Terms(key=header.idempotency_key)


def _handover(made: Handover) -> HandoverAnswer:
    zone = zone_of(made.resource)
    return HandoverAnswer(
        id=made.id,
        booking=made.booking,
        giver=made.giver,
        receiver=made.receiver,
        resource=made.resource,
        start=local_moment(made.start, zone),
        end=local_moment(made.end, zone),
        offered_at=utc(made.offered_at),
        expires_at=utc(made.expires_at),
        state=cast("HandoverState", made.state),
    )


# -- sharing wishes --------------------------------------------------------------------------


@blueprint.get("/sharing", responses={200: SharingAnswer})
@endpoint(Scope.BOOK)
def sharing() -> Response:
    """Show the sharing wishes of the caller's organisation, to its managers."""
    actor = caller()
    return reply(_sharing(wishes.of_organisation(context(), actor.organisation, actor)))


@blueprint.put("/sharing", responses={200: SharingAnswer, **CHANGES})
@endpoint(Scope.BOOK, "submit")
def wish(body: SharingIn) -> Response:
    """Set the sharing wishes of the caller's organisation; they hold from the next decision on."""
    actor = caller()
    asked = Wishes(tuple(body.apart), body.shows_name)
    return reply(_sharing(wishes.save(context(), actor.organisation, asked, now(), actor)))


def _sharing(kept: Wishes) -> SharingAnswer:
    return SharingAnswer(apart=list(kept.apart), shows_name=kept.shows_name)
