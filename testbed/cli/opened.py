"""Opening the service for one command, and who acts in it."""

from collections.abc import Iterator
from contextlib import contextmanager

import click

from testbed import config
from testbed.domain.parties import Member
from testbed.service import members
from testbed.service.actors import SYSTEM
from testbed.service.context import Context, open_context

ACTOR = click.option(
    "--as", "actor", metavar="EMAIL", help="Act as this member (default: the operator's office)."
)
JSON = click.option("--json", "as_json", is_flag=True, help="Print JSON instead of a table.")


@contextmanager
def service() -> Iterator[Context]:
    """The service on the database of the settings, closed afterwards."""
    ctx = open_context(config.load())
    try:
        yield ctx
    finally:
        ctx.close()


def member_of(ctx: Context, email: str | None) -> Member:
    """The member who acts. Raises NotFound("member")."""
    return SYSTEM if email is None else members.by_email(ctx, email)
