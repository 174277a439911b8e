"""Fair share: what an organisation used lately, its place among the others, and booking again."""

from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import Connection

from testbed.domain import fairness
from testbed.domain.errors import NotFound
from testbed.domain.grid import week_of
from testbed.domain.parties import Member
from testbed.domain.rebooking import Pair
from testbed.persistence import parties, rebooking
from testbed.persistence.use import everybodys_use
from testbed.service.actors import acts_for_all, require_acts_for, require_operator
from testbed.service.context import Context

Use = Mapping[str, Mapping[int, int]]


@dataclass(frozen=True, slots=True)
class Standing:
    """What ranks an organisation where several wait, the least burden first.

    `hours` are its own decayed hours, `type_hours` the mean of the `alike` organisations of its
    type, `rebooks` how often it cancelled and booked again in the last 30 days. `place` counts from
    1 among the `of` organisations that used anything lately, and the one that asks; those of equal
    burden share a place.
    """

    organisation: str
    hours: int
    type_hours: int
    alike: int
    rebooks: int
    burden: int
    place: int = 0
    of: int = 0


def own(ctx: Context, organisation: str, now: datetime, actor: Member) -> Standing:
    """Where one organisation stands; of the others it tells how many there are and no more.

    Raises NotAllowed("other_organisation"), NotFound("organisation").
    """
    require_acts_for(actor, organisation)
    for each in _standings(ctx, now, organisation):
        if each.organisation == organisation:
            return each
    raise NotFound("organisation", id=organisation)


def everybody(ctx: Context, now: datetime, actor: Member) -> tuple[Standing, ...]:
    """All that used anything lately, the first to be served first.

    Raises NotAllowed("operators_only").
    """
    require_operator(actor)
    return _standings(ctx, now)


def rebookings(
    ctx: Context, now: datetime, actor: Member, organisation: str | None = None
) -> tuple[Pair, ...]:
    """Who cancelled and booked again in the last 30 days, the latest first.

    Of one organisation; without one, all that the actor may see. Raises
    NotAllowed("other_organisation").
    """
    chosen = organisation if acts_for_all(actor) else organisation or actor.organisation
    if chosen is not None:
        require_acts_for(actor, chosen)
    with ctx.database.reading() as connection:
        return tuple(rebooking.pairs(connection, now, ctx.policy.rebook_days, chosen))


def _standings(ctx: Context, now: datetime, asks: str = "") -> tuple[Standing, ...]:
    with ctx.database.reading() as connection:
        kin = parties.kin(connection)
        use = _use(connection, now)
        found = rebooking.pairs(connection, now, ctx.policy.rebook_days)
    again = Counter(each.cancelled.organisation for each in found)
    everybody = (
        _standing(ctx, name, kin[name], use, now, rebooks=again[name]) for name in sorted(kin)
    )
    standings = [
        each for each in everybody if each.hours or each.rebooks or each.organisation == asks
    ]
    burdens = sorted(each.burden for each in standings)
    placed = [
        replace(each, place=burdens.index(each.burden) + 1, of=len(standings))
        for each in sorted(standings, key=lambda each: (each.burden, each.organisation))
    ]
    return tuple(placed)


def _use(connection: Connection, now: datetime) -> Use:
    """Grains by organisation and ISO week."""
    found: dict[str, dict[int, int]] = {}
    for name, by_rule in everybodys_use(connection, now).items():
        weeks = found.setdefault(name, {})
        for (_, week), grains in by_rule.items():
            weeks[week] = weeks.get(week, 0) + grains
    return found


def _standing(
    ctx: Context, name: str, alike: Collection[str], use: Use, now: datetime, *, rebooks: int
) -> Standing:
    policy, week = ctx.policy, week_of(now.date())
    half_life = policy.fair_share_half_life_weeks
    mine, of_type = use.get(name, {}), fairness.together(use.get(each, {}) for each in alike)
    return Standing(
        organisation=name,
        hours=fairness.decayed_hours(mine, week, half_life),
        type_hours=fairness.decayed_hours(of_type, week, half_life) // len(alike),
        alike=len(alike),
        rebooks=rebooks,
        burden=fairness.burden(mine, of_type, len(alike), week, policy, rebooks=rebooks),
    )
