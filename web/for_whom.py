"""On whose behalf an operator searches and books, as the address and the form say it.

The one field `for` names an organisation, and behind a colon the member who is told.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from werkzeug.datastructures import MultiDict

from testbed.service import on_behalf
from web.deps import context, me, organisations
from web.languages import gettext, text
from web.wish_address import FOR

BETWEEN = ":"


@dataclass(frozen=True, slots=True)
class ForWhom:
    """An organisation, and the member of it who is told, if any is named."""

    organisation: str
    member: int | None


@dataclass(frozen=True, slots=True)
class Choice:
    """One organisation and its members: what the form's list offers."""

    name: str
    options: tuple[tuple[str, str], ...]


def read(typed: Mapping[str, str]) -> ForWhom | None:
    """Whom the operator has chosen; None for nobody that is known."""
    organisation, _, member = typed.get(FOR, "").partition(BETWEEN)
    if organisation not in organisations():
        return None
    return ForWhom(organisation, int(member) if _is_number(member) else None)


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdecimal() and len(text) < 10


def organisation_of(typed: "MultiDict[str, str]", *, sees_all: bool) -> str:
    """In whose name is asked: the chosen organisation's by an operator, else one's own."""
    chosen = read(typed) if sees_all else None
    return chosen.organisation if chosen else me().organisation


def member_of(typed: "MultiDict[str, str]", *, sees_all: bool) -> int | None:
    """The member for whom an operator asks."""
    chosen = read(typed) if sees_all else None
    return chosen.member if chosen else None


def choices() -> list[Choice]:
    """Every organisation by name, each with its members who book."""
    people = on_behalf.choices(context(), me())
    listed = [
        Choice(
            text(each.name),
            (
                (each.id, gettext("%(organisation)s: its managers", organisation=text(each.name))),
                *((f"{each.id}{BETWEEN}{one.member}", one.name) for one in people[each.id]),
            ),
        )
        for each in organisations().values()
        if each.id in people
    ]
    return sorted(listed, key=lambda each: each.name)
