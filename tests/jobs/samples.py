"""What a note of each kind may hold, for the letters that are compared with golden files."""

from collections.abc import Mapping
from typing import Any

from tests.catalogues import wish

_START = wish().start
# What every note of a booking holds; kinds whose notes hold more, or other things, stand below.
BOOKING: Mapping[str, Any] = {
    "subject": "b7k2m9x4q1ra",
    "organisation": "org-a",
    "start": _START,
    "end": _START + 12,
    "lines": [["rt-a1"], ["fc-rain"]],
}
EXPERIMENT: Mapping[str, Any] = {"subject": "e5n8", "name": "Two more tracks"}
UNTIL = "2026-03-09T00:00:00+00:00"
WAITS: Mapping[str, Any] = {"subject": "r4k8m2x7q9wa", "organisation": "org-a"}
APPROVAL: Mapping[str, Any] = {
    **BOOKING,
    "parties": ["operator", "city"],
    "deadline": "2026-03-09T00:00:00+00:00",
}

PAPER: Mapping[str, Any] = {
    "subject": "p3r7",
    "organisation": "org-a",
    "kind": "insurance",
    "valid_until": "2026-12-31",
}

HANDOVER: Mapping[str, Any] = {
    "subject": "h3rk",
    "organisation": "org-b",
    "booking": "b7k2m9x4q1ra",
    "from": "org-a",
    "to": "org-b",
    "start": _START,
    "end": _START + 12,
    "until": UNTIL,
}

SAMPLES: Mapping[str, Mapping[str, Any]] = {
    "handover.accepted": HANDOVER,
    "handover.declined": HANDOVER,
    "handover.offered": HANDOVER,
    "handover.withdrawn": HANDOVER,
    "booking.displaced": {**BOOKING, "reason": "Oil on the track"},
    "booking.stopped": {**BOOKING, "reason": "Oil on the track"},
    "booking.restored": {**BOOKING, "reason": "Oil on the track"},
    "reminder": {**BOOKING, "instructions": "\nHow to enter:\n\nBy the main gate.\n"},
    "usage_due": {**BOOKING, "until": UNTIL},
    "digest": {
        "member": 7,
        "count": 103,
        "items": [
            {"kind": "booking.confirmed", "fields": BOOKING},
            {"kind": "experiment.done", "fields": EXPERIMENT},
            {"kind": "booking.moved", "fields": BOOKING},
        ],
        "unsubscribe": "https://testbeds.example/notices/unsubscribe/7.signature",
    },
    "booking.offered": {**BOOKING, "expires_at": "2026-03-09T00:00:00+00:00"},
    "waitlist.waiting": WAITS,
    "waitlist.unanswered": WAITS,
    "waitlist.lapsed": WAITS,
    "approval.asked": APPROVAL,
    "approval.due": APPROVAL,
    "approval.accepted": {**APPROVAL, "parties": ["city"], "text": ""},
    "approval.rejected": {**APPROVAL, "parties": ["city"], "text": "A festival uses the road."},
    "booking.to_reconfirm": {**BOOKING, "deadline": "2026-03-14T01:00:00+00:00"},
    "series.continued": {
        "subject": "s3w8",
        "name": "Weekly rain test",
        "booked": 2,
        "left_out": "2026-04-13",
    },
    "paper.accepted": PAPER,
    "paper.rejected": PAPER,
    "paper.ending": {**PAPER, "days": 7},
    "experiment.done": EXPERIMENT,
    "experiment.failed": EXPERIMENT,
    "invitation": {
        "ticket": "t1-s3cr3t",
        "organisation": "org-a",
        "role": "member",
        "until": UNTIL,
    },
    "password_reset": {"ticket": "t1-s3cr3t", "until": UNTIL},
    "registration_rejected": {"name": "나리 모빌리티", "reason": "The address is not complete."},
    "webhook.disabled": {
        "subject": "w4kq",
        "organisation": "org-a",
        "url": "https://hooks.example.com/testbed",
        "error": "answered 503",
    },
}


def sample(kind: str) -> Mapping[str, Any]:
    """The fields of a mail of that kind."""
    return SAMPLES.get(kind, BOOKING)
