"""Commands of those who keep it running: db, catalogue, member, doctor."""

import json
import sqlite3
import sys
from collections.abc import Callable
from pathlib import Path

import click

from testbed import clock, config
from testbed.cli.opened import service
from testbed.cli.plainly import lines_of
from testbed.domain.errors import DomainError, InvalidRequest
from testbed.domain.grid import GRAINS_PER_DAY, floor_grain, moment_of, zone
from testbed.domain.parties import Member, Role
from testbed.files import read_catalogue
from testbed.persistence import catalogues
from testbed.persistence.check import check as check_database
from testbed.persistence.engine import Database, open_database
from testbed.persistence.schema import require_current, upgrade
from testbed.service import catalogue as use_cases
from testbed.service import members
from testbed.service.actors import SYSTEM

SHOWN_FINDINGS = 50
SHORT_HORIZON_DAYS = 30


@click.group()
def db() -> None:
    """Look after the database."""


@db.command("upgrade")
def db_upgrade() -> None:
    """Bring the database's schema up to date, or make it."""
    settings = config.load()
    database = open_database(settings.database.url, settings.database.synchronous)
    try:
        click.echo(f"The schema is at version {upgrade(database)}.")
    finally:
        database.close()


@db.command("check")
def db_check() -> None:
    """Count the occupancy again from the claims and compare; exit code 1 where they differ."""
    with service() as ctx:
        findings = check_database(ctx.database, clock.now())
    for found in findings[:SHOWN_FINDINGS]:
        click.echo(f"{found.code} {found.place}: {found.kept or '-'} ({found.expected or '-'})")
    if findings:
        raise click.ClickException(f"{len(findings)} findings: the database contradicts itself.")
    click.echo("The database is sound: occupancy, claims and bookings agree.")


@click.group()
def catalogue() -> None:
    """Validate, import and export catalogues; FILE is a path or packaged:NAME."""


@catalogue.command()
@click.argument("file")
def validate(file: str) -> None:
    """Read a catalogue and list every mistake in it; changes nothing."""
    found = use_cases.validate(read_catalogue(file), file).catalogue
    click.echo(
        f"{file} is sound: {len(found.cities)} cities, {len(found.sites)} sites, "
        f"{len(found.routes)} routes, {len(found.facilities)} facilities."
    )


@catalogue.command("import")
@click.argument("file")
def import_(file: str) -> None:
    """Make a catalogue the current one: all of it, or nothing."""
    documents = read_catalogue(file)
    with service() as ctx:
        done = use_cases.import_documents(ctx, documents, clock.now(), SYSTEM, file)
    said = "is now" if done.changed else "was already"
    click.echo(f"Catalogue version {done.version} {said} current ({done.digest[:12]}).")


@catalogue.command()
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
def export(file: Path) -> None:
    """Write the current catalogue to a JSON file that `import` reads."""
    with service() as ctx:
        documents = use_cases.export(ctx)
    text = json.dumps(documents, ensure_ascii=False, indent=1, sort_keys=True)
    file.write_text(text + "\n", encoding="utf-8")
    click.echo(f"Written to {file}.")


@click.group()
def member() -> None:
    """Look after members."""


@member.command()
@click.argument("email")
@click.option("--organisation", required=True, help="Its id.")
@click.option("--name", required=True)
@click.option("--role", type=click.Choice([role.value for role in Role]), default=Role.MEMBER.value)
@click.password_option(help="Asked for where it is not given.")
def add(email: str, organisation: str, name: str, role: str, password: str) -> None:
    """Add a member who signs in with EMAIL and a password."""
    with service() as ctx:
        wanted = Member(0, organisation, email, name, Role(role))
        added = members.add(ctx, wanted, password, clock.now(), SYSTEM)
    click.echo(f"Member {added.id} ({added.email}) is a {added.role.value} of {organisation}.")


# -- doctor ----------------------------------------------------------------------------------


@click.command()
def doctor() -> None:
    """See whether this installation can serve: settings, database, catalogue, horizon."""
    failed = [
        name
        for name, look in (("system", _system), ("database", _database))
        if not _told(name, look)
    ]
    if failed:
        raise SystemExit(1)


def _told(name: str, look: Callable[[], str]) -> bool:
    try:
        click.echo(f"ok    {name}: {look()}")
    except DomainError as error:
        for line in lines_of(error):
            click.echo(f"FAIL  {name}: {line}")
        return False
    return True


def _system() -> str:
    zone("Asia/Seoul")
    version = ".".join(map(str, sys.version_info[:3]))
    return f"Python {version}, SQLite {sqlite3.sqlite_version}, time zones known"


def _database() -> str:
    settings = config.load()
    database = open_database(settings.database.url, settings.database.synchronous)
    try:
        require_current(database)
        return f"{database.engine.dialect.name}, schema current, {_calendar(database)}"
    finally:
        database.close()


def _calendar(database: Database) -> str:
    with database.reading() as connection:
        version = catalogues.current_version(connection)
        until = catalogues.standing_until(connection)
    if version is None or until is None:
        raise InvalidRequest("no_catalogue")
    days = (until - floor_grain(clock.now())) // GRAINS_PER_DAY
    if days < SHORT_HORIZON_DAYS:
        raise InvalidRequest("horizon_short", until=moment_of(until).isoformat(), days=days)
    return f"catalogue version {version}, bookable for {days} days"
