"""What a webhook is told of an event: a small document, described in docs/api.md.

Of what was noted only the keys named here go out; new ones may come, none changes its meaning
without another `version`.
"""

from collections.abc import Mapping
from datetime import UTC, datetime

from testbed.domain.grid import moment_of
from testbed.persistence import convert
from testbed.service.readers import Told

VERSION = 1
TEST = "webhook.test"
SHOWN = (
    "organisation",
    "partners",
    "booking",
    "from",
    "to",
    "request",
    "state",
    "until",
    "expires_at",
    "deadline",
    "reason",
    "resource",
    "day",
    "valid_until",
    "name",
    "series",
)


def body_of(note: Told) -> str:
    """The text that is signed and sent for a note; the same at every attempt."""
    known = {name: note.document[name] for name in SHOWN if name in note.document}
    data = {"id": note.subject, **known, **_slot(note.document)}
    return _body(note.kind, note.at, data)


def body_of_test(webhook: str, now: datetime) -> str:
    """The text of a test event, which tells of nothing that happened."""
    return _body(TEST, now, {"id": webhook})


def organisations_of(note: Told) -> frozenset[str]:
    """Whose event it is: the organisation's, and the partners' of a joint booking."""
    owner = note.document.get("organisation")
    partners = note.document.get("partners") or ()
    return frozenset([*partners, *([owner] if owner else [])])


def _body(kind: str, at: datetime, data: Mapping[str, object]) -> str:
    moment = _moment(at)
    return convert.dump({"type": kind, "timestamp": moment, "version": VERSION, "data": data})


def _slot(document: convert.Json) -> dict[str, object]:
    """Where and when, for what has a place in the calendar."""
    found: dict[str, object] = {
        name: _moment(moment_of(document[name]))
        for name in ("start", "end")
        if isinstance(document.get(name), int)
    }
    if "lines" in document:
        found["resources"] = [line[0] for line in document["lines"]]
    return found


def _moment(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat().replace("+00:00", "Z")
