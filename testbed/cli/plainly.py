"""Errors of the domain as plain lines for a person at a terminal."""

from collections.abc import Iterator
from contextlib import contextmanager

import click
from sqlalchemy.exc import DBAPIError

from testbed.domain.errors import DomainError, InvalidFile
from testbed.sentences import sentence


@contextmanager
def said_plainly() -> Iterator[None]:
    """Turn misuse into a line on standard error and exit code 1: what is wrong, and where."""
    try:
        yield
    except DomainError as error:
        raise click.ClickException("\n".join(lines_of(error))) from None
    except DBAPIError as error:
        # The driver's own words name the file or host; its statement and values stay out.
        raise click.ClickException(f"The database does not answer: {error.orig}".strip()) from None


def lines_of(error: DomainError) -> list[str]:
    """What an error says; every mistake of a file with its place."""
    if isinstance(error, InvalidFile):
        places = [f"  {each.place}: {sentence(each.code, each.fields)}" for each in error.mistakes]
        return [sentence(error.code, error.fields), *places]
    return [sentence(error.code, error.fields)]
