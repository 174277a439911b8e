"""The accountable parties and the persons who act for them."""

from dataclasses import dataclass
from enum import StrEnum

from testbed.domain.catalogue import ILLUSTRATIVE, Name, Provenance


class Role(StrEnum):
    """What a person may do."""

    MEMBER = "member"
    MANAGER = "manager"
    OPERATOR = "operator"
    PLANNER = "planner"
    OBSERVER = "observer"
    ADMINISTRATOR = "administrator"


@dataclass(frozen=True, slots=True)
class Organisation:
    """The accountable party of a booking; `type` decides fee factors and fairness groups."""

    id: str
    name: Name
    type: str
    city: str | None = None
    sector: str = ""
    roles: tuple[str, ...] = ()
    provenance: Provenance = ILLUSTRATIVE


@dataclass(frozen=True, slots=True)
class Member:
    """A person who acts for an organisation in one role."""

    id: int
    organisation: str
    email: str
    name: str
    role: Role
