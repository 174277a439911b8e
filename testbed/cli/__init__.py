"""The command line `testbed`; other packages add commands through entry points.

The group `testbed.commands` of entry points names them, so that this package imports none of them.
"""

from importlib.metadata import EntryPoint, entry_points

import click

from testbed import __version__
from testbed.cli.administration import catalogue, db, doctor, member
from testbed.cli.booking import book, cancel, confirm, schedule, search
from testbed.cli.plainly import said_plainly
from testbed.cli.tokens import token
from testbed.cli.usage import usage

ENTRY_POINTS = "testbed.commands"
OWN = (search, book, confirm, cancel, schedule, db, catalogue, member, token, usage, doctor)


class Commands(click.Group):
    """The commands of this package and those that others add; misuse is said in plain lines."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Every command by name."""
        return sorted({*super().list_commands(ctx), *(each.name for each in _added())})

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command of that name; one that others add is imported only now."""
        own = super().get_command(ctx, cmd_name)
        if own is not None:
            return own
        found = next((each for each in _added() if each.name == cmd_name), None)
        command = found.load() if found else None
        return command if isinstance(command, click.Command) else None

    def invoke(self, ctx: click.Context) -> object:
        """Run the command; an error of the domain becomes plain lines and exit code 1."""
        with said_plainly():
            return super().invoke(ctx)


def _added() -> tuple[EntryPoint, ...]:
    return tuple(entry_points(group=ENTRY_POINTS))


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="testbed")
def main() -> None:
    """Book autonomous-driving demonstration routes and facilities, and plan their capacity."""


for _command in OWN:
    main.add_command(_command)
