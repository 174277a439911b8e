"""Requests drawn from a demand profile, in the order in which they are submitted.

What is wished never depends on what was answered: the whole demand of a replication is known
before its first request is decided.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import datetime, timedelta

from sim.arrivals import Clock
from sim.choices import (
    CityChoice,
    LeadBounds,
    city_choice,
    hour_weights,
    lead_bounds,
    offers_exclusive,
)
from sim.draws import RequestDraw, SessionDraw, draw_requests
from sim.streams import Streams
from sim.wishes import (
    Fate,
    Start,
    Wish,
    clipped,
    exact_start,
    pick,
    reach,
    spaced,
    weighted_start,
)
from testbed.domain.catalogue import Catalogue, Mode
from testbed.domain.demand import (
    HOURS,
    DemandProfile,
    OrganisationType,
    TestKind,
    extra_need_of,
    need_of,
)
from testbed.domain.grid import EPOCH
from testbed.domain.requests import Need, Request


class Demand:
    """Draws the wishes of one scenario.

    Cities, hours and exclusive use follow `wished`, the catalogue before any change, so that an
    option moves no wish; the lead bounds to which a wish is clipped are those of `catalogue`, under
    which it is decided.
    """

    def __init__(self, profile: DemandProfile, wished: Catalogue, catalogue: Catalogue) -> None:
        self.profile = profile
        self.wished = wished
        self.catalogue = catalogue
        self._cities: dict[str, CityChoice] = {
            name: city_choice(wished, profile, kind) for name, kind in profile.test_kinds.items()
        }
        self._hours: dict[tuple[str, str | None], tuple[float, ...]] = {}
        self._exclusive: dict[tuple[str, str | None], bool] = {}
        self._bounds: dict[tuple[str, str | None], LeadBounds | None] = {}
        self._needs: dict[tuple[str, int, bool, tuple[bool, ...]], tuple[Need, ...]] = {}

    def wishes(self, streams: Streams, clocks: Mapping[str, Clock], level: float) -> list[Wish]:
        """Every session of the run by its submission; those of a request in order.

        `clocks` has one clock per type of organisation.
        """
        found: list[Wish] = []
        for kind in self.profile.organisation_types.values():
            draws = draw_requests(self.profile, kind, streams, clocks[kind.id], level)
            found += self._of_type(kind, draws)
        return sorted(found, key=lambda wish: wish.request.submitted_at)

    def _of_type(
        self, organisation: OrganisationType, draws: Iterable[RequestDraw]
    ) -> Iterator[Wish]:
        for draw in draws:
            requests = self._requests(organisation, draw)
            for (request, moved), session in zip(requests, draw.sessions, strict=True):
                if session.waits < organisation.waits_share:
                    request = replace(request, wait=True)  # noqa: PLW2901 -- the same, asked to wait
                yield Wish(request, organisation.id, moved, _fate(organisation, session))

    def _requests(
        self, organisation: OrganisationType, draw: RequestDraw
    ) -> Iterator[tuple[Request, bool]]:
        """The sessions of one request, and whether each wish had to be clipped."""
        submitted = EPOCH + timedelta(seconds=draw.moment)
        series = f"{draw.owner}-{draw.number}"
        city = self._city(draw.kind, draw.city)
        other_city = city is None or draw.other_city
        needs = self._needs_of(draw, city)
        bounds = self._bounds_of(organisation, draw.kind, None if other_city else city)
        first = self._first_start(organisation, draw, submitted, city)
        gaps = [session.spacing for session in draw.sessions]
        for number, wished in enumerate(spaced(first, draw.kind.spacing, gaps), 1):
            start = wished if bounds is None else clipped(wished, submitted, bounds)
            earliest, latest = reach(start, organisation)
            request = Request(
                id=f"{series}-{number}",
                organisation=draw.owner,
                submitted_at=submitted,
                needs=needs,
                duration_min=draw.duration,
                start=start.grain,
                earliest=earliest,
                latest=latest,
                city=city,
                other_city=other_city,
                test_kind=draw.kind.id,
                series=series,
            )
            yield request, start is not wished

    def _first_start(
        self,
        organisation: OrganisationType,
        draw: RequestDraw,
        submitted: datetime,
        city: str | None,
    ) -> Start:
        profile = self.profile
        wished = submitted + timedelta(days=draw.lead)
        if organisation.wanted_start == "lead":
            return exact_start(wished, profile.zone)
        hour = self._hour(draw.kind, city, draw.hour)
        weekdays = profile.wanted_weekday_weight
        return weighted_start(wished, hour, draw.weekday, weekdays, profile.zone)

    def _city(self, kind: TestKind, number: float) -> str | None:
        choice = self._cities[kind.id]
        return pick(choice.weights, number, choice.cities) if choice.cities else None

    def _hour(self, kind: TestKind, city: str | None, number: float) -> int:
        key = kind.id, city
        if key not in self._hours:
            self._hours[key] = hour_weights(self.wished, self.profile, kind, city)
        return pick(self._hours[key], number, range(HOURS))

    def _bounds_of(
        self, organisation: OrganisationType, kind: TestKind, city: str | None
    ) -> LeadBounds | None:
        if organisation.wanted_start == "lead":
            return None  # exactly the lead time, whatever the rules think of it
        key = kind.id, city
        if key not in self._bounds:
            self._bounds[key] = lead_bounds(self.catalogue, kind, city)
        return self._bounds[key]

    def _needs_of(self, draw: RequestDraw, city: str | None) -> tuple[Need, ...]:
        """The needs of a request; equal ones are one object, which the ledger knows again."""
        kind = draw.kind
        exclusive = draw.exclusive and self._offers_exclusive(kind, city)
        key = kind.id, draw.vehicles, exclusive, draw.extras
        if key not in self._needs:
            mode = Mode.EXCLUSIVE if exclusive else Mode.SHARED
            asked = zip(kind.extras, draw.extras, strict=False)
            extras = [extra_need_of(each) for each, yes in asked if yes]
            self._needs[key] = (need_of(kind, draw.vehicles, mode), *extras)
        return self._needs[key]

    def _offers_exclusive(self, kind: TestKind, city: str | None) -> bool:
        key = kind.id, city
        if key not in self._exclusive:
            self._exclusive[key] = offers_exclusive(self.wished, kind, city)
        return self._exclusive[key]


def _fate(organisation: OrganisationType, draw: SessionDraw) -> Fate:
    return Fate(
        cancels=draw.cancel < organisation.cancel_rate,
        late=draw.cancel_late < organisation.late_cancel_share,
        moment=draw.cancel_moment,
        no_show=draw.no_show < organisation.no_show_rate,
        patience=draw.patience,
    )
