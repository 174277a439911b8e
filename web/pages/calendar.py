"""The address that calendars subscribe to: whoever has it reads one feed, without signing in."""

from hashlib import sha256

from flask import Blueprint, Response, g, request

from testbed.domain.errors import NotFound
from testbed.service import emergency, feed_entries, feeds
from testbed.service.actors import acts_for_all
from testbed.service.feeds import Opened
from web import limits
from web.deps import catalogue, context, doors, now, organisations
from web.feed_calendar import Reading, as_text, sites_of

blueprint = Blueprint("calendar", __name__)


@blueprint.get("/calendar/<key>.ics")
def feed(key: str) -> Response:
    """The feed as it stands, or 304 where the calendar has it already. Raises NotFound("feed")."""
    limits.require_room("feed", limits.network_address())
    opened = feeds.opened(context(), key, now())
    if opened is None:
        limits.hit("feed", limits.network_address())
        raise NotFound("feed", id="")
    limits.hit("feed", opened.feed.id)
    g.lang = opened.feed.language
    return _answer(_written(opened))


def _written(opened: Opened) -> bytes:
    found = feed_entries.entries(context(), opened, now())
    sees_all = acts_for_all(opened.owner)
    known = catalogue()
    sites = {site for each in found if each.booking for site in sites_of(each.booking, known)}
    reading = Reading(
        known,
        organisations(),
        doors().settings.site_url,
        tells_whose=sees_all,
        instructions=emergency.instructions(context(), sites),
    )
    return as_text(opened.feed, found, reading)


def _answer(written: bytes) -> Response:
    answer = Response(written, mimetype="text/calendar")
    answer.headers["Content-Disposition"] = 'inline; filename="testbeds.ics"'
    answer.headers["Cache-Control"] = "private, no-cache"
    answer.set_etag(sha256(written).hexdigest()[:32])
    answer.make_conditional(request)
    return answer
