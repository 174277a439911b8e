"""How much of its weekly hours an organisation has used."""

from dataclasses import dataclass
from datetime import datetime

from testbed.domain.catalogue import RuleProfile
from testbed.domain.grid import GRAINS_PER_HOUR, week_of
from testbed.domain.parties import Member
from testbed.persistence.use import weekly_use
from testbed.service.actors import require_acts_for
from testbed.service.context import Context


@dataclass(frozen=True, slots=True)
class Use:
    """Hours of one ISO week (`grid.week_of`) that count under one rule profile."""

    week: int
    rule: RuleProfile
    hours: float

    @property
    def most(self) -> int:
        """The hours of a week that the rule permits."""
        return self.rule.max_hours_per_org_week


def weekly(ctx: Context, organisation: str, now: datetime, actor: Member) -> tuple[Use, ...]:
    """What counts in this week and later ones, by week, then by rule.

    Raises NotAllowed("other_organisation").
    """
    require_acts_for(actor, organisation)
    rules, present = ctx.catalogue().rules, week_of(now.date())
    with ctx.database.reading() as connection:
        found = weekly_use(connection, organisation, now)
    return tuple(
        Use(week, rules[rule], grains / GRAINS_PER_HOUR)
        for (rule, week), grains in sorted(found.items(), key=lambda each: each[0][::-1])
        if week >= present and grains and rule in rules
    )
