"""Which organisations are alike, as fair share asks."""

from sqlalchemy import Connection, select

from testbed.persistence.tables import organisation as table


def kin(connection: Connection) -> dict[str, tuple[str, ...]]:
    """By organisation: all of its type, itself among them; one without a type stands alone."""
    rows = connection.execute(select(table.c.id, table.c.type).order_by(table.c.id)).all()
    alike: dict[str, list[str]] = {}
    for name, kind in rows:
        alike.setdefault(kind, []).append(name)
    return {name: tuple(alike[kind]) if kind else (name,) for name, kind in rows}
