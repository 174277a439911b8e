"""Commands for records of use that were taken away."""

import json
from pathlib import Path

import click

from testbed import config
from testbed.domain.errors import InvalidFile, Mistake
from testbed.secret import secret
from testbed.service.usage_export import is_genuine


@click.group()
def usage() -> None:
    """Check records of use that were exported for a permit holder."""


@usage.command()
@click.argument("file", type=click.Path(path_type=Path))
def verify(file: Path) -> None:
    """Say whether this installation wrote FILE and nobody changed it since; exit code 1 if not."""
    document = _read(file)
    settings = config.load()
    if not isinstance(document, dict) or not is_genuine(document, _secret(settings)):
        click.echo(f"{file}: not as this installation wrote it")
        raise SystemExit(1)
    count = len(document.get("records", ()))
    click.echo(f"{file}: genuine, {count} records, written {document.get('written_at')}")


def _read(file: Path) -> object:
    try:
        return json.loads(file.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise InvalidFile(str(file), [Mistake(str(file), "file_missing")]) from None
    except (OSError, ValueError) as error:
        unreadable = Mistake(str(file), "file_unreadable", {"detail": str(error)})
        raise InvalidFile(str(file), [unreadable]) from None


def _secret(settings: config.Settings) -> bytes:
    """The secret of the settings; it is never made here, since it could verify nothing."""
    file = settings.security.secret_file
    if not file.exists():
        raise InvalidFile(str(file), [Mistake(str(file), "file_missing")])
    return secret(file)
