"""What an organisation registers one by one, its vehicles and its drivers: enter, change, retire.

Papers and bookings rely on it, so every change checks those again.
"""

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, Generic, TypeVar

from sqlalchemy import Connection, Row, Table, insert, select, update

from testbed.domain.errors import InvalidRequest, NotFound
from testbed.domain.parties import Member
from testbed.persistence.paper_tables import paper
from testbed.service.actors import require_manages
from testbed.service.context import Context
from testbed.service.eligibility import may_read, rechecked, require_reads
from testbed.service.terms import named, once
from testbed.service.write import Write, run

LONGEST_NAME = 80


@dataclass(frozen=True, slots=True)
class Registered:
    """An entry of an organisation's register; a retired one is kept, but no longer counts."""

    id: str
    organisation: str
    name: str
    retired_at: datetime | None = field(default=None, kw_only=True)


E = TypeVar("E", bound=Registered)


class Register(ABC, Generic[E]):
    """The register of one sort of entry, in a table of its own; `noun` names it in codes."""

    noun: str
    table: Table

    @abstractmethod
    def kept(self, row: Row[*tuple[Any, ...]]) -> E:
        """The entry of a row."""

    @abstractmethod
    def columns(self, entry: E) -> dict[str, Any]:
        """The row of an entry, but for its moments."""

    @abstractmethod
    def checked(self, entry: E) -> E:
        """The entry as it is kept. Raises InvalidRequest for a value that cannot be."""

    @abstractmethod
    def identity(self, entry: E) -> tuple[object, ...]:
        """What an operator compares papers with; where it changes, they are looked at again."""

    def told(self, entry: E) -> Mapping[str, Any]:
        """What the audit holds: nothing personal."""
        return {"organisation": entry.organisation}

    # -- looking -----------------------------------------------------------------------------

    def listing(
        self, ctx: Context, organisation: str, actor: Member, *, with_retired: bool = False
    ) -> tuple[E, ...]:
        """The organisation's entries by name. Raises NotAllowed("other_organisation")."""
        require_reads(actor, organisation)
        columns = self.table.c
        query = select(self.table).where(columns.organisation == organisation)
        if not with_retired:
            query = query.where(columns.retired_at.is_(None))
        with ctx.database.reading() as connection:
            rows = connection.execute(query.order_by(columns.name, columns.id)).all()
        return tuple(self.kept(row) for row in rows)

    def one(self, ctx: Context, entry_id: str, actor: Member) -> E:
        """One entry. Raises NotFound, also for one of another organisation."""
        with ctx.database.reading() as connection:
            return self.find(connection, entry_id, actor)

    def find(self, connection: Connection, entry_id: str, actor: Member) -> E:
        """One entry in a transaction. Raises NotFound."""
        query = select(self.table).where(self.table.c.id == entry_id)
        row = connection.execute(query).one_or_none()
        if row is None or not may_read(actor, row.organisation):
            raise NotFound(self.noun, id=entry_id)
        return self.kept(row)

    # -- changing ----------------------------------------------------------------------------

    def enter(
        self, ctx: Context, wanted: E, now: datetime, actor: Member, key: str | None = None
    ) -> E:
        """Enter an entry (whatever its id); returns it with its id.

        Raises NotAllowed: "managers_only", "other_organisation"; and what `checked` does.
        """
        require_manages(actor, wanted.organisation)
        entry = self.checked(replace(wanted, id=ctx.new_id(), retired_at=None))
        asked = {self.noun: {**self.columns(entry), "id": ""}}
        own = None if key is None else named(actor, key, asked)

        def work(write: Write) -> E:
            write.lock_organisation(entry.organisation)
            return once(
                write,
                own,
                lambda: self._entered(write, entry),
                lambda made: {self.noun: made.id},
                lambda stored: self.find(write.connection, stored[self.noun], actor),
            )

        return run(ctx, now, actor, work)

    def _entered(self, write: Write, entry: E) -> E:
        with rechecked(write, entry.organisation):
            row = {**self.columns(entry), "entered_at": write.now}
            write.connection.execute(insert(self.table), row)
        return self._noted(write, "entered", entry)

    def change(
        self, ctx: Context, wanted: E, now: datetime, actor: Member, key: str | None = None
    ) -> E:
        """Change what an entry says of itself; papers that were accepted for another wait again.

        Raises NotFound, and what `enter` raises.
        """

        def changed(write: Write, before: E) -> E:
            owner, retired_at = before.organisation, before.retired_at
            after = self.checked(replace(wanted, organisation=owner, retired_at=retired_at))
            self._update(write, after.id, self.columns(after))
            if self.identity(after) != self.identity(before):
                self._ask_again(write, after)
            return self._noted(write, "changed", after)

        asked = {"change": {**self.columns(wanted), "organisation": ""}}
        return self._step(ctx, wanted.id, now, actor, changed, asked=asked, key=key)

    def retire(
        self, ctx: Context, entry_id: str, now: datetime, actor: Member, key: str | None = None
    ) -> E:
        """Retire an entry for good; bookings that rely on it are checked again.

        Raises NotFound, NotAllowed("managers_only").
        """

        def retired(write: Write, before: E) -> E:
            if before.retired_at is not None:
                return before
            self._update(write, before.id, {"retired_at": now})
            return self._noted(write, "retired", replace(before, retired_at=now))

        return self._step(ctx, entry_id, now, actor, retired, asked={"retire": entry_id}, key=key)

    def _step(
        self,
        ctx: Context,
        entry_id: str,
        now: datetime,
        actor: Member,
        step: Callable[[Write, E], E],
        *,
        asked: dict[str, Any],
        key: str | None,
    ) -> E:
        own = None if key is None else named(actor, key, asked)

        def work(write: Write) -> E:
            before = self.find(write.connection, entry_id, actor)
            require_manages(actor, before.organisation)
            write.lock_organisation(before.organisation)

            def taken() -> E:
                with rechecked(write, before.organisation):
                    return step(write, before)

            return once(write, own, taken, lambda _: asked, lambda _: before)

        return run(ctx, now, actor, work)

    def _update(self, write: Write, entry_id: str, values: dict[str, Any]) -> None:
        mine = self.table.c.id == entry_id
        write.connection.execute(update(self.table).where(mine).values(values))

    def _ask_again(self, write: Write, entry: E) -> None:
        """Let its accepted papers wait for an operator: they were accepted for somebody else."""
        about = (paper.c[self.noun] == entry.id) & (paper.c.state == "accepted")
        waits = {"state": "waiting", "decided_at": None, "version": paper.c.version + 1}
        write.connection.execute(update(paper).where(about).values(waits))

    def _noted(self, write: Write, what: str, entry: E) -> E:
        write.note(f"{self.noun}.{what}", entry.id, self.told(entry))
        return entry


def checked_name(name: str) -> str:
    """The name without blanks around it. Raises InvalidRequest("bad_name")."""
    said = name.strip()
    if not 0 < len(said) <= LONGEST_NAME or not said.isprintable():
        raise InvalidRequest("bad_name", longest=LONGEST_NAME)
    return said
