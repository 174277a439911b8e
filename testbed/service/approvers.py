"""Who answers for the parties of an approval, and so who is asked by mail."""

from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import Connection

from testbed.domain.approvals import Approval, is_province
from testbed.domain.errors import NotAllowed
from testbed.domain.parties import Member, Role
from testbed.persistence import approving
from testbed.service.readers import Reader, Told, operators_of


@dataclass(frozen=True, slots=True)
class Approvers:
    """The organisations that have operators, and the province, which answers for who has none."""

    staffed: frozenset[str]
    province: frozenset[str]

    def may_answer(self, actor: Member, asked: Approval) -> bool:
        """Whether the actor may speak for the party."""
        return actor.role is Role.OPERATOR and actor.organisation in self.answer_for(asked)

    def answer_for(self, asked: Approval) -> frozenset[str]:
        """The organisations whose operators may answer: the party's own; the province beside it.

        The province runs the places of its operators, so it answers for them at any time; for any
        other party only where that has nobody.
        """
        own = frozenset({asked.organisation} if asked.organisation else ()) & self.staffed
        return own | self.province if asked.party == "operator" or not own else own

    def is_own(self, actor: Member, asked: Approval) -> bool:
        """Whether the actor belongs to the party itself."""
        return actor.organisation == asked.organisation or (
            asked.party == "operator" and actor.organisation in self.province
        )

    def require_may_answer(self, actor: Member, asked: Approval) -> None:
        """Refuse who does not belong to the party. Raises NotAllowed("not_this_party")."""
        if not self.may_answer(actor, asked):
            raise NotAllowed("not_this_party", party=asked.party.value)


def known_approvers(connection: Connection) -> Approvers:
    """Who may answer at this moment."""
    known = approving.known_organisations(connection)
    province = frozenset(each.id for each in known if is_province(each))
    return Approvers(approving.with_operators(connection), province)


def approvers_of(connection: Connection, asked: Iterable[Approval]) -> tuple[Reader, ...]:
    """The operators who may answer one of these questions."""
    who = known_approvers(connection)
    places = frozenset[str]().union(*(who.answer_for(each) for each in asked))
    return operators_of(connection, sorted(places))


def the_approvers(connection: Connection, note: Told) -> tuple[Reader, ...]:
    """Whoever may answer what is still open about the booking."""
    asked = approving.current(connection, note.subject)
    return approvers_of(connection, [each for each in asked if each.answer is None])
