"""Visits: leaving, whom to call, the gate list, and how one enters."""

from flask import Response

from testbed.domain.bookings import Booking
from testbed.domain.catalogue import Name
from testbed.domain.errors import NotFound
from testbed.domain.grid import local_moment
from testbed.domain.visits import overruns
from testbed.service import bookings, emergency, gate, visits
from testbed.service.emergency import Contact
from testbed.service.gate import Entry
from testbed.service.terms import Terms
from testbed.service.tokens import Scope
from web.api.answers.booking import BookingAnswer
from web.api.answers.common import Named as NamedAnswer
from web.api.answers.day import ContactAnswer, GateAnswer, GateEntry, VisitAnswer
from web.api.bearer import caller
from web.api.day_in import ContactIn, GateWanted, InstructionsIn
from web.api.endpoint import CHANGES, endpoint, noun, problems
from web.api.replying import changed_booking, reply, terms_of
from web.api.showing import named, utc_or_none
from web.booked import zone_of
from web.deps import catalogue, context, now
from web.schemas import Careful, Named, Once

STEPS = {**CHANGES, **problems(412)}

blueprint = noun("visits", "The day on the sites")


@blueprint.post("/bookings/<id>/check-out", responses={200: BookingAnswer, **STEPS})
@endpoint(Scope.BOOK, "submit")
def check_out(path: Named, header: Careful) -> Response:
    """Note that the organisation has left: what remains of its place is free at once."""
    visits.check_out(context(), path.id, now(), caller(), terms=terms_of(header))
    kept = bookings.get_kept(context(), path.id, now(), caller())
    return changed_booking(kept.booking, kept.version)


@blueprint.get("/bookings/<id>/visit", responses={200: VisitAnswer})
@endpoint(Scope.READ)
def visit(path: Named) -> Response:
    """Show when they came and left, and whether anybody keeps them waiting."""
    booking = bookings.get(context(), path.id, now(), caller())
    made = visits.visit_of(context(), path.id, caller())
    return reply(
        VisitAnswer(
            booking=path.id,
            arrived_at=utc_or_none(made.arrived_at if made else None),
            left_at=utc_or_none(made.left_at if made else None),
            ending=made.ending if made else None,
            overruns=overruns(booking, now()),
            kept_waiting=visits.is_kept_waiting(context(), booking),
        )
    )


@blueprint.get("/bookings/<id>/contact", responses={200: ContactAnswer})
@endpoint(Scope.READ)
def contact(path: Named) -> Response:
    """Show whom to call while a booking runs."""
    found = emergency.contact_of(context(), path.id, now(), caller())
    if found is None:
        raise NotFound("contact", id=path.id)
    return reply(ContactAnswer(name=found.name, phone=found.phone))


@blueprint.post("/bookings/<id>/contact", responses={200: ContactAnswer, **CHANGES})
@endpoint(Scope.BOOK, "submit")
def save_contact(path: Named, body: ContactIn, header: Once) -> Response:
    """Keep whom to call while a booking runs, in place of whoever was kept before."""
    given = Contact(body.name, body.phone)
    terms = Terms(key=header.idempotency_key)
    kept = emergency.save_contact(context(), path.id, given, now(), caller(), terms=terms)
    return reply(ContactAnswer(name=kept.name, phone=kept.phone))


@blueprint.get("/gate", responses={200: GateAnswer})
@endpoint(Scope.OPERATE)
def listing(query: GateWanted) -> Response:
    """List who is expected on a site on a day: people, plates, and whom to call."""
    found = gate.at(context(), query.site, query.day, now(), caller())
    said = emergency.instructions(context(), [query.site]).get(query.site)
    return reply(
        GateAnswer(
            site=query.site,
            day=query.day.isoformat(),
            instructions=named(said) if said else None,
            items=[_entry(each) for each in found],
        )
    )


def _entry(entry: Entry) -> GateEntry:
    booking: Booking = entry.booking
    zone, call = zone_of(booking, catalogue()), entry.contact
    return GateEntry(
        booking=booking.id,
        organisation=booking.organisation,
        state=booking.state,
        start=local_moment(min(each.start for each in entry.lines), zone),
        end=local_moment(max(each.end for each in entry.lines), zone),
        resources=[each.resource for each in entry.lines],
        people=list(entry.people),
        plates=list(entry.plates),
        contact=ContactAnswer(name=call.name, phone=call.phone) if call else None,
        arrived_at=utc_or_none(entry.arrived_at),
        left_at=utc_or_none(entry.left_at),
    )


@blueprint.post("/sites/<id>/instructions", responses={200: NamedAnswer, **CHANGES})
@endpoint(Scope.OPERATE, "submit")
def instructions(path: Named, body: InstructionsIn, header: Once) -> Response:
    """Say how one enters a site; bookings of the site show it."""
    terms = Terms(key=header.idempotency_key)
    texts = Name(en=body.en, ko=body.ko)
    said = emergency.save_instructions(context(), path.id, texts, now(), caller(), terms=terms)
    return reply(named(said))
