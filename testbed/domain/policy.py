"""The switches and integer weights with which the allocator decides."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Policy:
    """How ways to serve a request are compared, and the limits that no rule profile sets.

    All costs are integers in milli-points; the unit of each weight stands in its name. Built from
    the configuration by the service and from the scenario by the simulation (docs/adr/0003).
    """

    shift_per_grain: int = 100
    distance_per_minute: int = 20
    travel_per_minute: int = 5
    surplus_per_feature: int = 10
    fragmentation_per_gap: int = 40
    fair_share_per_hour: int = 1
    fair_share_type_per_hour: int = 1
    fair_share_half_life_weeks: int = 4
    rebook_days: int = 7
    rebooks_before_wait: int = 3
    rebook_points: int = 24
    max_open_hours: int = 400
    reconfirm_days: int = 7
    reconfirm_until_days: int = 2
    extra_reach_minutes: int = 45
    min_notice_hours: int = 12
    longest_booking_hours: int = 14 * 24
    eligibility: bool = False
    crew_cutoff_hours: int = 24
    waiting_per_hour: int = 1
    offer_minutes: int = 120
    unanswered_offers: int = 2
    hold_minutes: int = 30
    no_show_grace_minutes: int = 30
    near_misses: int = 3
    near_miss_days: int = 14
