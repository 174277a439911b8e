"""Who acts, and for whom they may."""

from testbed.domain.errors import NotAllowed, NotFound
from testbed.domain.parties import Member, Role

SYSTEM = Member(0, "", "", "system", Role.OPERATOR)
ACTS_FOR_ALL = frozenset({Role.OPERATOR, Role.ADMINISTRATOR})


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


def require_sees(actor: Member, organisation: str, booking_id: str) -> None:
    """Refuse a member who looks at another organisation's booking, as if there were none.

    Raises NotFound("booking").
    """
    if not acts_for_all(actor) and actor.organisation != organisation:
        raise NotFound("booking", id=booking_id)


def require_operator(actor: Member) -> None:
    """Refuse everybody but operators and administrators. Raises NotAllowed("operators_only")."""
    if not acts_for_all(actor):
        raise NotAllowed("operators_only", role=actor.role.value)
