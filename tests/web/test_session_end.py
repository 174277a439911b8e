"""Sessions that the service ends: the next page asks to sign in again."""

import pytest

from testbed.domain.parties import Role
from testbed.service import accounts, members
from testbed.service.actors import SYSTEM
from tests.web.conftest import NOW, PASSWORD


def set_role(context, member):
    accounts.change_role(context, member.id, Role.OBSERVER, NOW, SYSTEM)


def deactivate(context, member):
    accounts.deactivate(context, member.id, NOW, SYSTEM)


def set_password(context, member):
    accounts.change_password(context, member, PASSWORD, "another long password", NOW)


def sign_out_everywhere(context, member):
    accounts.sign_out_everywhere(context, member, NOW)


@pytest.mark.parametrize("end", [set_role, deactivate, set_password, sign_out_everywhere])
def test_a_session_that_was_ended_elsewhere_is_over_at_the_next_page(context, nari, end):
    assert nari.get("/bookings").status_code == 200
    end(context, members.by_email(context, "nari@example.org"))
    answer = nari.get("/bookings")
    assert answer.status_code == 302
    assert answer.location.startswith("/sign-in")


@pytest.mark.parametrize("kept", ["1", "1.0", "x", "", "1.0.", "1.9.a", "1.0.a.b"])
def test_a_session_of_another_shape_is_nobodys(nari, kept):
    with nari.session_transaction() as session:
        session["_user_id"] = kept
    assert nari.get("/bookings").status_code == 302
