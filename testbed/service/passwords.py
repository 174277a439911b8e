"""Passwords: their length, their hashes, and whether one matches."""

from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from testbed.domain.errors import InvalidRequest

SHORTEST = 10
LONGEST = 1024

_HASHER = PasswordHasher()


@cache
def nobody() -> str:
    """A hash to check where nobody has the address, so that the time of an answer tells nothing."""
    return _HASHER.hash("nobody has this password")


def hashed(password: str) -> str:
    """The argon2 hash of a new password. Raises InvalidRequest("password_length")."""
    if not SHORTEST <= len(password) <= LONGEST:
        raise InvalidRequest("password_length", shortest=SHORTEST, longest=LONGEST)
    return _HASHER.hash(password)


def matches(password_hash: str, password: str) -> bool:
    """Whether the hash is of this password."""
    try:
        return _HASHER.verify(password_hash, password[: LONGEST + 1])
    except (VerificationError, InvalidHashError):
        return False
