"""Exceptions for misuse, absence, illegal steps and lost races (a rule's no is a value)."""

from collections.abc import Iterable
from dataclasses import dataclass, field


class DomainError(Exception):
    """Something the caller must mend: a stable `code` and the fields that explain it.

    The sentence for people is made where it is shown, from the code and the fields.
    """

    def __init__(self, code: str, **fields: object) -> None:
        super().__init__(code, fields)
        self.code = code
        self.fields = fields

    def __str__(self) -> str:
        shown = ", ".join(f"{key}={value}" for key, value in self.fields.items())
        return f"{self.code}: {shown}" if shown else self.code


class InvalidRequest(DomainError):
    """What was sent cannot be read as a request."""


class NotFound(DomainError):
    """The thing named does not exist, or not for this caller."""


class NotAllowed(DomainError):
    """The caller's role or organisation does not permit the step."""


class IllegalTransition(DomainError):
    """The booking's state has no such step."""


class Stale(DomainError):
    """Somebody else was quicker: what was decided no longer fits the calendar."""


class HoldExpired(DomainError):
    """The hold ran out before it was confirmed."""


@dataclass(frozen=True, slots=True, order=True)
class Mistake:
    """One thing wrong in a file or form: where it stands, what is wrong, and the details."""

    place: str
    code: str
    fields: dict[str, object] = field(default_factory=dict, compare=False)


class InvalidFile(InvalidRequest):
    """A file with mistakes: all of them at once, in the order of their places in the file."""

    def __init__(self, source: str, mistakes: Iterable[Mistake]) -> None:
        self.source = source
        self.mistakes = tuple(mistakes)
        super().__init__("invalid_file", source=source, mistakes=len(self.mistakes))
