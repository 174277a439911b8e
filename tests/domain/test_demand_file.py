"""Demand documents into profiles: the packaged one whole, small ones, and every kind of mistake."""

import copy
import json
import tomllib
from functools import cache

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from testbed.domain.calendar_file import DAYS
from testbed.domain.catalogue import Mode, Name, OddTerm, Provenance
from testbed.domain.catalogue_file import parse_catalogue
from testbed.domain.demand import (
    DemandProfile,
    Distribution,
    ExtraNeed,
    Spacing,
    extra_need_of,
    fixed,
    need_of,
)
from testbed.domain.demand_file import parse_demand, parse_standing_services, parse_test_kinds
from testbed.domain.errors import InvalidFile
from testbed.domain.requests import Need, NeedType
from testbed.files import read_catalogue, read_demand

DOCUMENTS = read_catalogue("packaged:gyeonggi")
CATALOGUE = parse_catalogue(DOCUMENTS)
PACKAGED = json.dumps(read_demand("packaged:gyeonggi"))


@cache
def profile():
    return parse_demand(json.loads(PACKAGED), CATALOGUE)


@pytest.fixture
def document():
    return json.loads(PACKAGED)


SMALL = """
[[org_type]]
id = "lab"
count = 2
requests_per_org_month = 30.0
lead_days = { distribution = "fixed", value = 3 }

[[test_kind]]
id = "rain"
resource = "facility"
requires = { facility_kind = "weather_simulation" }
duration_min = { distribution = "exponential", mean = 1440, round_to = 15 }
"""


@pytest.fixture
def small():
    return tomllib.loads(SMALL)


def mistakes_of(document, catalogue=CATALOGUE):
    with pytest.raises(InvalidFile) as raised:
        parse_demand(document, catalogue)
    return [(each.place, each.code) for each in raised.value.mistakes]


def test_the_packaged_profile_has_all_its_entries():
    read = profile()
    assert (len(read.organisation_types), len(read.test_kinds)) == (7, 13)
    assert (len(read.standing_services), len(read.capacity_options)) == (6, 9)
    assert (len(read.growth_scenarios), len(read.anchors)) == (5, 14)
    assert (read.base_year, read.zone, read.wanted_start) == (2025, "Asia/Seoul", "weights")


def test_a_type_of_organisation_is_read_from_the_flat_form():
    startup = profile().organisation_types["startup_sme"]
    assert startup.name == Name("Start-up or SME", "창업·중소기업")
    assert (startup.count, startup.requests_per_org_month) == (45, 1.8)
    assert startup.lead == Distribution("lognormal", {"median": 12.0, "sigma": 0.7})
    assert (startup.cancel_rate, startup.no_show_rate, startup.late_cancel_share) == (
        0.13,
        0.04,
        0.4,
    )
    assert (startup.flex_days, startup.flex_minutes) == (7, None)
    assert (startup.accepts_other_site_share, startup.priority_class) == (0.5, 3)
    assert startup.test_kind_mix["v2x"] == 0.12
    assert startup.patience is None


def test_a_test_kind_is_read_with_its_extras_and_sessions():
    kind = profile().test_kinds["shuttle_service"]
    assert kind.duration == Distribution(
        "lognormal", {"median": 240.0, "sigma": 0.25}, 120, 420, 30
    )
    assert kind.sessions == Distribution("geometric", {"mean": 8.0})
    assert kind.spacing == Spacing(weekdays=True)
    assert kind.vehicles_weights == (0.75, 0.25, 0.0)
    assert kind.extras == (
        ExtraNeed(("depot",), 1, 0.8),
        ExtraNeed(("safety_driver",), 1, 0.6),
        ExtraNeed(("control_desk",), 1, 0.7),
    )
    assert profile().test_kinds["v2x"].spacing == Spacing(least=1, most=3)


def test_what_a_test_requires_becomes_terms_on_the_odd():
    kinds = profile().test_kinds
    assert kinds["highway"].main.odd == (
        OddTerm("road_type", "any", frozenset({"motorway", "proving_track"})),
        OddTerm("speed_limit_kmh", "min", 80.0),
    )
    assert kinds["v2x"].main.odd == (OddTerm("v2x", "all", frozenset({"spat"})),)
    assert kinds["urban_public"].main.odd == (OddTerm("hd_map", "is", True),)
    assert kinds["urban_public"].main.rules == ("rule-public-demo", "rule-pilot-service")
    assert kinds["parking"].main.kinds == ("parking", "manoeuvre_area")
    assert [name for name, kind in kinds.items() if kind.main.night] == ["night"]


def test_weights_are_ordered_by_month_weekday_and_hour():
    read = profile()
    assert read.month_weight[9] == 1.3
    assert read.submit_weekday_weight == (1.5, 1.4, 1.3, 1.3, 1.2, 0.15, 0.15)
    assert len(read.wanted_start_hour_weight) == 24
    assert (read.wanted_start_hour_weight[10], read.wanted_start_hour_weight[12]) == (1.8, 0.0)
    assert read.submit_hour_weight is None
    assert read.city_weight["seongnam"] == 0.26
    assert "provenance" not in read.city_weight


def test_disruptions_weather_and_growth_are_read():
    read = profile()
    assert read.disruption.facility_mtbf_hours == 400
    assert read.disruption.overrun_probability == 0.08
    assert read.weather.precipitation_days[6] == 15.2
    assert read.weather.stop_share_of_precipitation_days[0] == 0.45
    assert read.growth_scenarios["shock"].yearly_growth == -0.3
    assert read.growth_scenarios["fee"].applies_to == ("startup_sme", "university")


def test_every_provenance_of_the_packaged_profile_is_kept_exactly(document):
    read = profile()
    values = {
        **read.organisation_types,
        **read.test_kinds,
        **read.capacity_options,
        **read.growth_scenarios,
        **{each.id: each for each in (*read.anchors, *read.standing_services)},
    }
    entries = [
        each for section in document.values() if isinstance(section, list) for each in section
    ]
    assert len(entries) == 54
    for each in entries:
        assert values[each["id"]].provenance == Provenance(
            each["provenance"],
            tuple(each.get("recorded", ())),
            tuple(each.get("sources", ())),
            each.get("note", ""),
        )
    assert read.weather.provenance.recorded == ("precipitation_days",)


def test_a_capacity_option_keeps_its_change_as_written():
    option = profile().capacity_options["op-no-show"]
    assert option.change == {"rule": "rule-closed-track", "free_cancel_until_hours": 168}
    assert (option.capex_mkrw, option.opex_mkrw_year) == (0.0, 5.0)


def test_presets_and_standing_services_are_read_from_the_documents_of_a_catalogue():
    demand = DOCUMENTS["demand"]
    assert sorted(demand) == ["standing_booking", "test_kind"]
    assert parse_test_kinds(demand, CATALOGUE) == tuple(profile().test_kinds.values())
    assert parse_standing_services(demand, CATALOGUE) == profile().standing_services
    assert parse_test_kinds({}, CATALOGUE) == ()
    assert parse_standing_services({}, CATALOGUE) == ()


def test_what_a_small_profile_leaves_out_is_neutral(small):
    read = parse_demand(small, CATALOGUE)
    lab, rain = read.organisation_types["lab"], read.test_kinds["rain"]
    assert lab.test_kind_mix == {"rain": 1.0}
    assert (lab.cancel_rate, lab.no_show_rate, lab.accepts_other_site_share) == (0.0, 0.0, 1.0)
    assert lab.lead == fixed(3.0)
    assert rain.duration == Distribution("exponential", {"mean": 1440.0}, round_to=15.0)
    assert (rain.sessions, rain.vehicles_weights, rain.exclusive_share) == (fixed(1), (1.0,), 0.0)
    assert read.city_weight == {}
    assert read.month_weight == (1.0,) * 12
    assert read.submit_weekday_weight == read.wanted_weekday_weight == (1.0,) * 7
    assert read.wanted_start_hour_weight == (1.0,) * 24
    assert read.submit_hour_weight is None
    assert read.standing_services == ()
    assert read.disruption.overrun_probability == 0.0


@pytest.mark.parametrize(
    ("table", "expected"),
    [
        ({"distribution": "fixed", "value": 3}, Distribution("fixed", {"value": 3.0})),
        (
            {"distribution": "uniform", "low": 1, "high": 4, "max": 3},
            Distribution("uniform", {"low": 1.0, "high": 4.0}, max=3.0),
        ),
        (
            {"distribution": "gamma", "mean": 9, "shape": 2},
            Distribution("gamma", {"mean": 9, "shape": 2}),
        ),
        (
            {"distribution": "weibull", "scale": 9, "shape": 2},
            Distribution("weibull", {"scale": 9.0, "shape": 2.0}),
        ),
        ({"distribution": "geometric", "mean": 1}, Distribution("geometric", {"mean": 1.0})),
        (
            {"distribution": "empirical", "values": [1, 5], "weights": [3, 1]},
            Distribution("empirical", {"values": (1.0, 5.0), "weights": (3.0, 1.0)}),
        ),
        (
            {"distribution": "empirical", "values": [1, 5]},
            Distribution("empirical", {"values": (1.0, 5.0), "weights": (1.0, 1.0)}),
        ),
        (7, fixed(7.0)),
    ],
)
def test_each_distribution_is_read_by_its_name(small, table, expected):
    small["org_type"][0]["lead_days"] = table
    small["test_kind"][0]["duration_min"] = table
    small["test_kind"][0]["sessions_per_request"] = table
    read = parse_demand(small, CATALOGUE)
    assert read.organisation_types["lab"].lead == expected
    assert read.test_kinds["rain"].duration == read.test_kinds["rain"].sessions == expected


def test_the_flat_form_names_its_distribution(small):
    lab = small["org_type"][0]
    del lab["lead_days"]
    lab |= {"lead_days_distribution": "weibull", "lead_days_scale": 5, "lead_days_shape": 1.5}
    read = parse_demand(small, CATALOGUE).organisation_types["lab"]
    assert read.lead == Distribution("weibull", {"scale": 5.0, "shape": 1.5})


@pytest.mark.parametrize(
    "change",
    [
        lambda small: small.update(wanted_start="lead"),
        lambda small: small.update(meta={"wanted_start": "lead"}),
        lambda small: small["org_type"][0].update(wanted_start="lead"),
    ],
    ids=["for all", "in the head", "for one type"],
)
def test_the_wish_may_lie_exactly_one_lead_after_the_request(small, change):
    change(small)
    assert parse_demand(small, CATALOGUE).organisation_types["lab"].wanted_start == "lead"


def test_flexibility_in_minutes_may_be_nought(small):
    small["org_type"][0] |= {"flex_minutes": 0, "flex_days": 0, "patience_days": 4}
    lab = parse_demand(small, CATALOGUE).organisation_types["lab"]
    assert (lab.flex_minutes, lab.flex_days, lab.patience) == (0, 0, fixed(4.0))


def test_weights_of_hours_and_weekdays_may_be_listed_in_another_order(small):
    small["submit_hour_weight"] = {"hours": [23, 0], "values": [2, 1]}
    small["submit_weekday_weight"] = {
        "order": ["sun", "sat", "fri", "thu", "wed", "tue", "mon"],
        "values": [1, 2, 3, 4, 5, 6, 7],
    }
    read = parse_demand(small, CATALOGUE)
    assert read.submit_hour_weight == (1.0, *(0.0,) * 22, 2.0)
    assert read.submit_weekday_weight == (7.0, 6.0, 5.0, 4.0, 3.0, 2.0, 1.0)


def test_a_facility_may_be_asked_for_what_it_provides(small):
    small["test_kind"][0]["requires"] = {"provides_all": ["rain", "fog"]}
    main = parse_demand(small, CATALOGUE).test_kinds["rain"].main
    assert main.kinds == ()
    assert main.odd == (OddTerm("provides", "all", frozenset({"rain", "fog"})),)


def test_a_session_on_a_route_needs_it_for_all_its_vehicles():
    need = need_of(profile().test_kinds["highway"], vehicles=3, mode=Mode.EXCLUSIVE)
    assert (need.type, need.kinds) == (NeedType.ROUTE, ("closed-track",))
    assert (need.vehicles, need.units, need.mode) == (3, 1, Mode.EXCLUSIVE)
    assert need.odd == profile().test_kinds["highway"].main.odd


def test_a_session_in_a_facility_needs_one_unit_however_many_vehicles_come():
    need = need_of(profile().test_kinds["adverse_weather"], vehicles=2)
    assert (need.type, need.kinds, need.units) == (
        NeedType.FACILITY,
        ("weather_simulation",),
        1,
    )


def test_an_extra_lasts_as_long_as_the_test():
    extra = profile().test_kinds["v2x"].extras[0]
    assert extra_need_of(extra) == Need(NeedType.FACILITY, kinds=("v2x_kit",), units=2)


LAB = "demand.org_type[0](lab)"
RAIN = "demand.test_kind[0](rain)"


def on_type(**values):
    return lambda small: small["org_type"][0].update(values)


def on_kind(**values):
    return lambda small: small["test_kind"][0].update(values)


def without(section, key):
    return lambda small: small[section][0].pop(key)


def with_section(name, value):
    return lambda small: small.update({name: value})


def asking_route(**requires):
    return on_kind(resource="route", requires=requires)


STANDING = {"id": "st", "route": "rt-pangyo-bus", "vehicles": 1, "calendar": "cal-lab"}
OPTION = {"id": "op", "change": {"facility": "fc-kcity-vru", "units_add": 1}}

MISTAKES = {
    "an unknown section": (with_section("orgtype", []), "demand.orgtype", "unknown_key"),
    "an unknown key": (on_type(colour=1), f"{LAB}.colour", "unknown_key"),
    "an unknown key of the head": (with_section("meta", {"x": 1}), "demand.meta.x", "unknown_key"),
    "a missing rate": (
        without("org_type", "requests_per_org_month"),
        f"{LAB}.requests_per_org_month",
        "missing_key",
    ),
    "a missing lead": (without("org_type", "lead_days"), f"{LAB}.lead_days", "missing_key"),
    "a missing duration": (
        without("test_kind", "duration_min"),
        f"{RAIN}.duration_min",
        "missing_key",
    ),
    "a missing kind of extra": (
        on_kind(extra_needs=[{"units": 1}]),
        f"{RAIN}.extra_needs[0].facility_kind",
        "missing_key",
    ),
    "a text for a rate": (on_type(cancel_rate="low"), f"{LAB}.cancel_rate", "wrong_type"),
    "a share above one": (on_type(cancel_rate=1.5), f"{LAB}.cancel_rate", "out_of_range"),
    "a negative rate": (
        on_type(requests_per_org_month=-1.0),
        f"{LAB}.requests_per_org_month",
        "out_of_range",
    ),
    "a type twice": (
        lambda small: small["org_type"].append(dict(small["org_type"][0])),
        "demand.org_type[1](lab).id",
        "duplicate_id",
    ),
    "an unknown test kind in a mix": (
        on_type(test_kind_mix={"rain": 1.0, "snow": 1.0}),
        f"{LAB}.test_kind_mix.snow",
        "unknown_key",
    ),
    "a mix without weight": (
        on_type(test_kind_mix={"rain": 0.0}),
        f"{LAB}.test_kind_mix",
        "no_weight",
    ),
    "an unknown way of the wish": (
        on_type(wanted_start="soon"),
        f"{LAB}.wanted_start",
        "unknown_value",
    ),
    "an unknown distribution": (
        on_type(lead_days={"distribution": "normal", "mean": 3}),
        f"{LAB}.lead_days.distribution",
        "unknown_value",
    ),
    "a distribution without its name": (
        on_type(lead_days={"mean": 3}),
        f"{LAB}.lead_days.distribution",
        "missing_key",
    ),
    "a distribution without its parameter": (
        on_type(lead_days={"distribution": "gamma", "mean": 3}),
        f"{LAB}.lead_days.shape",
        "missing_key",
    ),
    "a parameter of another distribution": (
        on_type(lead_days={"distribution": "fixed", "value": 3, "mean": 3}),
        f"{LAB}.lead_days.mean",
        "unknown_key",
    ),
    "a mean of nought": (
        on_type(lead_days={"distribution": "exponential", "mean": 0}),
        f"{LAB}.lead_days.mean",
        "out_of_range",
    ),
    "a geometric mean below one": (
        on_kind(sessions_per_request_mean=0.5),
        f"{RAIN}.sessions_per_request_mean",
        "out_of_range",
    ),
    "a rounding to nought": (
        on_kind(duration_min={"distribution": "fixed", "value": 60, "round_to": 0}),
        f"{RAIN}.duration_min.round_to",
        "out_of_range",
    ),
    "a cut above the other": (
        on_kind(duration_min={"distribution": "fixed", "value": 60, "min": 90, "max": 60}),
        f"{RAIN}.duration_min.max",
        "least_over_most",
    ),
    "a range backwards": (
        on_kind(duration_min={"distribution": "uniform", "low": 90, "high": 60}),
        f"{RAIN}.duration_min.high",
        "least_over_most",
    ),
    "weights for other values": (
        on_kind(duration_min={"distribution": "empirical", "values": [60, 90], "weights": [1]}),
        f"{RAIN}.duration_min.weights",
        "wrong_length",
    ),
    "values without weight": (
        on_kind(duration_min={"distribution": "empirical", "values": [60], "weights": [0]}),
        f"{RAIN}.duration_min.weights",
        "no_weight",
    ),
    "a choice among nothing": (
        on_kind(duration_min={"distribution": "empirical", "values": []}),
        f"{RAIN}.duration_min.values",
        "empty_list",
    ),
    "an unknown type of resource": (on_kind(resource="boat"), f"{RAIN}.resource", "unknown_value"),
    "an unknown kind of facility": (
        on_kind(requires={"facility_kind": "beach"}),
        f"{RAIN}.requires.facility_kind",
        "unknown_reference",
    ),
    "an unknown kind of facility among several": (
        on_kind(requires={"facility_kind_any": ["parking", "beach"]}),
        f"{RAIN}.requires.facility_kind_any[1]",
        "unknown_reference",
    ),
    "an unknown thing provided": (
        on_kind(requires={"provides_any": ["sunshine"]}),
        f"{RAIN}.requires.provides_any[0]",
        "unknown_reference",
    ),
    "an unknown kind of extra": (
        on_kind(extra_needs=[{"facility_kind": "beach"}]),
        f"{RAIN}.extra_needs[0].facility_kind",
        "unknown_reference",
    ),
    "no unit of an extra": (
        on_kind(extra_needs=[{"facility_kind": "depot", "units": 0}]),
        f"{RAIN}.extra_needs[0].units",
        "out_of_range",
    ),
    "an unknown kind of route": (
        asking_route(kind=["sea-road"]),
        f"{RAIN}.requires.kind[0]",
        "unknown_reference",
    ),
    "a kind of facility asked of a route": (
        asking_route(facility_kind="parking"),
        f"{RAIN}.requires.facility_kind",
        "unknown_key",
    ),
    "an unknown rule": (
        asking_route(rule_any=["rule-x"]),
        f"{RAIN}.requires.rule_any[0]",
        "unknown_reference",
    ),
    "an unknown ODD attribute": (
        asking_route(snow_min=3),
        f"{RAIN}.requires.snow_min",
        "unknown_key",
    ),
    "an unknown ODD value": (
        asking_route(vru_any=["horse"]),
        f"{RAIN}.requires.vru_any[0]",
        "unknown_value",
    ),
    "a least value of a list": (
        asking_route(v2x_min=3),
        f"{RAIN}.requires.v2x_min",
        "unsuitable_test",
    ),
    "an ODD value of the wrong type": (
        asking_route(hd_map="yes"),
        f"{RAIN}.requires.hd_map",
        "wrong_type",
    ),
    "an unknown spacing": (
        on_kind(session_spacing="weekly"),
        f"{RAIN}.session_spacing",
        "unknown_value",
    ),
    "a spacing backwards": (
        on_kind(session_spacing="3-1 days apart"),
        f"{RAIN}.session_spacing",
        "unknown_value",
    ),
    "vehicles without weight": (
        on_kind(vehicles_weights=[0, 0]),
        f"{RAIN}.vehicles_weights",
        "no_weight",
    ),
    "an unknown city": (
        with_section("city_weight", {"busan": 1.0}),
        "demand.city_weight.busan",
        "unknown_key",
    ),
    "eleven months": (
        with_section("month_weight", {"values": [1.0] * 11}),
        "demand.month_weight.values",
        "wrong_length",
    ),
    "a negative weight": (
        with_section("month_weight", {"values": [1.0] * 11 + [-1.0]}),
        "demand.month_weight.values[11]",
        "out_of_range",
    ),
    "an unknown weekday": (
        with_section(
            "submit_weekday_weight", {"order": ["moonday", *DAYS[1:]], "values": [1.0] * 7}
        ),
        "demand.submit_weekday_weight.order[0]",
        "unknown_value",
    ),
    "an hour past midnight": (
        with_section("wanted_start_hour_weight", {"hours": [9, 24], "values": [1.0, 1.0]}),
        "demand.wanted_start_hour_weight.hours",
        "out_of_range",
    ),
    "a standing service on an unknown route": (
        with_section("standing_booking", [STANDING | {"route": "rt-x"}]),
        "demand.standing_booking[0](st).route",
        "unknown_reference",
    ),
    "a standing service with an unknown calendar": (
        with_section("standing_booking", [STANDING | {"calendar": "cal-x"}]),
        "demand.standing_booking[0](st).calendar",
        "unknown_reference",
    ),
    "a standing service beyond its route": (
        with_section("standing_booking", [STANDING | {"vehicles": 9}]),
        "demand.standing_booking[0](st).vehicles",
        "out_of_range",
    ),
    "an option with a typo": (
        with_section(
            "capacity_option", [OPTION | {"change": {"facility": "fc-kcity-vru", "unit": 1}}]
        ),
        "demand.capacity_option[0](op).change.unit",
        "unknown_key",
    ),
    "an option without room": (
        with_section(
            "capacity_option", [OPTION | {"change": {"facility": "fc-kcity-vru", "units_add": -1}}]
        ),
        "demand.capacity_option[0](op).change.units_add",
        "out_of_range",
    ),
    "growth of an unknown type": (
        with_section("growth_scenario", [{"id": "g", "applies_to": ["oem"]}]),
        "demand.growth_scenario[0](g).applies_to[0]",
        "unknown_reference",
    ),
    "a disruption above one": (
        with_section("disruption", {"overrun_probability": 2.0}),
        "demand.disruption.overrun_probability",
        "out_of_range",
    ),
    "a month of too many days": (
        with_section("weather", {"precipitation_days": [32.0] + [0.0] * 11}),
        "demand.weather.precipitation_days[0]",
        "out_of_range",
    ),
    "an unknown time zone": (
        with_section("meta", {"timezone": "Mars/Base"}),
        "demand.meta.timezone",
        "unknown_zone",
    ),
}


@pytest.mark.parametrize(("change", "place", "code"), MISTAKES.values(), ids=MISTAKES.keys())
def test_each_kind_of_mistake_is_named_with_its_place(small, change, place, code):
    change(small)
    assert (place, code) in mistakes_of(small)


@pytest.mark.parametrize("name", MISTAKES)
def test_one_mistake_is_reported_once(small, name):
    change, place, code = MISTAKES[name]
    change(small)
    assert mistakes_of(small) == [(place, code)]


def test_all_mistakes_are_reported_at_once(small):
    for name in ("a share above one", "an unknown spacing", "eleven months", "an unknown section"):
        MISTAKES[name][0](small)
    assert mistakes_of(small) == [
        (f"{RAIN}.session_spacing", "unknown_value"),
        (f"{LAB}.cancel_rate", "out_of_range"),
        ("demand.month_weight.values", "wrong_length"),
        ("demand.orgtype", "unknown_key"),
    ]


def paths_in(value, path=()):
    if path:
        yield path
    if isinstance(value, dict | list):
        for key, each in value.items() if isinstance(value, dict) else enumerate(value):
            yield from paths_in(each, (*path, key))


PATHS = list(paths_in(json.loads(PACKAGED)))
ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=6,
)


def spoilt(document, path, value):
    step, *rest = path
    copied = copy.copy(document)
    if rest:
        copied[step] = spoilt(document[step], rest, value)
    elif value is ...:
        del copied[step]
    else:
        copied[step] = value
    return copied


@settings(max_examples=80, deadline=None)
@given(st.sampled_from(PATHS), st.just(...) | ANYTHING)
def test_any_key_deleted_or_spoilt_gives_a_profile_or_its_mistakes(path, value):
    try:
        found = parse_demand(spoilt(json.loads(PACKAGED), path, value), CATALOGUE)
    except InvalidFile as error:
        found = error.mistakes
    assert isinstance(found, DemandProfile) or all(each.place and each.code for each in found)
    assert found


@pytest.mark.slow
@settings(max_examples=2000, deadline=None)
@given(st.sampled_from(PATHS), ANYTHING)
def test_every_key_spoilt_gives_a_profile_or_its_mistakes(path, value):
    try:
        found = parse_demand(spoilt(json.loads(PACKAGED), path, value), CATALOGUE)
    except InvalidFile as error:
        found = error.mistakes
    assert found
