"""Commands for the tokens of programs that use the API in a member's name."""

import click

from testbed import clock
from testbed.cli.opened import service
from testbed.service import members, tokens
from testbed.service.tokens import Scope


@click.group()
def token() -> None:
    """Make, list and revoke tokens of the API."""


@token.command()
@click.argument("email")
@click.option("--name", required=True, help="What it is for, e.g. the name of the program.")
@click.option(
    "--scope",
    "scopes",
    multiple=True,
    required=True,
    type=click.Choice([each.value for each in Scope]),
    help="May be given several times; never more than the member's role permits.",
)
def create(email: str, name: str, scopes: tuple[str, ...]) -> None:
    """Make a token in the name of the member EMAIL; it is shown once."""
    with service() as ctx:
        made = tokens.create(ctx, members.by_email(ctx, email), name, scopes, clock.now())
    click.echo(made.text)


@token.command("list")
@click.argument("email")
def list_(email: str) -> None:
    """List the tokens of the member EMAIL."""
    with service() as ctx:
        found = tokens.listing(ctx, members.by_email(ctx, email))
    for each in found:
        used = each.last_used_at.isoformat(timespec="seconds") if each.last_used_at else "never"
        click.echo(f"{each.id}  {each.name}  {','.join(sorted(each.scopes))}  last used: {used}")


@token.command()
@click.argument("email")
@click.argument("token_id")
def revoke(email: str, token_id: str) -> None:
    """Let the token TOKEN_ID of the member EMAIL open nothing any more."""
    with service() as ctx:
        tokens.revoke(ctx, token_id, clock.now(), members.by_email(ctx, email))
    click.echo(f"Token {token_id} is revoked.")
