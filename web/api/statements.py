"""Statements: what an organisation owes for a month, line by line."""

from datetime import date
from typing import Annotated

from flask import Response
from pydantic import ConfigDict, Field, StringConstraints

from testbed.domain.bookings import State
from testbed.domain.catalogue import Mode
from testbed.domain.errors import NotFound
from testbed.domain.grid import local_moment
from testbed.domain.statements import Entry, Sum
from testbed.service import statements as service
from testbed.service.statements import Month, Shown
from testbed.service.tokens import Scope
from web.api.answers.common import Answer, Moment, Named, Next
from web.api.bearer import caller
from web.api.endpoint import CHANGES, endpoint, noun
from web.api.paging import cursor_of, parts_of
from web.api.replying import fresh, reply
from web.api.showing import named, utc
from web.deps import context, now, organisations
from web.schemas import Body, Conditional, Id, Once, Paged, Parameters

blueprint = noun("statements", "What a month comes to")

MonthText = Annotated[str, StringConstraints(pattern=r"^20[0-8][0-9]-(0[1-9]|1[0-2])$")]
Whose = Annotated[Id | None, Field(description="For those who act for all")]


class MonthNamed(Parameters):
    """The month in the path."""

    id: MonthText = Field(examples=["2026-12"])


class StatementsWanted(Paged):
    """Whose months are listed."""

    organisation: Whose = None


class StatementWanted(Parameters):
    """Whose statement is shown."""

    organisation: Whose = None


class CloseIn(Body):
    """Whose month is closed."""

    model_config = ConfigDict(json_schema_extra={"example": {"organisation": "org-gyeonggi"}})

    organisation: Id


class MonthAnswer(Answer):
    """A month that has a statement; a provisional one is not over."""

    month: str
    provisional: bool
    closed: bool


class MonthPage(Answer):
    """A page of months, the newest first."""

    items: list[MonthAnswer]
    next: Next


class EntryAnswer(Answer):
    """One line of a booking: hours × krw_per_hour × factor, or 0 where its state is free."""

    booking: str
    resource: str
    name: Named
    kind: str
    start: Moment
    end: Moment
    mode: Mode
    units: int
    vehicles: int
    hours: float
    krw_per_hour: int
    factor: float
    state: State
    late: bool
    krw: int
    illustrative: bool = Field(description="Whether a figure behind it is not on record")


class SumAnswer(Answer):
    """What a kind of resource, or a state, comes to."""

    key: str
    hours: float
    krw: int


class StatementAnswer(Answer):
    """The statement of a month; `digest` is the SHA-256 of what was kept when it was closed."""

    organisation: str
    month: str
    provisional: bool
    closed_at: Moment | None
    digest: str | None
    krw: int
    illustrative: bool
    lines: list[EntryAnswer]
    by_kind: list[SumAnswer]
    by_state: list[SumAnswer]


@blueprint.get("/statements", responses={200: MonthPage})
@endpoint(Scope.READ)
def listing(query: StatementsWanted) -> Response:
    """List the months that have a statement, the newest first."""
    found = service.months(context(), _whose(query.organisation), now(), caller())
    rest = _before(found, query.cursor)
    shown = rest[: query.limit]
    more = len(rest) > query.limit
    items = [
        MonthAnswer(month=_said(each.first), provisional=each.is_provisional, closed=each.is_closed)
        for each in shown
    ]
    return reply(MonthPage(items=items, next=cursor_of(_said(shown[-1].first)) if more else None))


def _before(found: tuple[Month, ...], cursor: str | None) -> tuple[Month, ...]:
    """The months from which the page is taken. Raises NotFound("cursor")."""
    if cursor is None:
        return found
    (last,) = parts_of(cursor, 1)
    if last not in {_said(each.first) for each in found}:
        raise NotFound("cursor", cursor=cursor)
    return tuple(each for each in found if _said(each.first) < last)


@blueprint.get("/statements/<id>", responses={200: StatementAnswer, 304: None})
@endpoint(Scope.READ)
def one(path: MonthNamed, query: StatementWanted, header: Conditional) -> Response:
    """Show the statement of a month, e.g. `2026-12`."""
    organisation = _whose(query.organisation)
    shown = service.of_month(context(), organisation, _first(path), now(), caller())
    return fresh(_answer(shown), header)


@blueprint.post("/statements/<id>/close", responses={200: StatementAnswer, **CHANGES})
@endpoint(Scope.OPERATE, "submit")
def close(path: MonthNamed, body: CloseIn, header: Once) -> Response:
    """Keep the statement of a month that is over as it is; a closed one stays what it was."""
    key = header.idempotency_key
    shown = service.close(context(), body.organisation, _first(path), now(), caller(), key=key)
    return reply(_answer(shown))


def _whose(asked: str | None) -> str:
    """Whose statement is meant. Raises NotFound("organisation")."""
    organisation = asked or caller().organisation
    if organisation not in organisations():
        raise NotFound("organisation", id=organisation)
    return organisation


def _first(path: MonthNamed) -> date:
    return date.fromisoformat(f"{path.id}-01")


def _said(month: date) -> str:
    return f"{month:%Y-%m}"


# -- documents -------------------------------------------------------------------------------


def _answer(shown: Shown) -> StatementAnswer:
    statement, closing = shown.statement, shown.closing
    return StatementAnswer(
        organisation=statement.organisation,
        month=_said(statement.month),
        provisional=statement.is_provisional,
        closed_at=utc(closing.at) if closing else None,
        digest=closing.digest if closing else None,
        krw=statement.krw,
        illustrative=not statement.is_recorded,
        lines=[_entry(each) for each in statement.entries],
        by_kind=[_sum(each) for each in statement.by_kind()],
        by_state=[_sum(each) for each in statement.by_state()],
    )


def _entry(entry: Entry) -> EntryAnswer:
    return EntryAnswer(
        booking=entry.booking,
        resource=entry.resource,
        name=named(entry.name),
        kind=entry.kind,
        start=local_moment(entry.start, entry.zone),
        end=local_moment(entry.end, entry.zone),
        mode=entry.mode,
        units=entry.units,
        vehicles=entry.vehicles,
        hours=entry.hours,
        krw_per_hour=entry.rate,
        factor=entry.factor,
        state=entry.state,
        late=entry.is_late,
        krw=entry.krw,
        illustrative=not entry.is_recorded,
    )


def _sum(found: Sum) -> SumAnswer:
    return SumAnswer(key=found.key, hours=found.hours, krw=found.krw)
