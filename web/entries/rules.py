"""A rule profile in sentences, each with the mark of its figure."""

from collections.abc import Iterator, Mapping

from flask_babel import lazy_gettext

from testbed.domain.catalogue import Facility, Resource, RuleProfile
from web.entries.marks import Fact
from web.labels import label, span
from web.languages import gettext
from web.place_words import PARTIES, SAFETY_DRIVERS

_MINUTES = 60
_NUMBERS: Mapping[str, object] = {
    "safety_briefing_valid_days": lazy_gettext(
        "A safety briefing is needed; it holds for %(n)d days."
    ),
    "prior_running_days": lazy_gettext("%(n)d days of running before are asked for."),
    "report_due_days": lazy_gettext("A report is due within %(n)d days after the test."),
}


def sentences(rule: RuleProfile, resource: Resource) -> list[Fact]:
    """What whoever books this resource has to keep to."""
    return [
        *_when(rule),
        *_length(rule, resource),
        *_around(rule, resource),
        *_cancelling(rule),
        *_approvals(rule),
        *_papers(rule),
        *_weather(rule),
        *_owner(rule),
    ]


def _say(said: str, rule: RuleProfile, field: str) -> Fact:
    return Fact("", said, rule.provenance.is_recorded(field))


def _when(rule: RuleProfile) -> Iterator[Fact]:
    said = gettext(
        "Book between %(most)d and %(least)d days before the start.",
        least=rule.min_lead_days,
        most=rule.max_lead_days,
    )
    yield _say(said, rule, "min_lead_days")


def _length(rule: RuleProfile, resource: Resource) -> Iterator[Fact]:
    said = gettext(
        "The shortest booking is %(least)s; longer ones go up by %(step)s.",
        least=span(rule.slot_min),
        step=span(rule.slot_step_min),
    )
    yield _say(said, rule, "slot_min")
    if isinstance(resource, Facility) and resource.max_hours_per_booking:
        longest = span(resource.max_hours_per_booking * _MINUTES)
        recorded = resource.provenance.is_recorded("max_hours_per_booking")
        yield Fact("", gettext("The longest booking is %(most)s.", most=longest), recorded)
    hours = rule.max_hours_per_org_week
    said = gettext("An organisation may book up to %(n)d h a week under this rule.", n=hours)
    yield _say(said, rule, "max_hours_per_org_week")


def _around(rule: RuleProfile, resource: Resource) -> Iterator[Fact]:
    own = isinstance(resource, Facility)
    before = resource.setup_min if isinstance(resource, Facility) else rule.setup_min
    after = resource.cleanup_min if isinstance(resource, Facility) else rule.cleanup_min
    if before or after:
        said = gettext(
            "%(before)s before and %(after)s after a booking are kept for set-up and clean-up.",
            before=span(before),
            after=span(after),
        )
        provenance = resource.provenance if own else rule.provenance
        yield Fact("", said, provenance.is_recorded("setup_min"))


def _cancelling(rule: RuleProfile) -> Iterator[Fact]:
    until = span(rule.free_cancel_until_hours * _MINUTES)
    if rule.late_cancel_counts_as_use:
        said = gettext(
            "Cancelling is free until %(until)s before the start; later the hours count as used.",
            until=until,
        )
    else:
        said = gettext("Cancelling never counts as used hours, however late.")
    yield _say(said, rule, "free_cancel_until_hours")


def _approvals(rule: RuleProfile) -> Iterator[Fact]:
    if not rule.approvals:
        return
    said = gettext(
        "To be approved within %(n)d days by: %(parties)s.",
        n=rule.approval_days,
        parties=", ".join(label(PARTIES, each) for each in rule.approvals),
    )
    yield _say(said, rule, "approvals")
    if rule.approval_silence == "accepted":
        silence = gettext("Without an answer by then a booking is confirmed.")
    else:
        silence = gettext("Without an answer by then a booking is rejected.")
    yield _say(silence, rule, "approval_silence")


def _papers(rule: RuleProfile) -> Iterator[Fact]:
    wanted = {
        "permit_temporary_operation": gettext("Vehicles need a temporary-operation permit."),
        "permit_limited_transport": gettext("A permit for passenger or freight service is needed."),
        "insurance_required": gettext("Vehicles must be insured."),
    }
    for field, said in wanted.items():
        if getattr(rule, field):
            yield _say(said, rule, field)
    yield _say(label(SAFETY_DRIVERS, rule.safety_driver), rule, "safety_driver")
    for field, message in _NUMBERS.items():
        if rule.details.get(field):
            yield _say(str(message) % {"n": rule.details[field]}, rule, field)


def _weather(rule: RuleProfile) -> Iterator[Fact]:
    details = rule.details
    if details.get("rain_limit_mm_h") and details.get("visibility_limit_m"):
        said = gettext(
            "No running in rain above %(rain)g mm/h or where one sees less than %(sight)d m.",
            rain=details["rain_limit_mm_h"],
            sight=details["visibility_limit_m"],
        )
        yield _say(said, rule, "rain_limit_mm_h")
    if details.get("snow_stop"):
        yield _say(gettext("No running in snow."), rule, "snow_stop")
    if details.get("school_zone_mode") == "manual":
        said = gettext("In school zones a person drives.")
        yield _say(said, rule, "school_zone_mode")


def _owner(rule: RuleProfile) -> Iterator[Fact]:
    if rule.details.get("owner_consent"):
        yield _say(gettext("The owner has to consent."), rule, "owner_consent")
    if rule.details.get("hazardous_goods_allowed") is False:
        said = gettext("Hazardous goods are not carried.")
        yield _say(said, rule, "hazardous_goods_allowed")
