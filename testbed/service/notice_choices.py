"""What members chose: which groups of notices come at once, in a daily digest, or never."""

from collections.abc import Collection, Mapping
from datetime import datetime

from sqlalchemy import Connection, delete, insert, select

from testbed.domain.errors import InvalidRequest
from testbed.domain.parties import Member
from testbed.persistence import convert
from testbed.persistence.notice_tables import notice_choice as table
from testbed.service.context import Context
from testbed.service.notices import CHOICES, Choice, Group
from testbed.service.terms import named_or_none, once
from testbed.service.write import Write, run

Choices = Mapping[Group, Choice]
DEFAULT = Choice.AT_ONCE


def of_member(ctx: Context, member: Member) -> Choices:
    """How the member is told of each group, in the order of the groups."""
    with ctx.database.reading() as connection:
        return _of(connection, member.id)


def choose(
    ctx: Context, member: Member, wanted: Mapping[str, str], now: datetime, key: str | None = None
) -> Choices:
    """Set how some groups are told; the others stay as they are.

    Raises InvalidRequest: "unknown_notice_group"; "choice_not_offered" for safety notices that
    are not to come at once, and for a digest of what would be over by then.
    """
    checked = {_group(group): choice for group, choice in wanted.items()}
    chosen = {group: _choice(group, choice) for group, choice in checked.items()}

    sent = named_or_none(member, key, "notices.choose", choices=dict(wanted))

    def work(write: Write) -> Choices:
        return once(
            write, sent, lambda: _set(write, member, chosen), convert_choices, recalled_choices
        )

    return run(ctx, now, member, work)


def stop_digest(ctx: Context, member_id: int, now: datetime, actor: Member) -> int:
    """Tell a member of nothing any more that they get in a digest; returns how many groups."""

    def work(write: Write) -> int:
        groups = [
            group
            for group, choice in _of(write.connection, member_id).items()
            if choice is Choice.DAILY
        ]
        if groups:
            _keep(write, member_id, dict.fromkeys(groups, Choice.NEVER))
            write.note("notices.unsubscribed", f"member:{member_id}", {"groups": groups})
        return len(groups)

    return run(ctx, now, actor, work)


def chosen_by(
    connection: Connection, members: Collection[int], group: Group | None
) -> Mapping[int, Choice]:
    """How each of the members is told of the group; what nobody may set comes at once."""
    told = dict.fromkeys(members, DEFAULT)
    if group is None or CHOICES[group] == (DEFAULT,):
        return told
    theirs = table.c.member.in_(list(members)) & (table.c.group == group.value)
    rows = connection.execute(select(table.c.member, table.c.choice).where(theirs))
    return told | {row.member: Choice(row.choice) for row in rows}


def convert_choices(choices: Choices) -> convert.Json:
    """The choices as JSON."""
    return {group.value: choice.value for group, choice in choices.items()}


def recalled_choices(json: convert.Json) -> Choices:
    """The choices of a JSON object, in the order of the groups."""
    return {group: Choice(json[group.value]) for group in Group if group.value in json}


def _set(write: Write, member: Member, chosen: Choices) -> Choices:
    before = _of(write.connection, member.id)
    changed = {group: choice for group, choice in chosen.items() if before[group] != choice}
    if changed:
        _keep(write, member.id, changed)
        write.note("notices.chosen", f"member:{member.id}", convert_choices(changed))
    return {**before, **changed}


def _keep(write: Write, member_id: int, chosen: Choices) -> None:
    old = (table.c.member == member_id) & table.c.group.in_([each.value for each in chosen])
    write.connection.execute(delete(table).where(old))
    rows = [
        {"member": member_id, "group": group.value, "choice": choice.value}
        for group, choice in chosen.items()
    ]
    write.connection.execute(insert(table), rows)


def _of(connection: Connection, member_id: int) -> Choices:
    rows = connection.execute(select(table).where(table.c.member == member_id))
    kept = {Group(row.group): Choice(row.choice) for row in rows}
    return {group: kept.get(group, DEFAULT) for group in Group}


def _group(name: str) -> Group:
    if name not in set(Group):
        raise InvalidRequest("unknown_notice_group", group=name[:80], known=", ".join(Group))
    return Group(name)


def _choice(group: Group, name: str) -> Choice:
    offered = CHOICES[group]
    if name not in set(offered):
        raise InvalidRequest("choice_not_offered", group=group.value, known=", ".join(offered))
    return Choice(name)
