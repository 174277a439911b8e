"""People for the tests: a context with a catalogue, and members in every role."""

from collections.abc import Iterator
from datetime import datetime

from testbed.domain.parties import Member, Role
from testbed.persistence.engine import Database
from testbed.service import catalogue, members
from testbed.service.actors import SYSTEM
from testbed.service.context import Context, make_context
from tests import catalogues

PASSWORD = "correct horse battery"


def province(database: Database) -> Context:
    """A context on the small catalogue of `tests.catalogues`, as it stands at its NOW."""
    ctx = make_context(database)
    catalogue.import_documents(ctx, catalogues.documents(), catalogues.NOW, SYSTEM)
    return ctx


def join(
    ctx: Context,
    role: Role = Role.MEMBER,
    organisation: str = "org-a",
    name: str = "",
    now: datetime = catalogues.NOW,
) -> Member:
    """A new member of that role; the address is made of the name, by default role and party."""
    called = name or f"{role.value}-{organisation}"
    person = Member(0, organisation, f"{called}@example.org", called.title(), role)
    return members.add(ctx, person, PASSWORD, now, SYSTEM)


def names(prefix: str = "id") -> Iterator[str]:
    """Ids that tell their order."""
    return (f"{prefix}{number:04d}" for number in range(10_000))
