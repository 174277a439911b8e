"""What closures claim in their pools, kept in step with the horizon and the catalogue."""

from datetime import datetime

from sqlalchemy import Connection

from testbed.domain import closures
from testbed.domain.grid import ceil_grain
from testbed.domain.requests import Claim, ClaimKind
from testbed.persistence import catalogues, closings
from testbed.persistence.claims import Owner, claims_of_closure
from testbed.service.write import Write

FOREVER = 2**40


def shut_spans(connection: Connection, now: datetime) -> dict[str, list[tuple[int, int]]]:
    """By pool, what is shut or lately was, as [start, end) in grains."""
    spans: dict[str, list[tuple[int, int]]] = {}
    for each in closings.lately(connection, now):
        end = each.end_by(FOREVER)
        if each.ended_at is not None:
            end = min(end, ceil_grain(each.ended_at))
        if each.start < end:
            for pool in each.pools:
                spans.setdefault(pool, []).append((each.start, end))
    return spans


def open_ended(write: Write) -> frozenset[str]:
    """The pools that are shut until somebody reopens them."""
    found = closings.in_force(write.connection, write.now)
    return frozenset(pool for each in found if each.end is None for pool in each.pools)


def reach(write: Write, until: int) -> None:
    """Let closures without an end reach as far as anybody may book by now."""
    capacities = catalogues.capacities(write.connection)
    for closure in closings.in_force(write.connection, write.now):
        if closure.end is None:
            kept = claims_of_closure(write.connection, closure.id)
            reached = {each.claim.pool: each.claim.end for each in kept}
            more = [
                Claim(pool, ClaimKind.CLOSED, capacities[pool], end, until)
                for pool, end in sorted(reached.items())
                if end < until and capacities.get(pool)
            ]
            write.claims.take((Owner(closure=closure.id), each) for each in more)


def lift(write: Write) -> None:
    """Release what closures claim from now on; `lay` takes it again in the same transaction."""
    grain = ceil_grain(write.now)
    for closure in closings.in_force(write.connection, write.now):
        kept = claims_of_closure(write.connection, closure.id)
        write.claims.shorten(Owner(closure=closure.id), kept, grain)


def lay(write: Write, capacities: dict[str, int], until: int) -> None:
    """Take what closures claim from now on, as much as their pools hold by now."""
    grain = ceil_grain(write.now)
    for closure in closings.in_force(write.connection, write.now):
        wanted = closures.claims(closure, capacities, until)
        rest = closures.from_grain(wanted, grain)
        write.claims.take((Owner(closure=closure.id), each) for each in rest)
