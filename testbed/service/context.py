"""What every use case works with: the database, the policy, and this process's calendar."""

import secrets
from collections.abc import Callable
from dataclasses import dataclass

from testbed.config import Settings, policy_of
from testbed.domain.catalogue import Catalogue
from testbed.domain.policy import Policy
from testbed.persistence.calendar import CachedCalendar
from testbed.persistence.catalogues import Content
from testbed.persistence.due import Deadlines
from testbed.persistence.engine import Database, open_database
from testbed.persistence.schema import require_current, upgrade

# Without the letters and digits that people confuse when they read an id aloud.
ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"
ID_LENGTH = 12


def random_id() -> str:
    """A new id: 60 random bits as 12 characters."""
    return "".join(secrets.choice(ALPHABET) for _ in range(ID_LENGTH))


@dataclass(frozen=True)
class Context:
    """One per process; threads share it."""

    database: Database
    policy: Policy
    calendar: CachedCalendar
    deadlines: Deadlines
    new_id: Callable[[], str] = random_id

    @property
    def grace_minutes(self) -> int | None:
        """Minutes after its start at which an unused booking is a no-show; None: never."""
        return self.deadlines.grace_minutes

    def content(self) -> Content:
        """The current catalogue, organisations, standing services and test kinds.

        Raises NotFound("catalogue") before the first import.
        """
        with self.database.reading() as connection:
            return self.calendar.content(connection)

    def catalogue(self) -> Catalogue:
        """The current catalogue. Raises NotFound("catalogue") before the first import."""
        return self.content().catalogue

    def close(self) -> None:
        """Close the database."""
        self.database.close()


def make_context(
    database: Database,
    policy: Policy | None = None,
    new_id: Callable[[], str] = random_id,
    *,
    releases_no_shows: bool = True,
) -> Context:
    """A context on an open database; the default policy unless one is given."""
    chosen = policy or Policy()
    grace = chosen.no_show_grace_minutes if releases_no_shows else None
    deadlines = Deadlines(grace, chosen.longest_booking_hours)
    return Context(database, chosen, CachedCalendar(chosen, deadlines), deadlines, new_id)


def open_context(settings: Settings, *, migrate: bool = False) -> Context:
    """Open the database of the settings, after the missing migrations if `migrate`.

    Raises InvalidRequest: "schema_newer", or "schema_older" where it was not to migrate.
    """
    database = open_database(settings.database.url, settings.database.synchronous)
    try:
        if migrate:
            upgrade(database)
        require_current(database)
    except BaseException:
        database.close()
        raise
    releases = settings.jobs.release_no_shows
    return make_context(database, policy_of(settings), releases_no_shows=releases)
