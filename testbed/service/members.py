"""Organisations and their members: adding them, and who signs in."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime

from sqlalchemy import Connection, Row, insert, select, update
from sqlalchemy.exc import IntegrityError

from testbed.domain.catalogue import Name
from testbed.domain.errors import InvalidRequest, NotFound
from testbed.domain.parties import Member, Organisation, Role
from testbed.persistence import catalogues, convert
from testbed.persistence.tables import member as table
from testbed.persistence.tables import organisation as organisations
from testbed.service import passwords
from testbed.service.actors import require_may_give, require_operator
from testbed.service.context import Context
from testbed.service.write import Write, run

LONGEST_EMAIL = 254
# In the header of a mail they would make one address two, or another one.
FORBIDDEN = frozenset(',;:<>()[]\\"')
# Who acts before anybody has signed in: records name "system", and no rule lets them do anything.
NOBODY = Member(0, "", "", "nobody", Role.OBSERVER)


def add_organisation(
    ctx: Context, organisation: Organisation, now: datetime, actor: Member
) -> Organisation:
    """Add an organisation, or bring the one of that id up to date. Raises NotAllowed."""
    require_operator(actor)

    def work(write: Write) -> Organisation:
        catalogues.write_organisations(write.connection, [organisation])
        write.note("organisation.saved", organisation.id, {"type": organisation.type})
        return organisation

    return run(ctx, now, actor, work)


def add(
    ctx: Context,
    member: Member,
    password: str,
    now: datetime,
    actor: Member,
) -> Member:
    """Add a member (whatever its id) who signs in with the password; returns it with its id.

    Raises NotAllowed, NotFound("organisation"), InvalidRequest: "bad_email", "email_known",
    "password_length".
    """
    require_may_give(actor, member.organisation, member.role)
    newcomer = replace(member, email=checked_email(member.email))
    password_hash = passwords.hashed(password)

    def work(write: Write) -> Member:
        return enter(write, newcomer, password_hash)

    return run(ctx, now, actor, work)


def enter(write: Write, member: Member, password_hash: str, language: str = "ko") -> Member:
    """Keep a new member in a write transaction; returns it with its id.

    Raises NotFound("organisation"), InvalidRequest("email_known").
    """
    write.lock_organisation(member.organisation)
    row = {
        "organisation": member.organisation,
        "email": member.email,
        "name": member.name,
        "role": member.role.value,
        "password_hash": password_hash,
        "language": language,
        "created_at": write.now,
    }
    added = _insert(write.connection, row)
    about = {"organisation": added.organisation, "role": added.role.value}
    write.note("member.added", f"member:{added.id}", about)
    return added


def sign_in(ctx: Context, email: str, password: str) -> Member | None:
    """The active member whose address and password these are, None if they are nobody's."""
    with ctx.database.reading() as connection:
        query = select(table).where(table.c.email == _sought(email))
        row = connection.execute(query).one_or_none()
    known = passwords.matches(row.password_hash if row else passwords.nobody(), password)
    return member_of(row) if row and known and row.active else None


def by_id(ctx: Context, member_id: int) -> Member | None:
    """The active member of that number, None if there is none."""
    with ctx.database.reading() as connection:
        row = connection.execute(select(table).where(table.c.id == member_id)).one_or_none()
    return member_of(row) if row and row.active else None


def by_email(ctx: Context, email: str) -> Member:
    """The active member of that address. Raises NotFound("member")."""
    found = find(ctx, email)
    if found is None:
        raise NotFound("member", email=email)
    return found


def find(ctx: Context, email: str) -> Member | None:
    """The active member of that address, None if there is none."""
    with ctx.database.reading() as connection:
        query = select(table).where(table.c.email == _sought(email), table.c.active)
        row = connection.execute(query).one_or_none()
    return member_of(row) if row else None


def language_of(connection: Connection, member_id: int) -> str:
    """The language of a member's mails."""
    query = select(table.c.language).where(table.c.id == member_id)
    return str(connection.execute(query).scalar_one())


def set_password(write: Write, member_id: int, password_hash: str) -> None:
    """Give a member another password; every session signed in before ends."""
    changed = {"password_hash": password_hash, "session_epoch": table.c.session_epoch + 1}
    write.connection.execute(update(table).where(table.c.id == member_id).values(changed))


def organisation(ctx: Context, organisation_id: str) -> Organisation:
    """The organisation of that id. Raises NotFound("organisation")."""
    found = all_organisations(ctx).get(organisation_id)
    if found is None:
        raise NotFound("organisation", id=organisation_id)
    return found


def all_organisations(ctx: Context) -> dict[str, Organisation]:
    """Every organisation by id, in the order of the ids."""
    with ctx.database.reading() as connection:
        rows = connection.execute(select(organisations).order_by(organisations.c.id)).all()
    return {
        row.id: Organisation(
            id=row.id,
            name=Name(row.name_en, row.name_ko),
            type=row.type,
            city=row.city,
            sector=row.sector,
            roles=tuple(convert.load(row.roles)),
            provenance=convert.provenance_from_json(convert.load(row.provenance)),
        )
        for row in rows
    }


def _sought(email: str) -> str:
    """The address as it would be kept; nobody's where no database could hold it."""
    plain = email.strip().lower()
    return plain if plain.isprintable() else ""


def checked_email(email: str) -> str:
    """The address in lower case. Raises InvalidRequest("bad_email") for what is none."""
    checked = email.strip().lower()
    name, at, host = checked.partition("@")
    bad = any(each.isspace() or not each.isprintable() or each in FORBIDDEN for each in checked)
    shaped = name and at and "." in host and "@" not in host
    if bad or not shaped or len(checked) > LONGEST_EMAIL:
        raise InvalidRequest("bad_email", email=email)
    return checked


def _insert(connection: Connection, row: Mapping[str, object]) -> Member:
    try:
        added = connection.execute(insert(table).values(row).returning(table)).one()
    except IntegrityError as error:
        raise InvalidRequest("email_known", email=row["email"]) from error
    return member_of(added)


def member_of(row: Row[*tuple[object, ...]]) -> Member:
    """The member of a row of the member table."""
    return Member(row.id, row.organisation, row.email, row.name, Role(row.role))
