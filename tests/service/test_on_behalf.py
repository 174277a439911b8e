"""Booked by an operator for a member of an organisation."""

import pytest

from testbed.domain.errors import InvalidRequest, NotAllowed
from testbed.domain.parties import Role
from testbed.service import listings, on_behalf, quota, requests
from testbed.service.context import Context
from testbed.service.on_behalf import BookedFor
from tests.catalogues import NOW, wish
from tests.people import join


def test_the_organisations_hours_count_and_the_member_is_kept(ctx: Context) -> None:
    operator = join(ctx, Role.OPERATOR, "org-op")
    member = join(ctx, Role.MEMBER, "org-a")
    given = requests.submit(ctx, wish(), NOW, operator, for_member=member.id)
    assert given.booking
    assert given.booking.organisation == "org-a"
    booked_for = BookedFor(member.id, member.name)
    assert on_behalf.of_booking(ctx, given.booking, member) == booked_for
    assert on_behalf.of_booking(ctx, given.booking, operator) == booked_for
    assert on_behalf.of_booking(ctx, given.booking, join(ctx, Role.MANAGER, "org-b")) is None
    assert [each.hours for each in quota.weekly(ctx, "org-a", NOW, member)] == [2]
    assert [each.id for each in (listings.one_request(ctx, given.request_id, member).request,)]


def test_only_for_somebody_who_books_for_that_organisation(ctx: Context) -> None:
    operator = join(ctx, Role.OPERATOR, "org-op")
    strangers = (join(ctx, Role.MEMBER, "org-b"), join(ctx, Role.OBSERVER, "org-a"))
    for each in strangers:
        with pytest.raises(InvalidRequest, match="member_elsewhere"):
            requests.submit(ctx, wish(), NOW, operator, for_member=each.id)


def test_a_member_books_for_nobody_else(ctx: Context) -> None:
    member, colleague = join(ctx), join(ctx, name="colleague")
    with pytest.raises(NotAllowed, match="operators_only"):
        requests.submit(ctx, wish(), NOW, member, for_member=colleague.id)
    with pytest.raises(NotAllowed, match="operators_only"):
        on_behalf.choices(ctx, member)
