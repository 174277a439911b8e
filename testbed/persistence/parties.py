"""Which organisations there are, and which are alike, as fair share asks."""

from collections.abc import Collection

from sqlalchemy import Connection, select

from testbed.domain.errors import NotFound
from testbed.persistence.tables import organisation as table


def kin(connection: Connection) -> dict[str, tuple[str, ...]]:
    """By organisation: all of its type, itself among them; one without a type stands alone."""
    rows = connection.execute(select(table.c.id, table.c.type).order_by(table.c.id)).all()
    alike: dict[str, list[str]] = {}
    for name, kind in rows:
        alike.setdefault(kind, []).append(name)
    return {name: tuple(alike[kind]) if kind else (name,) for name, kind in rows}


def require_organisations(connection: Connection, names: Collection[str]) -> None:
    """Refuse an organisation that nobody knows. Raises NotFound("organisation")."""
    if not names:
        return
    known = frozenset(connection.execute(select(table.c.id).where(table.c.id.in_(names))).scalars())
    for each in names:
        if each not in known:
            raise NotFound("organisation", id=each)
