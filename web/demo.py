"""The demonstration accounts of `serve --demo`.

Their passwords are derived from the secret of this installation, so nothing has to be kept beside
it; outside demo mode their addresses are refused, whatever the password.
"""

import hmac
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256

from testbed.domain.errors import InvalidRequest
from testbed.domain.parties import Member, Role
from testbed.service import members
from testbed.service.actors import SYSTEM
from testbed.service.context import Context

# .test is reserved: no such address can ever belong to somebody.
HOST = "demo.test"
PEOPLE = (
    Member(0, "demo-narae", f"member@{HOST}", "Nari Kim", Role.MEMBER),
    Member(0, "demo-narae", f"manager@{HOST}", "Min Jung", Role.MANAGER),
    Member(0, "org-gyeonggi", f"operator@{HOST}", "Oh Seung", Role.OPERATOR),
    Member(0, "org-gyeonggi", f"planner@{HOST}", "Park Lan", Role.PLANNER),
    Member(0, "org-gyeonggi", f"observer@{HOST}", "Bae Soo", Role.OBSERVER),
    Member(0, "org-gyeonggi", f"administrator@{HOST}", "Ahn Min", Role.ADMINISTRATOR),
)


@dataclass(frozen=True, slots=True)
class Account:
    """An account as it is printed at the start."""

    email: str
    password: str
    role: Role
    organisation: str


def accounts(context: Context, secret: bytes, now: datetime) -> list[Account]:
    """The accounts, added where they are missing.

    Raises InvalidRequest("demo_account_of_other_secret") where they were made with another secret.
    """
    return [_account(context, person, _password(secret, person), now) for person in PEOPLE]


def is_demo(email: str) -> bool:
    """Whether the address is of a demonstration account."""
    return email.strip().lower().endswith(f"@{HOST}")


def _account(context: Context, person: Member, password: str, now: datetime) -> Account:
    if members.sign_in(context, person.email, password) is None:
        _add(context, person, password, now)
    return Account(person.email, password, person.role, person.organisation)


def _add(context: Context, person: Member, password: str, now: datetime) -> None:
    try:
        members.add(context, person, password, now, SYSTEM)
    except InvalidRequest as error:
        if error.code != "email_known":
            raise
        raise InvalidRequest("demo_account_of_other_secret", email=person.email) from error


def _password(secret: bytes, person: Member) -> str:
    """Three groups of letters and digits that nobody confuses when typing."""
    digest = hmac.new(secret, f"demo:{person.email}".encode(), sha256).digest()
    letters = "abcdefghjkmnpqrstuvwxyz23456789"
    drawn = "".join(letters[byte % len(letters)] for byte in digest[:12])
    return "-".join(_groups(drawn))


def _groups(text: str) -> Iterable[str]:
    return (text[start : start + 4] for start in range(0, len(text), 4))
