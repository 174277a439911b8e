"""How far ahead of a day the calendar of the simulation is written."""

from testbed.domain.catalogue import Catalogue
from testbed.domain.policy import Policy

STRIDE_DAYS = 7
SPARE_DAYS = 7


def written_days(catalogue: Catalogue, policy: Policy) -> int:
    """Days for which standing services are written: longest lead, longest booking and a week.

    One stride more, because the calendar moves on only once a stride.
    """
    lead = max((rule.max_lead_days for rule in catalogue.rules.values()), default=0)
    longest = -(-policy.longest_booking_hours // 24)
    return lead + longest + SPARE_DAYS + STRIDE_DAYS
