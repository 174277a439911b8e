"""A whole fleet at once, by an operator who has seen its papers: they count without waiting."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import insert

from testbed.domain.parties import Member
from testbed.persistence import paper_tables as tables
from testbed.service import drivers, kept_papers, vehicles
from testbed.service.actors import require_operator
from testbed.service.context import Context
from testbed.service.drivers import KeptDriver
from testbed.service.eligibility import rechecked
from testbed.service.kept_papers import KeptPaper, PaperState
from testbed.service.vehicles import KeptVehicle
from testbed.service.write import Write, run


@dataclass(frozen=True, slots=True)
class WholeFleet:
    """Vehicles, drivers and papers of one organisation, with ids that nobody has yet."""

    organisation: str
    vehicles: tuple[KeptVehicle, ...]
    drivers: tuple[KeptDriver, ...]
    papers: tuple[KeptPaper, ...]


def enter(ctx: Context, fleet: WholeFleet, now: datetime, actor: Member) -> None:
    """Keep everything in one transaction, the papers accepted. Raises NotAllowed."""
    require_operator(actor)
    moment = {"entered_at": now}
    papers = [
        {
            **kept_papers.columns(each),
            **moment,
            "id": each.id,
            "state": PaperState.ACCEPTED.value,
            "decided_at": now,
        }
        for each in fleet.papers
    ]

    def work(write: Write) -> None:
        write.lock_organisation(fleet.organisation)
        connection = write.connection
        with rechecked(write, fleet.organisation):
            for table, rows in (
                (tables.vehicle, [{**vehicles.columns(v), **moment} for v in fleet.vehicles]),
                (tables.driver, [{**drivers.columns(d), **moment} for d in fleet.drivers]),
                (tables.paper, papers),
            ):
                if rows:
                    connection.execute(insert(table), rows)
        counts = {"vehicles": len(fleet.vehicles), "papers": len(fleet.papers)}
        write.note("fleet.entered", fleet.organisation, counts)

    run(ctx, now, actor, work)
