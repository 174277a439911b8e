"""Calendar feeds: addresses that a calendar subscribes to, made, named and revoked."""

from typing import Annotated, Any, Literal

from flask import Response, url_for
from pydantic import ConfigDict, Field, StringConstraints

from testbed.domain.errors import NotFound
from testbed.service import feeds as service
from testbed.service.feeds import LONGEST_NAME, Feed, Kind, Wanted
from testbed.service.tokens import Scope
from web.api.answers.common import Answer, Moment, Next
from web.api.bearer import caller
from web.api.endpoint import CHANGES, endpoint, noun
from web.api.paging import cursor_of, parts_of
from web.api.replying import located, reply
from web.api.showing import utc, utc_or_none
from web.deps import context, now
from web.schemas import Body, Id, Named, Once, Paged

blueprint = noun("feeds", "Addresses that a calendar subscribes to")

# It begins with a letter or digit; control characters are refused.
CALLED = r"^[A-Za-z0-9가-힣][^\x00-\x1f\x7f]{0,99}$"
FeedName = Annotated[str, StringConstraints(max_length=LONGEST_NAME, pattern=CALLED)]
Shows = Annotated[Kind, Field(strict=False)]


class FeedIn(Body):
    """A feed that is asked for."""

    model_config = ConfigDict(json_schema_extra={"example": {"name": "phone", "kind": "member"}})

    name: FeedName
    kind: Shows = Field(description="Own bookings, or those of an organisation, resource or city")
    about: Id | None = Field(
        default=None, description="Which organisation (null: your own), resource or city"
    )
    language: Literal["ko", "en"] = "ko"


class FeedNameIn(Body):
    """What a feed is to be called."""

    model_config = ConfigDict(json_schema_extra={"example": {"name": "calendar of the team"}})

    name: FeedName


class FeedAnswer(Answer):
    """A feed; its address was shown when it was made."""

    id: str
    name: str
    kind: Kind
    about: str | None
    language: str
    created_at: Moment
    last_read_at: Moment | None


class FeedMade(FeedAnswer):
    """A new feed with its address: a key that is shown this once."""

    address: str


class FeedPage(Answer):
    """A page of feeds, the newest first."""

    items: list[FeedAnswer]
    next: Next


@blueprint.get("/feeds", responses={200: FeedPage})
@endpoint(Scope.READ)
def listing(query: Paged) -> Response:
    """List your feeds, the newest first."""
    found = service.listing(context(), caller())
    first = _first(found, query.cursor)
    shown = found[first : first + query.limit]
    more = first + query.limit < len(found)
    items = [FeedAnswer(**_told(each)) for each in shown]
    return reply(FeedPage(items=items, next=cursor_of(shown[-1].id) if more else None))


def _first(found: tuple[Feed, ...], cursor: str | None) -> int:
    """Where the page begins. Raises NotFound("cursor")."""
    if cursor is None:
        return 0
    names = [each.id for each in found]
    (last,) = parts_of(cursor, 1)
    if last not in names:
        raise NotFound("cursor", cursor=cursor)
    return names.index(last) + 1


@blueprint.get("/feeds/<id>", responses={200: FeedAnswer})
@endpoint(Scope.READ)
def one(path: Named) -> Response:
    """Show one of your feeds."""
    return reply(FeedAnswer(**_told(service.one(context(), path.id, caller()))))


@blueprint.post("/feeds", responses={201: FeedMade, **CHANGES})
@endpoint(Scope.BOOK, "submit")
def create(body: FeedIn, header: Once) -> Response:
    """Make a feed. The same key again answers the same feed with a new address."""
    about = body.about or (caller().organisation if body.kind is Kind.ORGANISATION else "")
    wanted = Wanted(body.name, body.kind, about, body.language)
    made = service.create(context(), caller(), wanted, now(), header.idempotency_key)
    address = url_for("calendar.feed", key=made.text, _external=True)
    return located(reply(FeedMade(**_told(made.feed), address=address), 201), "feeds", made.feed.id)


@blueprint.post("/feeds/<id>/rename", responses={200: FeedAnswer, **CHANGES})
@endpoint(Scope.BOOK, "submit")
def rename(path: Named, body: FeedNameIn, header: Once) -> Response:
    """Call a feed otherwise."""
    key = header.idempotency_key
    found = service.rename(context(), path.id, body.name, now(), caller(), key=key)
    return reply(FeedAnswer(**_told(found)))


@blueprint.post("/feeds/<id>/revoke", responses={204: None, **CHANGES})
@endpoint(Scope.BOOK, "submit")
def revoke(path: Named, header: Once) -> Response:
    """Let the address of a feed open nothing any more."""
    service.revoke(context(), path.id, now(), caller(), header.idempotency_key)
    return Response(status=204)


def _told(feed: Feed) -> dict[str, Any]:
    return {
        "id": feed.id,
        "name": feed.name,
        "kind": feed.kind,
        "about": feed.about or None,
        "language": feed.language,
        "created_at": utc(feed.created_at),
        "last_read_at": utc_or_none(feed.last_used_at),
    }
