"""Rules that an operator sets aside for one booking: who may, and where the reason is kept.

The allocator takes the codes of `Request.override` as a yes. Here it is decided whether the actor
may name them; the written reason stands in the audit beside what was made with it.
"""

from testbed.domain.bookings import Booking
from testbed.domain.errors import InvalidRequest, NotAllowed
from testbed.domain.parties import Member, Role
from testbed.domain.requests import Request
from testbed.domain.rules import OVERRIDES
from testbed.service.actors import acts_for_all, require_operator
from testbed.service.write import Write

LONGEST_REASON = 500
OVERRIDDEN = "booking.overridden"


def require_may_override(actor: Member, request: Request) -> None:
    """Refuse codes that the actor may not set aside; a request without any is let pass.

    Raises NotAllowed: "operators_only", "override_above_role"; InvalidRequest("not_overridable").
    """
    if not request.override:
        return
    require_operator(actor)
    for code in request.override:
        role = OVERRIDES.get(code)
        if role is None:
            raise InvalidRequest("not_overridable", rule=code)
        if role is Role.ADMINISTRATOR and actor.role is not Role.ADMINISTRATOR:
            raise NotAllowed("override_above_role", rule=code, role=role.value)


def offered(actor: Member) -> frozenset[str]:
    """The codes of the rules that the actor may set aside."""
    if not acts_for_all(actor):
        return frozenset()
    beyond = frozenset() if actor.role is Role.ADMINISTRATOR else {Role.ADMINISTRATOR}
    return frozenset(code for code, role in OVERRIDES.items() if role not in beyond)


def checked(actor: Member, request: Request, reason: str) -> str:
    """The reason without blanks around it, where the request sets rules aside; else nothing.

    Raises what `require_may_override` does, and NotAllowed("override_without_reason").
    """
    require_may_override(actor, request)
    if not request.override:
        return ""
    said = " ".join(reason.split())
    if not 0 < len(said) <= LONGEST_REASON or not said.isprintable():
        raise NotAllowed("override_without_reason", longest=LONGEST_REASON)
    return said


def note(write: Write, request: Request, reason: str, booking: Booking | None) -> None:
    """Keep what was set aside and why, beside the booking that came of it or else the request."""
    if not request.override:
        return
    rules = list(request.override)
    if booking is not None:
        write.tell(OVERRIDDEN, booking, rules=rules, reason=reason)
        return
    about = {"organisation": request.organisation, "rules": rules, "reason": reason}
    write.note("request.overridden", request.id, about)
