"""Fair share: where an organisation stands, how the waitlist is ordered, and booking again."""

from collections import Counter
from dataclasses import dataclass

from flask import Blueprint, render_template
from flask_login import current_user

from testbed.domain.errors import NotFound
from testbed.domain.rebooking import Pair, Placed
from testbed.service import fairness, waitlist
from testbed.service.fairness import Standing
from testbed.service.waitlist import Place
from web.deps import DEFAULT_ZONE, catalogue, context, me, now, organisations
from web.languages import text
from web.present import moment_text, pool_name, when

blueprint = Blueprint("fairness", __name__, url_prefix="/organisation/fair-share")


@dataclass(frozen=True, slots=True)
class Again:
    """A booking that was cancelled and one that took its place anew."""

    organisation: str
    place: str
    cancelled: str
    cancelled_at: str
    again: str
    again_at: str
    booking: str


@dataclass(frozen=True, slots=True)
class Waits:
    """A request that waits: its place in the order, and the points behind it."""

    when: str
    position: int
    of: int
    burden: str
    waited: str
    total: str


@dataclass(frozen=True, slots=True)
class Row:
    """An organisation as operators see it."""

    name: str
    standing: Standing
    points: str


@blueprint.get("")
def index() -> str:
    """Own figures and anonymous ranks; operators see every organisation by its name."""
    own = fairness.own(context(), me().organisation, now(), me())
    found = fairness.rebookings(context(), now(), me())
    return render_template(
        "organisation/fairness.html",
        own=own,
        points=_points(own.burden),
        policy=context().policy,
        waits=[_waits(each) for each in _waiting() if each.rank is not None],
        pairs=[_again(each) for each in found],
        counts=_counts(found) if current_user.sees_all else [],
        everybody=_everybody() if current_user.sees_all else [],
    )


def _everybody() -> list[Row]:
    standings = fairness.everybody(context(), now(), me())
    return [Row(_name(each.organisation), each, _points(each.burden)) for each in standings]


def _waiting() -> tuple[Place, ...]:
    """The requests of the reader's own organisation that wait."""
    return waitlist.listing(context(), now(), me(), me().organisation)


def _waits(place: Place) -> Waits:
    rank, asked = place.rank, place.entry.request
    burden, waited, total = (rank.burden, rank.waited, rank.total) if rank else (0, 0, 0)
    end = asked.start + (asked.duration_min + 14) // 15
    return Waits(
        when=when(asked.start, end, DEFAULT_ZONE),
        position=place.position,
        of=place.rivals + 1,
        burden=_points(burden),
        waited=_points(waited),
        total=_points(total),
    )


def _again(pair: Pair) -> Again:
    gone, made = pair.cancelled, pair.again
    return Again(
        organisation=_name(gone.organisation),
        place=pool_name(catalogue(), gone.resource),
        cancelled=when(gone.start, gone.end, _zone(gone)),
        cancelled_at=moment_text(gone.at, _zone(gone)),
        again=when(made.start, made.end, _zone(made)),
        again_at=moment_text(made.at, _zone(made)),
        booking=made.booking,
    )


def _counts(pairs: tuple[Pair, ...]) -> list[tuple[str, int]]:
    """How often each organisation cancelled and booked again, the most often first."""
    counted = Counter(each.cancelled.organisation for each in pairs)
    return [(_name(name), count) for name, count in counted.most_common()]


def _name(organisation: str) -> str:
    return text(organisations()[organisation].name)


def _zone(placed: Placed) -> str:
    try:
        return catalogue().resource(placed.resource).zone
    except NotFound:
        return DEFAULT_ZONE


def _points(milli: int) -> str:
    return f"{milli / 1000:.3f}"
