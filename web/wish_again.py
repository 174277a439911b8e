"""A request as the fields of the booking form: to move a booking, or to book the same again."""

from collections.abc import Iterable, Iterator, Mapping

from testbed.domain.catalogue import OddTerm
from testbed.domain.demand import TestKind
from testbed.domain.grid import GRAIN_MINUTES, GRAINS_PER_HOUR, local_moment
from testbed.domain.requests import Need, Request
from web.extra_needs import AFTER, ANY, BEFORE, another
from web.odd_choice import ANY as ONE_IS_ENOUGH
from web.odd_choice import PREFIX

FLEX_DAYS = "3"
Fields = dict[str, list[str]]


def fields_of(asked: Request, zone: str, kinds: Mapping[str, TestKind], booked: int) -> Fields:
    """What the form would say of the request, times on the wall clock of `zone`.

    `booked` is the length of the main need in grains, by which extras after it are told. Extras
    that a program named by their id have no place in the form.
    """
    fields: Fields = {}
    for name, value in (*_main(asked, zone, kinds), *_extras(asked.needs[1:], booked)):
        if value:
            fields.setdefault(name, []).append(value)
    return fields


def _main(
    asked: Request, zone: str, kinds: Mapping[str, TestKind]
) -> Iterator[tuple[str, str | None]]:
    main, preset = asked.needs[0], kinds.get(asked.test_kind or "")
    usual = (preset.main.kinds, preset.main.odd) if preset else ((), ())
    start = local_moment(asked.start, zone)
    yield "kind", preset.id if preset else main.type.value
    if len(main.kinds) == 1 and main.kinds != usual[0]:
        yield "of", main.kinds[0]
    yield "resource", main.resource
    yield "vehicles", str(main.vehicles)
    yield "units", str(main.units)
    yield "mode", main.mode.value
    yield "day", f"{start:%Y-%m-%d}"
    yield "at", f"{start:%H:%M}"
    yield "hours", f"{asked.duration_min / 60:g}"
    yield "flex", FLEX_DAYS
    yield "city", asked.city
    yield "elsewhere", "y" if asked.other_city else None
    yield from _odd(term for term in main.odd if term not in usual[1])


def _odd(terms: Iterable[OddTerm]) -> Iterator[tuple[str, str]]:
    for term in terms:
        name = PREFIX + term.attribute
        if isinstance(term.value, frozenset):
            yield from ((name, each) for each in sorted(term.value))
            if term.test == "any":
                yield name + ONE_IS_ENOUGH, "y"
        elif term.value is True:
            yield name, "y"
        elif term.test in {"min", "max"}:
            yield f"{name}.{term.test}", f"{term.value:g}"


def _extras(needs: Iterable[Need], booked: int) -> Iterator[tuple[str, str]]:
    taken: list[str] = []
    for need in needs:
        if need.kinds:
            name = another(ANY.join(need.kinds), taken)
            taken.append(name)
            yield "extra", name
            yield f"units.{name}", str(need.units)
            yield from ((f"{field}.{name}", value) for field, value in _timing(need, booked))


def _timing(need: Need, booked: int) -> Iterator[tuple[str, str]]:
    gap = need.offset - booked if need.offset > 0 else -need.offset
    until_the_test = need.offset < 0 and need.duration == gap
    if need.offset:
        yield "when", BEFORE if need.offset < 0 else AFTER
        yield "gap", str(max(0, gap) * GRAIN_MINUTES)
    if need.duration is not None and not until_the_test:
        yield "hours", f"{need.duration / GRAINS_PER_HOUR:g}"
