"""The crew of a booking: who comes, what is missing, and letting in without."""

from flask import Response

from testbed.domain.papers import Crew
from testbed.service import bookings, crew, eligibility, no_shows
from testbed.service.actors import acts_for_all
from testbed.service.tokens import Scope
from web.api.answers.booking import BookingAnswer
from web.api.answers.papers import CrewAnswer
from web.api.bearer import caller
from web.api.endpoint import CHANGES, endpoint, noun, problems
from web.api.papers_in import CrewIn, LetInIn
from web.api.replying import changed_booking, reply, terms_of
from web.api.showing import reason_answer, utc
from web.deps import context, now
from web.schemas import Careful, Named

STEPS = {**CHANGES, **problems(412)}

blueprint = noun("crew", "Vehicles and drivers of a booking")


@blueprint.get("/bookings/<id>/crew", responses={200: CrewAnswer})
@endpoint(Scope.READ)
def show(path: Named) -> Response:
    """Show who is named on a booking, and what is missing before check-in."""
    return reply(_answer(path.id))


@blueprint.put("/bookings/<id>/crew", responses={200: CrewAnswer, **STEPS})
@endpoint(Scope.BOOK, "submit")
def name(path: Named, body: CrewIn, header: Careful) -> Response:
    """Name the vehicles and drivers of a booking, instead of those before."""
    wanted = Crew(tuple(body.vehicles), tuple(body.drivers))
    crew.name(context(), path.id, wanted, now(), caller(), terms=terms_of(header))
    return reply(_answer(path.id))


@blueprint.post("/bookings/<id>/let-in", responses={200: BookingAnswer, **STEPS})
@endpoint(Scope.OPERATE, "submit")
def let_in(path: Named, body: LetInIn, header: Careful) -> Response:
    """Check in a booking that lacks papers or crew; the reason is kept."""
    terms, why = terms_of(header), body.reason
    no_shows.check_in(context(), path.id, now(), caller(), terms=terms, papers_aside=why)
    kept = bookings.get_kept(context(), path.id, now(), caller())
    return changed_booking(kept.booking, kept.version)


def _answer(booking_id: str) -> CrewAnswer:
    ctx = context()
    named = crew.of_booking(ctx, booking_id, caller())
    booking = bookings.get(ctx, booking_id, now(), caller())
    party = None if acts_for_all(caller()) else crew.party_of(caller(), booking)
    ready = eligibility.of_booking(ctx, booking, party)
    return CrewAnswer(
        booking=booking_id,
        vehicles=[each.id for each in named.vehicles],
        drivers=[each.id for each in named.drivers],
        vehicles_asked=ready.vehicles if ready else 0,
        driver_asked=ready.needs_driver if ready else False,
        closes=utc(crew.closes(booking, ctx.policy.crew_cutoff_hours)),
        missing=list(ready.codes) if ready else [],
        reasons=[reason_answer(each) for each in ready.missing] if ready else [],
    )
