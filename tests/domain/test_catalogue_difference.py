"""What one catalogue has other than another."""

from dataclasses import replace

from testbed.domain.catalogue_difference import Difference, differences
from testbed.domain.catalogue_file import parse_catalogue
from testbed.files import read_catalogue

OLD = parse_catalogue(read_catalogue("packaged:gyeonggi"))


def test_a_catalogue_is_not_other_than_itself():
    assert differences(OLD, parse_catalogue(read_catalogue("packaged:gyeonggi"))) == []


def test_what_is_new_gone_and_changed_is_told_by_table():
    tunnel = OLD.facilities["fc-kcity-weather"]
    facilities = {**OLD.facilities, tunnel.id: replace(tunnel, units=2, setup_min=0)}
    facilities["fc-new"] = replace(tunnel, id="fc-new")
    routes = {name: each for name, each in OLD.routes.items() if name != "rt-sn01"}
    assert differences(OLD, replace(OLD, facilities=facilities, routes=routes)) == [
        Difference("route", "rt-sn01", "removed"),
        Difference("facility", "fc-kcity-weather", "changed", ("units", "setup_min")),
        Difference("facility", "fc-new", "added"),
    ]


def test_figures_that_no_rule_reads_count_too():
    route = OLD.routes["rt-sn01"]
    routes = {**OLD.routes, route.id: replace(route, details={**route.details, "length_km": 9})}
    found = differences(OLD, replace(OLD, routes=routes))
    assert found == [Difference("route", "rt-sn01", "changed", ("details",))]
