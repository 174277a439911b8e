"""What of the schedule is asked for: days, filters and view, as the address keeps them."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta

from testbed.domain.catalogue import Catalogue, Name, Resource
from testbed.domain.parties import Organisation
from testbed.service.schedule import Row

# Days shown at once, and the minutes of a cell of each view.
CELL_MINUTES = {1: 15, 7: 60, 28: 360}
DAY, WEEK = 1, 7
LONGEST_QUERY = 100
FARTHEST_DAYS = 3660


@dataclass(frozen=True, slots=True)
class View:
    """One view of the schedule; an empty filter shows everything.

    `booked` leaves out the places where nothing is shown; `fold` names the folded cities and sites.
    """

    day: date
    days: int = DAY
    city: str = ""
    kind: str = ""
    state: str = ""
    organisation: str = ""
    q: str = ""
    booked: bool = False
    fold: str = ""

    @property
    def last_day(self) -> date:
        """The last day shown."""
        return self.day + timedelta(days=self.days - 1)

    @property
    def cell_minutes(self) -> int:
        """The length of a cell of the timeline."""
        return CELL_MINUTES[self.days]

    @property
    def narrows(self) -> bool:
        """Whether only some of the uses are shown, whichever the place."""
        return bool(self.state or self.organisation)

    def stepped(self, steps: int) -> "View":
        """The same so many views later, or earlier."""
        return replace(self, day=self.day + timedelta(days=self.days * steps))

    def address(self) -> dict[str, str]:
        """The view as the query of an address, without what is usual."""
        given = {
            "day": self.day.isoformat(),
            "days": "" if self.days == DAY else str(self.days),
            "city": self.city,
            "kind": self.kind,
            "state": self.state,
            "organisation": self.organisation,
            "q": self.q,
            "booked": "1" if self.booked else "",
            "fold": self.fold,
        }
        return {name: value for name, value in given.items() if value}


def read(args: Mapping[str, str], today: date) -> View:
    """The view of an address; what cannot be read is as usual. Weeks begin on their Monday."""
    day, days = _day(args.get("day", ""), today), _days(args.get("days", ""))
    return View(
        day=day if days == DAY else day - timedelta(days=day.weekday()),
        days=days,
        city=args.get("city", ""),
        kind=args.get("kind", ""),
        state=args.get("state", ""),
        organisation=args.get("organisation", ""),
        q=args.get("q", "").strip()[:LONGEST_QUERY],
        booked=args.get("booked") == "1",
        fold=args.get("fold", "")[: 10 * LONGEST_QUERY],
    )


def _day(given: str, today: date) -> date:
    try:
        wanted = date.fromisoformat(given)
    except ValueError:
        return today
    return wanted if abs((wanted - today).days) < FARTHEST_DAYS else today


def _days(given: str) -> int:
    known = {str(days): days for days in CELL_MINUTES}
    return known.get(given, DAY)


class Filter:
    """Decides what a view shows; applied after others' bookings were made mere busy rows."""

    def __init__(
        self, view: View, catalogue: Catalogue, organisations: Mapping[str, Organisation]
    ) -> None:
        self._view = view
        self._catalogue = catalogue
        self._organisations = organisations
        self._asked = view.q.casefold()
        self._named: dict[str, bool] = {}

    def place(self, resource: Resource) -> bool:
        """Whether the view is about that place at all: its city and kind."""
        view = self._view
        return view.city in {"", resource.city} and view.kind in {"", resource.kind}

    def use(self, row: Row) -> bool:
        """Whether a use is shown."""
        view = self._view
        here = view.city in {"", row.city} and view.kind in {"", row.kind}
        meant = view.state in {"", row.state} and view.organisation in {"", row.organisation}
        return here and meant and (self.names(row.resource) or self._speaks_of(row))

    def row(self, resource: Resource, used: bool) -> bool:
        """Whether the place has a row of its own, given whether any of its uses is shown."""
        if not self.place(resource):
            return False
        needs_use = self._view.booked or self._view.narrows
        return used or (not needs_use and self.names(resource.id))

    def names(self, resource_id: str) -> bool:
        """Whether the searched text stands in the names of the place; so it does when empty."""
        if not self._asked:
            return True
        if resource_id not in self._named:
            self._named[resource_id] = self._asked in self._words(resource_id)
        return self._named[resource_id]

    def _words(self, resource_id: str) -> str:
        resource = self._catalogue.resource(resource_id)
        site, city = self._catalogue.sites[resource.site], self._catalogue.cities[resource.city]
        return " ".join(
            (resource.id, *map(_both, (resource.name, site.name, city.name)))
        ).casefold()

    def _speaks_of(self, row: Row) -> bool:
        who = self._organisations.get(row.organisation or "")
        named = [_both(each) for each in (who.name if who else None, row.service) if each]
        return self._asked in " ".join((row.booking or "", *named)).casefold()


def _both(name: Name) -> str:
    return f"{name.en} {name.ko}"


Chip = tuple[str, View]


def chips(view: View, said: Callable[[str, str], str]) -> list[Chip]:
    """The filters that are set, in words, each with the view without it."""
    names = ("city", "kind", "state", "organisation", "q")
    found: list[Chip] = [
        (said(name, getattr(view, name)), _without(view, name))
        for name in names
        if getattr(view, name)
    ]
    if view.booked:
        found.append((said("booked", "1"), replace(view, booked=False)))
    return found


def _without(view: View, name: str) -> View:
    cleared: dict[str, str] = {name: ""}
    return replace(view, **cleared)  # type: ignore[arg-type] # each of these fields is a text
