"""The example bookings of a demonstration."""

from datetime import timedelta

import pytest
from click.testing import CliRunner

from testbed.domain.bookings import State
from testbed.domain.grid import moment_of
from testbed.service import listings
from testbed.service.actors import SYSTEM
from testbed.service.listings import BookingsWanted
from tests.web.conftest import NOW
from tests.web.reading import held
from web import examples
from web.cli import serve


def listed(context):
    kept = listings.bookings(context, BookingsWanted(), NOW, SYSTEM, limit=200).items
    return [each.booking for each in kept]


@pytest.mark.slow
def test_they_fill_today_and_coming_days_in_many_cities_for_fictional_organisations(context):
    granted = examples.book(context, NOW)
    found = listed(context)
    catalogue = context.content().catalogue
    assert granted == len(found) > 40
    assert all(each.organisation.startswith("demo-") for each in found)
    assert len({catalogue.resource(each.lines[0].resource).city for each in found}) >= 6
    assert {State.CONFIRMED, State.HELD} <= {each.state for each in found}
    day_end = NOW + timedelta(hours=14)
    today = [each for each in found if moment_of(each.start) < day_end]
    assert len(today) >= 4
    begun = [each.state for each in today if moment_of(each.start) <= NOW]
    assert State.CHECKED_IN in begun
    assert any(each.state is State.CONFIRMED for each in today)


@pytest.mark.slow
def test_they_are_booked_once(context):
    examples.book(context, NOW)
    before = listed(context)
    assert examples.book(context, NOW) == 0
    assert listed(context) == before


def test_where_somebody_has_booked_nothing_is_added(context, nari):
    held(nari)
    assert examples.book(context, NOW) == 0
    assert len(listed(context)) == 1


def test_they_are_for_demonstrations_alone():
    answer = CliRunner().invoke(serve, ["--examples"])
    assert answer.exit_code == 2
    assert "--demo" in answer.output
