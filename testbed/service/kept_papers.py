"""Papers as they are kept: what stands in a row, one of them, lists of them."""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, select, true, tuple_

from testbed.domain.errors import NotFound
from testbed.domain.papers import PaperKind
from testbed.domain.parties import Member
from testbed.persistence import convert
from testbed.persistence.paper_tables import paper as table
from testbed.persistence.paper_tables import paper_document as documents
from testbed.service.actors import acts_for_all
from testbed.service.context import Context
from testbed.service.eligibility import may_read, require_reads
from testbed.service.listings import Mark, Page


class PaperState(StrEnum):
    """Where a paper stands; only an accepted one counts."""

    WAITING = "waiting"
    ACCEPTED = "accepted"
    REJECTED = "rejected"
    WITHDRAWN = "withdrawn"


@dataclass(frozen=True, slots=True)
class KeptPaper:
    """A paper as its organisation entered it, and what became of it.

    `why` is the operator's reason for a rejection; `document` the name of its file, if it has one.
    """

    id: str
    organisation: str
    kind: PaperKind
    valid_from: date
    valid_until: date
    vehicle: str | None = None
    driver: str | None = None
    site: str | None = None
    covers: tuple[str, ...] = ()
    number: str = ""
    state: PaperState = PaperState.WAITING
    why: str = ""
    version: int = 1
    entered_at: datetime | None = None
    document: str | None = None


@dataclass(frozen=True, slots=True)
class PapersWanted:
    """Which papers are listed; None takes all. `ends_by`: those whose last day is not after it."""

    organisation: str | None = None
    states: frozenset[PaperState] | None = None
    kind: PaperKind | None = None
    ends_by: date | None = None


# -- reading -----------------------------------------------------------------------------------


def listing(
    ctx: Context,
    wanted: PapersWanted,
    actor: Member,
    *,
    after: Mark | None = None,
    limit: int = 50,
) -> Page[KeptPaper]:
    """A page of papers in the order in which they were entered.

    A mere member sees those of their own organisation. Raises NotAllowed("other_organisation").
    """
    query = _selected().where(_wanted(wanted, actor))
    order = table.c.entered_at, table.c.id
    if after is not None:
        query = query.where(tuple_(*order) > tuple_(after.at, after.id))
    with ctx.database.reading() as connection:
        rows = connection.execute(query.order_by(*order).limit(limit + 1)).all()
    found = [_kept(row) for row in rows[:limit]]
    more = len(rows) > limit
    return Page(tuple(found), Mark(rows[limit - 1].entered_at, found[-1].id) if more else None)


def of_organisation(ctx: Context, organisation: str, actor: Member) -> tuple[KeptPaper, ...]:
    """Everything but what was withdrawn, what ends first before.

    Raises NotAllowed("other_organisation").
    """
    require_reads(actor, organisation)
    mine = (table.c.organisation == organisation) & (table.c.state != PaperState.WITHDRAWN.value)
    with ctx.database.reading() as connection:
        rows = connection.execute(
            _selected().where(mine).order_by(table.c.valid_until, table.c.id)
        ).all()
    return tuple(_kept(row) for row in rows)


def one(ctx: Context, paper_id: str, actor: Member) -> KeptPaper:
    """One paper. Raises NotFound("paper"), also for one of another organisation."""
    with ctx.database.reading() as connection:
        return find(connection, paper_id, actor)


def find(connection: Connection, paper_id: str, actor: Member) -> KeptPaper:
    """One paper in a transaction. Raises NotFound("paper")."""
    row = connection.execute(_selected().where(table.c.id == paper_id)).one_or_none()
    if row is None or not may_read(actor, row.organisation):
        raise NotFound("paper", id=paper_id)
    return _kept(row)


def _selected() -> Any:
    beside = table.outerjoin(documents, documents.c.paper == table.c.id)
    return select(table, documents.c.name.label("document")).select_from(beside)


def _wanted(wanted: PapersWanted, actor: Member) -> ColumnElement[bool]:
    chosen = wanted.organisation
    if chosen is None and not acts_for_all(actor):
        chosen = actor.organisation
    if chosen is not None:
        require_reads(actor, chosen)
    where: ColumnElement[bool] = true()
    if chosen is not None:
        where &= table.c.organisation == chosen
    if wanted.states is not None:
        where &= table.c.state.in_(sorted(wanted.states))
    if wanted.kind is not None:
        where &= table.c.kind == wanted.kind.value
    return where if wanted.ends_by is None else where & (table.c.valid_until <= wanted.ends_by)


# -- rows --------------------------------------------------------------------------------------


def columns(paper: KeptPaper) -> dict[str, Any]:
    """The row of a paper, but for its id and moments."""
    return {
        "organisation": paper.organisation,
        "kind": paper.kind.value,
        "vehicle": paper.vehicle,
        "driver": paper.driver,
        "site": paper.site,
        "covers": convert.dump(list(paper.covers)),
        "number": paper.number,
        "valid_from": paper.valid_from,
        "valid_until": paper.valid_until,
        "state": paper.state.value,
        "why": paper.why,
        "version": paper.version,
    }


def _kept(row: Row[*tuple[Any, ...]]) -> KeptPaper:
    return KeptPaper(
        id=row.id,
        organisation=row.organisation,
        kind=PaperKind(row.kind),
        valid_from=row.valid_from,
        valid_until=row.valid_until,
        vehicle=row.vehicle,
        driver=row.driver,
        site=row.site,
        covers=tuple(convert.load(row.covers)),
        number=row.number,
        state=PaperState(row.state),
        why=row.why,
        version=row.version,
        entered_at=row.entered_at,
        document=row.document,
    )
