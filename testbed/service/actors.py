"""Who acts, and for whom they may."""

from testbed.domain.bookings import Booking
from testbed.domain.errors import NotAllowed, NotFound
from testbed.domain.parties import Member, Role
from testbed.domain.sharing import parties

SYSTEM = Member(0, "", "", "system", Role.OPERATOR)
ACTS_FOR_ALL = frozenset({Role.OPERATOR, Role.ADMINISTRATOR})
BOOKS = frozenset({Role.MEMBER, Role.MANAGER}) | ACTS_FOR_ALL
GIVEN_BY_MANAGERS = frozenset({Role.MEMBER, Role.MANAGER, Role.OBSERVER})


def name_of(actor: Member) -> str:
    """How records name the actor: by number, so that they hold nothing personal."""
    return f"member:{actor.id}" if actor.id else "system"


def acts_for_all(actor: Member) -> bool:
    """Whether the actor sees and changes bookings of every organisation."""
    return actor.role in ACTS_FOR_ALL


def require_acts_for(actor: Member, organisation: str) -> None:
    """Refuse a member who asks in another organisation's name.

    Raises NotAllowed("other_organisation").
    """
    if not acts_for_all(actor) and actor.organisation != organisation:
        raise NotAllowed("other_organisation", organisation=organisation)


def require_books(actor: Member) -> None:
    """Refuse who only looks or plans. Raises NotAllowed("role_not_here")."""
    if actor.role not in BOOKS:
        raise NotAllowed("role_not_here", role=actor.role.value)


def takes_part(actor: Member, booking: Booking) -> bool:
    """Whether the booking is the actor's: of their organisation, or of one that takes part."""
    return acts_for_all(actor) or actor.organisation in parties(booking.request)


def require_sees_booking(actor: Member, booking: Booking) -> None:
    """Refuse a member whose organisation takes no part in the booking, as if there were none.

    Raises NotFound("booking").
    """
    if not takes_part(actor, booking):
        raise NotFound("booking", id=booking.id)


def require_leads(actor: Member, booking: Booking) -> None:
    """Refuse all but the organisation that asked for the booking, and operators.

    Raises NotFound("booking"), and NotAllowed("lead_organisation_only") for its partners.
    """
    require_sees_booking(actor, booking)
    if not acts_for_all(actor) and actor.organisation != booking.organisation:
        raise NotAllowed("lead_organisation_only", organisation=booking.organisation)


def require_operator(actor: Member) -> None:
    """Refuse everybody but operators and administrators. Raises NotAllowed("operators_only")."""
    if not acts_for_all(actor):
        raise NotAllowed("operators_only", role=actor.role.value)


def given_by(actor: Member) -> tuple[Role, ...]:
    """The roles that the actor may give to others, in their usual order."""
    if actor.role is Role.ADMINISTRATOR:
        return tuple(Role)
    given = GIVEN_BY_MANAGERS if actor.role is Role.MANAGER else frozenset()
    return tuple(role for role in Role if role in given)


def require_may_give(actor: Member, organisation: str, role: Role) -> None:
    """Refuse to let somebody in, or give them a role, beyond what the actor may give.

    An administrator gives every role; a manager those of their own organisation. Raises
    NotAllowed: "managers_only", "other_organisation", "role_not_given_here".
    """
    if actor == SYSTEM or actor.role is Role.ADMINISTRATOR:
        return
    require_manages(actor, organisation)
    if role not in GIVEN_BY_MANAGERS:
        raise NotAllowed("role_not_given_here", role=role.value)


def require_manages(actor: Member, organisation: str) -> None:
    """Refuse everybody but administrators and the organisation's own managers.

    Raises NotAllowed: "managers_only", "other_organisation".
    """
    if actor == SYSTEM or actor.role is Role.ADMINISTRATOR:
        return
    if actor.role is not Role.MANAGER:
        raise NotAllowed("managers_only", role=actor.role.value)
    if actor.organisation != organisation:
        raise NotAllowed("other_organisation", organisation=organisation)


def require_administrator(actor: Member) -> None:
    """Refuse everybody but administrators. Raises NotAllowed("administrators_only")."""
    if actor != SYSTEM and actor.role is not Role.ADMINISTRATOR:
        raise NotAllowed("administrators_only", role=actor.role.value)
