"""Documents as responses: ETags, conditions, locations."""

import re
from hashlib import sha256

from flask import Response

from testbed.domain.bookings import Booking
from testbed.service.terms import Terms
from web.api.answers.common import Answer
from web.api.endpoint import PREFIX
from web.api.showing import booking_answer
from web.languages import language
from web.schemas import Careful, Conditional

# An entity tag (RFC 9110); the weak sign before it changes nothing for a reader.
_TAG = re.compile(r'"([^"]*)"')
_VERSIONED = re.compile(r"([0-9]{1,9})-[0-9a-f]{16}", re.ASCII)
ANY_TAG = "*"


def reply(document: Answer, status: int = 200) -> Response:
    """The document as JSON."""
    answer = Response(document.model_dump_json(), status, mimetype="application/json")
    answer.headers["Content-Language"] = language()
    answer.vary.update(["Authorization", "Accept-Language"])
    return answer


def fresh(document: Answer, asked: Conditional) -> Response:
    """The document, or 304 where the caller has it already."""
    answer = reply(document)
    return _tagged(answer, _digest(answer), asked)


def fresh_booking(booking: Booking, version: int, asked: Conditional) -> Response:
    """A booking, or 304 where the caller has it already."""
    answer = reply(booking_answer(booking, version))
    return _tagged(answer, booking_tag(answer, version), asked)


def changed_booking(booking: Booking, version: int) -> Response:
    """A booking after a step, with the tag by which the next step may name it."""
    answer = reply(booking_answer(booking, version))
    answer.set_etag(booking_tag(answer, version))
    return answer


def booking_tag(answer: Response, version: int) -> str:
    """The ETag of a booking: its version, and a digest of all that is shown of it."""
    return f"{version}-{_digest(answer)}"


def terms_of(header: Careful) -> Terms:
    """On which terms a step is asked for: of the tags in If-Match the versions count."""
    if header.if_match is None:
        return Terms(key=header.idempotency_key)
    if header.if_match.strip() == ANY_TAG:
        return Terms(key=header.idempotency_key)
    versions = (_VERSIONED.fullmatch(tag) for tag in _TAG.findall(header.if_match))
    known = frozenset(int(found[1]) for found in versions if found)
    return Terms(known, header.idempotency_key)


def located(answer: Response, noun: str, name: str) -> Response:
    """The answer with the address of what was made."""
    answer.headers["Location"] = f"{PREFIX}/{noun}/{name}"
    return answer


def _tagged(answer: Response, tag: str, asked: Conditional) -> Response:
    known = asked.if_none_match or ""
    if known.strip() == ANY_TAG or tag in _TAG.findall(known):
        answer.status_code = 304
        answer.set_data(b"")
    answer.set_etag(tag)
    answer.headers["Cache-Control"] = "private, no-cache"
    return answer


def _digest(answer: Response) -> str:
    return sha256(answer.get_data()).hexdigest()[:16]
