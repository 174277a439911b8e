"""The table of notices: which kinds of notes are told, to whom, and how they may be put off.

A kind is the action of a note (`Write.note`). To tell one more: a line here, a template in each
language (`testbed/jobs/mails/ko|en/KIND.txt`), a line in `tests/jobs/samples.py` where its fields
are new, then `pytest tests/jobs/test_golden_mails.py --rewrite-golden` and a look at the result.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from testbed.service.approvers import the_approvers
from testbed.service.readers import (
    Rule,
    nobody,
    the_asker,
    the_keepers,
    the_managers,
    the_owner,
    the_partners,
)


class Choice(StrEnum):
    """How a member is told of a group of kinds."""

    AT_ONCE = "at_once"
    DAILY = "daily"
    NEVER = "never"


class Group(StrEnum):
    """Kinds that a member sets together."""

    SAFETY = "safety"
    BOOKINGS = "bookings"
    REMINDERS = "reminders"
    WAITLIST = "waitlist"
    APPROVALS = "approvals"
    PAPERS = "papers"
    SERIES = "series"
    TOGETHER = "together"
    ORGANISATION = "organisation"
    PLANNING = "planning"


_ANY = (Choice.AT_ONCE, Choice.DAILY, Choice.NEVER)
# Nobody can be left uninformed of a danger; an offer or a reminder is over before a digest comes.
CHOICES: Mapping[Group, tuple[Choice, ...]] = {
    **dict.fromkeys(Group, _ANY),
    Group.SAFETY: (Choice.AT_ONCE,),
    Group.REMINDERS: (Choice.AT_ONCE, Choice.NEVER),
    Group.WAITLIST: (Choice.AT_ONCE, Choice.NEVER),
}


@dataclass(frozen=True, slots=True)
class Notice:
    """How one kind is told: the group that it is set with, by mail to whom.

    `is_event`: webhooks hear of it too; the note's document then names its `organisation`.
    """

    group: Group
    to: tuple[Rule, ...] = (nobody,)
    is_event: bool = False

    @property
    def is_mailed(self) -> bool:
        """Whether anybody gets a mail, so that it needs templates."""
        return self.to != (nobody,)


def _told(group: Group, *to: Rule) -> Notice:
    """A kind that mails and webhooks tell."""
    return Notice(group, to, is_event=True)


def _mailed(group: Group, *to: Rule) -> Notice:
    """A kind that mails alone tell."""
    return Notice(group, to)


def _event(group: Group) -> Notice:
    """A kind that webhooks alone tell."""
    return Notice(group, is_event=True)


# What stands in the audit log and in no line here is told to nobody.
NOTICES: Mapping[str, Notice] = {
    # -- bookings ----------------------------------------------------------------------------
    "booking.confirmed": _told(Group.BOOKINGS, the_asker, the_partners),
    "booking.moved": _told(Group.BOOKINGS, the_asker, the_partners),
    "booking.shortened": _told(Group.BOOKINGS, the_asker, the_partners),
    "booking.extended": _told(Group.BOOKINGS, the_asker, the_partners),
    "booking.cancelled": _told(Group.BOOKINGS, the_asker, the_partners),
    "booking.expired": _told(Group.BOOKINGS, the_asker),
    "booking.checked_in": _event(Group.BOOKINGS),
    "booking.no_show": _told(Group.BOOKINGS, the_asker),
    "booking.checked_out": _event(Group.BOOKINGS),
    "booking.not_checked_out": _told(Group.BOOKINGS, the_asker),
    "booking.overrun_ahead": _told(Group.BOOKINGS, the_asker),
    "booking.displaced": _told(Group.SAFETY, the_asker, the_managers),
    "booking.stopped": _told(Group.SAFETY, the_asker, the_managers),
    "booking.restored": _told(Group.SAFETY, the_asker, the_managers),
    "booking.pending": _event(Group.APPROVALS),
    "booking.rejected": _event(Group.APPROVALS),
    "booking.rejected_by_silence": _told(Group.APPROVALS, the_asker),
    "booking.confirmed_by_silence": _told(Group.APPROVALS, the_asker),
    "series.continued": _mailed(Group.SERIES, the_owner),
    "series.started": _event(Group.SERIES),
    "series.confirmed": _event(Group.SERIES),
    "series.edited": _event(Group.SERIES),
    "series.cancelled": _event(Group.SERIES),
    "series.extended": _event(Group.SERIES),
    "booking.to_reconfirm": _told(Group.SERIES, the_asker),
    "booking.not_reconfirmed": _told(Group.SERIES, the_asker),
    "booking.reconfirmed": _event(Group.SERIES),
    # -- together ----------------------------------------------------------------------------
    # A hold is news to the partners who are asked to take part, and to nobody else.
    "booking.held": _told(Group.TOGETHER, the_partners),
    "booking.partner_invited": _told(Group.TOGETHER, the_partners),
    "booking.partner_accepted": _told(Group.TOGETHER, the_asker),
    "booking.partner_declined": _told(Group.TOGETHER, the_asker),
    "booking.partner_left": _told(Group.TOGETHER, the_asker),
    "booking.shared_out": _event(Group.TOGETHER),
    "booking.handed_over": _event(Group.TOGETHER),
    "handover.offered": _told(Group.TOGETHER, the_managers),
    "handover.withdrawn": _told(Group.TOGETHER, the_managers),
    "handover.accepted": _told(Group.TOGETHER, the_managers),
    "handover.declined": _told(Group.TOGETHER, the_managers),
    # -- the waitlist ------------------------------------------------------------------------
    "booking.offered": _told(Group.WAITLIST, the_asker),
    "waitlist.waiting": _told(Group.WAITLIST, the_asker),
    "waitlist.unanswered": _told(Group.WAITLIST, the_asker),
    "waitlist.lapsed": _told(Group.WAITLIST, the_asker),
    "waitlist.served": _event(Group.WAITLIST),
    "waitlist.withdrawn": _event(Group.WAITLIST),
    # -- approvals ---------------------------------------------------------------------------
    "approval.asked": _mailed(Group.APPROVALS, the_approvers),
    "approval.due": _mailed(Group.APPROVALS, the_approvers),
    "approval.accepted": _told(Group.APPROVALS, the_asker),
    "approval.rejected": _told(Group.APPROVALS, the_asker),
    # -- papers ------------------------------------------------------------------------------
    "booking.papers_missing": _told(Group.PAPERS, the_asker, the_managers),
    "paper.entered": _event(Group.PAPERS),
    "paper.accepted": _told(Group.PAPERS, the_managers),
    "paper.rejected": _told(Group.PAPERS, the_managers),
    "paper.ending": _told(Group.PAPERS, the_managers),
    # -- organisations -----------------------------------------------------------------------
    "webhook.disabled": _mailed(Group.ORGANISATION, the_keepers),
    # -- planning ----------------------------------------------------------------------------
    "experiment.done": _mailed(Group.PLANNING, the_owner),
    "experiment.failed": _mailed(Group.PLANNING, the_owner),
}
# Mails that a use case writes itself, not by a note; only the reminder is anybody's choice.
WRITTEN_DIRECTLY: Mapping[str, Group | None] = {
    "digest": None,
    "invitation": None,
    "password_reset": None,
    "registration_rejected": None,
    "reminder": Group.REMINDERS,
    "usage_due": Group.REMINDERS,
}
EVENTS = frozenset(kind for kind, notice in NOTICES.items() if notice.is_event)
MAILED = frozenset(kind for kind, notice in NOTICES.items() if notice.is_mailed)
