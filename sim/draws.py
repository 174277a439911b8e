"""Everything that chance decides about the requests of one type of organisation.

Drawn in columns, handed on as rows. Every draw is made whether or not it will be asked for.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice

import numpy as np
from numpy.typing import NDArray

from sim.arrivals import Clock
from sim.distributions import Indices, choose, draw
from sim.streams import Floats, Purpose, Streams
from testbed.domain.demand import DemandProfile, Distribution, OrganisationType, TestKind
from testbed.domain.errors import InvalidRequest

MOST_SESSIONS = 128
MOST_EXTRAS = 16
RARE = 1e-6


@dataclass(frozen=True, slots=True)
class SessionDraw:
    """Numbers in (0, 1) of one session, one for each thing that chance decides about it.

    `patience` is in days already, infinity for ever.
    """

    spacing: float
    cancel: float
    cancel_late: float
    cancel_moment: float
    no_show: float
    waits: float
    patience: float


@dataclass(frozen=True, slots=True)
class RequestDraw:
    """What chance says of one request.

    `moment` is seconds since 1970 UTC, `lead` days, `duration` minutes. `city`, `weekday` and
    `hour` are numbers in (0, 1), still to be spent on weights that depend on the kind; `extras`
    says for each extra of the kind, and for room beyond, whether it is asked for.
    """

    owner: str
    number: int
    moment: int
    kind: TestKind
    lead: float
    duration: int
    vehicles: int
    exclusive: bool
    extras: tuple[bool, ...]
    other_city: bool
    city: float
    weekday: float
    hour: float
    sessions: tuple[SessionDraw, ...]


class _Sheet:
    """The uniform numbers of all requests of one type of organisation."""

    def __init__(self, streams: Streams, owners: Sequence[str], counts: Sequence[int]) -> None:
        self.streams = streams
        self.owners = list(zip(owners, counts, strict=True))
        self.size = sum(counts)

    def rows(self, purpose: Purpose, columns: int = 1) -> Floats:
        """One row per request."""
        drawn = [self.streams.uniforms(purpose, name, n, columns) for name, n in self.owners if n]
        return np.concatenate(drawn) if drawn else np.empty((0, columns))

    def row(self, purpose: Purpose) -> Floats:
        """One number per request."""
        return self.rows(purpose)[:, 0]

    def entries(self, purpose: Purpose, used: NDArray[np.bool_]) -> Floats:
        """One number per session."""
        return self.rows(purpose, MOST_SESSIONS)[used]


def owners(organisation: OrganisationType) -> tuple[str, ...]:
    """The organisations of a type."""
    return tuple(f"{organisation.id}-{number}" for number in range(1, organisation.count + 1))


def draw_requests(
    profile: DemandProfile,
    organisation: OrganisationType,
    streams: Streams,
    clock: Clock,
    level: float,
) -> list[RequestDraw]:
    """All requests of a type's organisations, `level` times as many as the profile says.

    In the order of the organisations and of their requests.
    """
    names = owners(organisation)
    rate = organisation.requests_per_org_month * level
    moments = [clock.moments(streams, owner, rate).tolist() for owner in names]
    sheet = _Sheet(streams, names, [len(each) for each in moments])
    kinds = [profile.test_kinds[name] for name in organisation.test_kind_mix]
    chosen = choose(tuple(organisation.test_kind_mix.values()), sheet.row(Purpose.TEST_KIND))
    counts = _session_counts(kinds, chosen, sheet.row(Purpose.SESSIONS))
    durations = _by_kind([each.duration for each in kinds], chosen, sheet.row(Purpose.DURATION))
    other = sheet.row(Purpose.OTHER_CITY) < organisation.accepts_other_site_share
    return list(
        map(
            RequestDraw,
            (owner for owner, own in zip(names, moments, strict=True) for _ in own),
            (number for own in moments for number in range(1, len(own) + 1)),
            (moment for own in moments for moment in own),
            (kinds[index] for index in chosen.tolist()),
            draw(organisation.lead, sheet.row(Purpose.LEAD)).tolist(),
            np.maximum(1, np.rint(durations)).astype(int).tolist(),
            (_vehicles(kinds, chosen, sheet.row(Purpose.VEHICLES)) + 1).tolist(),
            (sheet.row(Purpose.EXCLUSIVE) < _shares(kinds, chosen)).tolist(),
            map(tuple, _extras(kinds, chosen, sheet.rows(Purpose.EXTRAS, MOST_EXTRAS)).tolist()),
            other.tolist(),
            sheet.row(Purpose.CITY).tolist(),
            sheet.row(Purpose.WEEKDAY).tolist(),
            sheet.row(Purpose.HOUR).tolist(),
            _sessions(sheet, counts, organisation),
        )
    )


def _sessions(
    sheet: _Sheet, counts: Indices, organisation: OrganisationType
) -> Iterator[tuple[SessionDraw, ...]]:
    """The draws of each request's sessions."""
    used = np.arange(MOST_SESSIONS) < counts[:, np.newaxis]
    entries = map(
        SessionDraw,
        sheet.entries(Purpose.SPACING, used).tolist(),
        sheet.entries(Purpose.CANCEL, used).tolist(),
        sheet.entries(Purpose.CANCEL_LATE, used).tolist(),
        sheet.entries(Purpose.CANCEL_MOMENT, used).tolist(),
        sheet.entries(Purpose.NO_SHOW, used).tolist(),
        *_waiting(sheet, used, organisation),
    )
    return (tuple(islice(entries, count)) for count in counts.tolist())


def _waiting(
    sheet: _Sheet, used: NDArray[np.bool_], organisation: OrganisationType
) -> tuple[list[float], list[float]]:
    """For each session: the number that says whether it waits, and its patience in days.

    Streams of their own: where nobody waits they need not be drawn, and move no other draw.
    """
    count = int(used.sum())
    if not organisation.waits_share:
        return [1.0] * count, [0.0] * count
    patience = organisation.patience
    numbers = sheet.entries(Purpose.PATIENCE, used)
    days = np.full(count, np.inf) if patience is None else draw(patience, numbers)
    return sheet.entries(Purpose.WAITS, used).tolist(), days.tolist()


def _by_kind(laws: Sequence[Distribution], chosen: Indices, uniforms: Floats) -> Floats:
    """One value per request, drawn from the law of its kind."""
    values = np.zeros_like(uniforms)
    for index, law in enumerate(laws):
        mine = chosen == index
        values[mine] = draw(law, uniforms[mine])
    return values


def _session_counts(kinds: Sequence[TestKind], chosen: Indices, uniforms: Floats) -> Indices:
    for kind in kinds:
        if draw(kind.sessions, np.array([1 - RARE]))[0] > MOST_SESSIONS:
            raise InvalidRequest("too_many_sessions", test_kind=kind.id, most=MOST_SESSIONS)
    values = _by_kind([kind.sessions for kind in kinds], chosen, uniforms)
    return np.clip(np.rint(values), 1, MOST_SESSIONS).astype(np.intp)


def _vehicles(kinds: Sequence[TestKind], chosen: Indices, uniforms: Floats) -> Indices:
    values = np.zeros(len(uniforms), dtype=np.intp)
    for index, kind in enumerate(kinds):
        mine = chosen == index
        values[mine] = choose(kind.vehicles_weights, uniforms[mine])
    return values


def _shares(kinds: Sequence[TestKind], chosen: Indices) -> Floats:
    return np.array([kind.exclusive_share for kind in kinds])[chosen]


def _extras(kinds: Sequence[TestKind], chosen: Indices, uniforms: Floats) -> NDArray[np.bool_]:
    """Which of its kind's extras each request asks for."""
    odds = np.zeros((len(kinds), MOST_EXTRAS))
    for index, kind in enumerate(kinds):
        if len(kind.extras) > MOST_EXTRAS:
            raise InvalidRequest("too_many_extras", test_kind=kind.id, most=MOST_EXTRAS)
        odds[index, : len(kind.extras)] = [extra.probability for extra in kind.extras]
    return uniforms < odds[chosen]
