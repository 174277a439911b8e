"""Changes of a catalogue: every capacity option of the packaged data, and every mistake."""

import pytest

from testbed.domain.catalogue_change import apply_change
from testbed.domain.catalogue_file import parse_catalogue
from testbed.domain.errors import InvalidFile
from testbed.files import read_catalogue, read_demand

CATALOGUE = parse_catalogue(read_catalogue("packaged:gyeonggi"))
OPTIONS = {each["id"]: each for each in read_demand("packaged:gyeonggi")["capacity_option"]}


def changed_by(option):
    """What an option changes: (id, field) -> (before, after)."""
    after = apply_change(CATALOGUE, OPTIONS[option]["change"])
    found = {}
    for section in ("routes", "facilities", "corridors", "rules", "calendars", "sites", "cities"):
        old, new = getattr(CATALOGUE, section), getattr(after, section)
        assert list(old) == list(new)
        for name, value in old.items():
            for field in type(value).__dataclass_fields__:
                before, now = getattr(value, field), getattr(new[name], field)
                if before != now:
                    found[name, field] = (before, now)
    return found


@pytest.mark.parametrize(
    ("option", "expected"),
    [
        ("op-weather-2", {("fc-kcity-weather", "units"): (1, 2)}),
        ("op-vru-2", {("fc-kcity-vru", "units"): (1, 2)}),
        ("op-drivers", {("fc-pool-driver", "units"): (5, 9)}),
        ("op-hwado", {("rt-ny-hwado", "bookable"): (False, True)}),
        ("op-ajou", {("rt-sw-ajou", "bookable"): (False, True)}),
        (
            "op-pangyo-night",
            {("rt-pangyo-line", "calendar"): ("cal-pangyo-test", "cal-road-night")},
        ),
        ("op-slot-2h", {("rule-closed-track", "slot_min"): (240, 120)}),
        ("op-no-show", {("rule-closed-track", "free_cancel_until_hours"): (48, 168)}),
    ],
)
def test_an_option_changes_what_it_names_and_nothing_else(option, expected):
    assert changed_by(option) == expected


def test_longer_hours_of_a_corridor_go_to_its_routes_and_to_what_opened_with_them():
    longer = ("cal-track", "cal-track-ext")
    names = [
        *CATALOGUE.corridors["cor-kcity"].routes,
        "fc-kcity-weather",
        "fc-kcity-gnss",
        "fc-kcity-park-building",
        "fc-kcity-park-lot",
        "fc-kcity-vru",
        "fc-kcity-ev",
    ]
    assert changed_by("op-kcity-evening") == {(name, "calendar"): longer for name in names}


def test_every_option_of_the_packaged_data_can_be_applied():
    assert len(OPTIONS) == 9
    for option in OPTIONS:
        assert changed_by(option)


def test_units_can_be_taken_away_and_set():
    drivers = {"facility": "fc-pool-driver"}
    assert (
        apply_change(CATALOGUE, drivers | {"units_add": -4}).facilities["fc-pool-driver"].units == 1
    )
    assert apply_change(CATALOGUE, drivers | {"units": 7}).facilities["fc-pool-driver"].units == 7


def test_changes_follow_one_another():
    once = apply_change(CATALOGUE, {"facility": "fc-kcity-vru", "units_add": 1})
    twice = apply_change(once, {"facility": "fc-kcity-vru", "units_add": 1})
    assert twice.facilities["fc-kcity-vru"].units == 3


def test_any_whole_number_and_switch_of_a_rule_can_change():
    change = {"rule": "rule-lab", "max_lead_days": 30, "late_cancel_counts_as_use": True}
    rule = apply_change(CATALOGUE, change).rules["rule-lab"]
    assert (rule.max_lead_days, rule.late_cancel_counts_as_use) == (30, True)


def test_a_route_and_a_facility_can_get_another_rule():
    route = {"route": "rt-kcity-urban", "rule": "rule-campus"}
    assert apply_change(CATALOGUE, route).routes["rt-kcity-urban"].rule == "rule-campus"
    facility = {"facility": "fc-kcity-vru", "rule": "rule-lab"}
    assert apply_change(CATALOGUE, facility).facilities["fc-kcity-vru"].rule == "rule-lab"


def test_the_catalogue_given_stays_as_it_was():
    before = parse_catalogue(read_catalogue("packaged:gyeonggi"))
    apply_change(CATALOGUE, {"corridor": "cor-kcity", "calendar": "cal-track-ext"})
    assert before == CATALOGUE


TUNNEL = {"facility": "fc-kcity-weather"}
LAB = {"rule": "rule-lab"}
URBAN = {"route": "rt-kcity-urban"}


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({}, [("change[0]", "missing_key")]),
        (
            {"facilty": "fc-kcity-weather", "units_add": 1},
            [("change[0]", "missing_key"), ("change[0].facilty", "unknown_key")],
        ),
        ({**TUNNEL, **URBAN, "bookable": True}, [("change[0]", "several_targets")]),
        ({**LAB, "corridor": "cor-kcity"}, [("change[0]", "several_targets")]),
        (TUNNEL, [("change[0]", "nothing_to_change")]),
        ({**TUNNEL, "units_ad": 1}, [("change[0].units_ad", "unknown_key")]),
        ({**LAB, "units_add": 1}, [("change[0].units_add", "unknown_key")]),
        ({"facility": "fc-x", "units_add": 1}, [("change[0].facility", "unknown_reference")]),
        ({"route": "rt-x", "bookable": True}, [("change[0].route", "unknown_reference")]),
        (
            {"corridor": "cor-x", "calendar": "cal-lab"},
            [("change[0].corridor", "unknown_reference")],
        ),
        ({"rule": "rule-x", "slot_min": 60}, [("change[0].rule", "unknown_reference")]),
        ({**URBAN, "calendar": "cal-x"}, [("change[0].calendar", "unknown_reference")]),
        ({"corridor": "cor-kcity", "calendar": "x"}, [("change[0].calendar", "unknown_reference")]),
        ({**TUNNEL, "units_add": "one"}, [("change[0].units_add", "wrong_type")]),
        ({**TUNNEL, "units_add": -1}, [("change[0].units_add", "out_of_range")]),
        ({**TUNNEL, "units": 2, "units_add": 1}, [("change[0].units", "several_targets")]),
        ({**URBAN, "bookable": "yes"}, [("change[0].bookable", "wrong_type")]),
        ({**URBAN, "max_vehicles_shared": 0}, [("change[0].max_vehicles_shared", "out_of_range")]),
        ({**LAB, "slot_min": 0}, [("change[0].slot_min", "out_of_range")]),
        ({**LAB, "min_lead_days": 61}, [("change[0].min_lead_days", "least_over_most")]),
        (
            {**LAB, "slot_min": 0, "slot_stepmin": 5},
            [("change[0].slot_min", "out_of_range"), ("change[0].slot_stepmin", "unknown_key")],
        ),
        ("units_add = 1", [("change[0]", "wrong_type")]),
    ],
)
def test_a_change_that_cannot_be_made_is_answered_with_its_mistakes(change, expected):
    with pytest.raises(InvalidFile) as raised:
        apply_change(CATALOGUE, change, "change[0]")
    assert [(each.place, each.code) for each in raised.value.mistakes] == expected
