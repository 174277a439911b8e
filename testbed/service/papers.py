"""Papers of an organisation: enter, change, withdraw, accept or reject."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import insert, update

from testbed.domain.catalogue import Catalogue
from testbed.domain.errors import IllegalTransition, InvalidRequest, NotFound, Stale
from testbed.domain.papers import OF_DRIVERS, OF_PLACES, PUBLIC_ROADS, PaperKind
from testbed.domain.parties import Member
from testbed.persistence import convert
from testbed.persistence.paper_tables import paper as table
from testbed.service import drivers, vehicles
from testbed.service.actors import require_manages, require_operator
from testbed.service.context import Context
from testbed.service.eligibility import rechecked
from testbed.service.kept_papers import KeptPaper, PaperState, columns, find
from testbed.service.terms import named, once
from testbed.service.write import Write, run

LONGEST_NUMBER = 80
LONGEST_REASON = 500
MOST_PLACES = 40
YEARS = (2000, 2099)


Step = Callable[[Write, KeptPaper], KeptPaper]


# -- entering and changing ---------------------------------------------------------------------


def enter(
    ctx: Context, wanted: KeptPaper, now: datetime, actor: Member, key: str | None = None
) -> KeptPaper:
    """Enter a paper (whatever its id and state); it waits for an operator.

    Raises NotAllowed: "managers_only", "other_organisation"; NotFound: "vehicle", "driver";
    InvalidRequest: see `_checked`.
    """
    require_manages(actor, wanted.organisation)
    fresh = replace(wanted, id=ctx.new_id(), state=PaperState.WAITING, why="", version=1)
    own = None if key is None else named(actor, key, {"paper": _asked(fresh)})

    def work(write: Write) -> KeptPaper:
        write.lock_organisation(fresh.organisation)
        return once(
            write,
            own,
            lambda: _entered(write, _checked(write, fresh)),
            lambda made: {"paper": made.id},
            lambda stored: find(write.connection, stored["paper"], actor),
        )

    return run(ctx, now, actor, work)


def _entered(write: Write, paper: KeptPaper) -> KeptPaper:
    row = {**columns(paper), "id": paper.id, "entered_at": write.now}
    write.connection.execute(insert(table), row)
    write.note("paper.entered", paper.id, _about(paper))
    return replace(paper, entered_at=write.now)


def change(
    ctx: Context, wanted: KeptPaper, now: datetime, actor: Member, key: str | None = None
) -> KeptPaper:
    """Change the paper of that id; it waits again, and does not count before it is accepted again.

    `version` is the one that was seen, 0 for whichever. Raises NotFound, NotAllowed,
    IllegalTransition("paper_withdrawn"), Stale("paper_changed"), InvalidRequest: see `_checked`.
    """

    def changed(write: Write, before: KeptPaper) -> KeptPaper:
        _require_open(before)
        _require_version(before, wanted.version)
        stays = replace(wanted, organisation=before.organisation, document=before.document)
        return save(write, before, _checked(write, waiting_again(stays)), "paper.changed")

    asked = {"change": wanted.id, **_asked(wanted)}
    return step(ctx, wanted.id, now, actor, changed, asked=asked, key=key)


def waiting_again(paper: KeptPaper) -> KeptPaper:
    """The paper, to be accepted anew."""
    return replace(paper, state=PaperState.WAITING, why="")


def withdraw(
    ctx: Context, paper_id: str, now: datetime, actor: Member, key: str | None = None
) -> KeptPaper:
    """Withdraw a paper for good; bookings that rely on it are checked again.

    Raises NotFound("paper"), NotAllowed("managers_only").
    """

    def withdrawn(write: Write, before: KeptPaper) -> KeptPaper:
        if before.state is PaperState.WITHDRAWN:
            return before
        return save(write, before, replace(before, state=PaperState.WITHDRAWN), "paper.withdrawn")

    return step(ctx, paper_id, now, actor, withdrawn, asked={"withdraw": paper_id}, key=key)


def last_day_of_briefing(catalogue: Catalogue, site: str, first: date) -> date:
    """Until when a briefing given on that day counts at the site, at the strictest of its places.

    Raises InvalidRequest("paper_no_briefing") for a site that asks for none.
    """
    found = [
        catalogue.rules[each.rule].details.get("safety_briefing_valid_days")
        for each in catalogue.resources()
        if each.site == site
    ]
    days = [each for each in found if isinstance(each, int)]
    if not days:
        raise InvalidRequest("paper_no_briefing", site=site)
    return first + timedelta(days=min(days) - 1)


# -- deciding ----------------------------------------------------------------------------------


def accept(
    ctx: Context,
    paper_id: str,
    now: datetime,
    actor: Member,
    *,
    seen: int = 0,
    key: str | None = None,
) -> KeptPaper:
    """Let a paper count; `seen` is the version that was looked at, 0 for whichever.

    Raises NotFound("paper"), NotAllowed("operators_only"), Stale("paper_changed"),
    IllegalTransition("paper_decided").
    """
    decision = _Decision(PaperState.ACCEPTED, "", seen)
    return _decide(ctx, paper_id, now, actor, decision, key)


def reject(
    ctx: Context,
    paper_id: str,
    reason: str,
    now: datetime,
    actor: Member,
    *,
    seen: int = 0,
    key: str | None = None,
) -> KeptPaper:
    """Refuse a paper with a written reason. Raises what `accept` does, and "bad_paper_reason"."""
    why = " ".join(reason.split())
    return _decide(ctx, paper_id, now, actor, _Decision(PaperState.REJECTED, why, seen), key)


@dataclass(frozen=True, slots=True)
class _Decision:
    """What an operator decided on the version that was seen."""

    state: PaperState
    why: str
    seen: int


def _decide(  # noqa: PLR0917 -- private, and called from two lines above
    ctx: Context, paper_id: str, now: datetime, actor: Member, made: _Decision, key: str | None
) -> KeptPaper:
    require_operator(actor)
    asked = {"decide": paper_id, "state": made.state.value, "why": made.why, "seen": made.seen}

    def decided(write: Write, before: KeptPaper) -> KeptPaper:
        _require_version(before, made.seen)
        if before.state is not PaperState.WAITING:
            raise IllegalTransition("paper_decided", id=paper_id, state=before.state.value)
        if made.state is PaperState.REJECTED:
            _require_reason(made.why)
        return save(
            write, before, replace(before, state=made.state, why=made.why), f"paper.{made.state}"
        )

    return step(ctx, paper_id, now, actor, decided, asked=asked, key=key, by_operator=True)


def _require_reason(why: str) -> None:
    if not 0 < len(why) <= LONGEST_REASON or not why.isprintable():
        raise InvalidRequest("bad_paper_reason", longest=LONGEST_REASON)


def step(
    ctx: Context,
    paper_id: str,
    now: datetime,
    actor: Member,
    change: Step,
    *,
    asked: dict[str, Any],
    key: str | None,
    by_operator: bool = False,
) -> KeptPaper:
    """Take a paper one step further and check again the bookings that rely on it."""
    own = None if key is None else named(actor, key, asked)

    def work(write: Write) -> KeptPaper:
        owner = find(write.connection, paper_id, actor).organisation
        if not by_operator:
            require_manages(actor, owner)
        write.lock_organisation(owner)
        before = find(write.connection, paper_id, actor)

        def taken() -> KeptPaper:
            with rechecked(write, owner):
                return change(write, before)

        return once(write, own, taken, lambda _: asked, lambda _: before)

    return run(ctx, now, actor, work)


def save(write: Write, before: KeptPaper, after: KeptPaper, action: str) -> KeptPaper:
    """Keep a changed paper as its next version."""
    following = replace(after, version=before.version + 1)
    decided = following.state in (PaperState.ACCEPTED, PaperState.REJECTED)
    values = {**columns(following), "decided_at": write.now if decided else None}
    write.connection.execute(update(table).where(table.c.id == before.id).values(**values))
    write.note(action, before.id, _about(following))
    return following


def _require_open(paper: KeptPaper) -> None:
    if paper.state is PaperState.WITHDRAWN:
        raise IllegalTransition("paper_withdrawn", id=paper.id)


def _require_version(paper: KeptPaper, seen: int) -> None:
    if seen and paper.version != seen:
        raise Stale("paper_changed", id=paper.id)


# -- checking ----------------------------------------------------------------------------------


def _checked(write: Write, paper: KeptPaper) -> KeptPaper:
    """The paper with only what its kind has.

    Raises InvalidRequest: "paper_days", "paper_owner", "paper_site", "paper_covers",
    "bad_paper_number"; NotFound: "vehicle", "driver".
    """
    if not _are_days(paper.valid_from, paper.valid_until):
        raise InvalidRequest("paper_days", least=YEARS[0], most=YEARS[1])
    number = paper.number.strip()
    if len(number) > LONGEST_NUMBER or not number.isprintable():
        raise InvalidRequest("bad_paper_number", longest=LONGEST_NUMBER)
    catalogue = write.ctx.calendar.content(write.connection).catalogue
    of_driver = paper.kind in OF_DRIVERS
    checked = replace(
        paper,
        number=number,
        vehicle=None if of_driver else paper.vehicle or None,
        driver=paper.driver or None if of_driver else None,
        site=paper.site or None if paper.kind is PaperKind.BRIEFING else None,
        covers=_places(paper, catalogue) if paper.kind in OF_PLACES else (),
    )
    _require_owner(write, checked)
    _require_site(checked, catalogue)
    return checked


def _are_days(first: date, last: date) -> bool:
    return YEARS[0] <= first.year and first <= last and last.year <= YEARS[1]


def _require_owner(write: Write, paper: KeptPaper) -> None:
    """A permit is of one vehicle, training and briefing of one driver; all of the organisation."""
    alone = paper.kind in (PaperKind.PERMIT, *OF_DRIVERS)
    if alone and paper.vehicle is None and paper.driver is None:
        raise InvalidRequest("paper_owner", kind=paper.kind.value)
    owners: list[vehicles.KeptVehicle | drivers.KeptDriver] = []
    if paper.vehicle is not None:
        owners.append(vehicles.find(write.connection, paper.vehicle, write.actor))
    if paper.driver is not None:
        owners.append(drivers.find(write.connection, paper.driver, write.actor))
    for each in owners:
        if each.organisation != paper.organisation:
            what = "driver" if paper.driver else "vehicle"
            raise NotFound(what, id=each.id)


def _require_site(paper: KeptPaper, catalogue: Catalogue) -> None:
    if paper.kind is PaperKind.BRIEFING and paper.site not in catalogue.sites:
        raise InvalidRequest("paper_site")


def _places(paper: KeptPaper, catalogue: Catalogue) -> tuple[str, ...]:
    """The places that the paper covers, each once and in the order of their ids."""
    known = {PUBLIC_ROADS, *catalogue.cities, *(each.id for each in catalogue.resources())}
    asked = sorted(set(paper.covers))
    if not 0 < len(asked) <= MOST_PLACES or not known.issuperset(asked):
        raise InvalidRequest("paper_covers", most=MOST_PLACES)
    return tuple(asked)


# -- audit -------------------------------------------------------------------------------------


def _asked(paper: KeptPaper) -> convert.Json:
    """What a client asks for, by which its key is known again."""
    return {**_about(paper), "number": paper.number}


def _about(paper: KeptPaper) -> convert.Json:
    """What the audit holds of a paper: ids and days, no number and no written reason."""
    return {
        "organisation": paper.organisation,
        "kind": paper.kind.value,
        "vehicle": paper.vehicle,
        "driver": paper.driver,
        "site": paper.site,
        "covers": list(paper.covers),
        "valid_from": paper.valid_from.isoformat(),
        "valid_until": paper.valid_until.isoformat(),
        "state": paper.state.value,
        "version": paper.version,
    }
