"""The secret of an installation: it signs sessions and links, and never leaves its file."""

import hmac
import os
import secrets
from base64 import urlsafe_b64encode
from contextlib import suppress
from pathlib import Path

BYTES = 32


def secret(file: Path) -> bytes:
    """The secret of the file, made on the first start and readable by its owner alone.

    Processes that start together end up with the same one.
    """
    if not file.exists():
        file.parent.mkdir(parents=True, exist_ok=True)
        fresh = file.with_name(f"{file.name}.{os.getpid()}")
        with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as new:
            new.write(secrets.token_bytes(BYTES))
        with suppress(FileExistsError):
            os.link(fresh, file)
        fresh.unlink()
    return file.read_bytes()


def signed(key: bytes, purpose: str, text: str) -> str:
    """The text with a signature that holds for this purpose alone: "text.signature"."""
    return f"{text}.{_signature(key, purpose, text)}"


def opened(key: bytes, purpose: str, token: str) -> str | None:
    """The text of a token of this purpose, None for one that was not signed here."""
    text, _, signature = token.rpartition(".")
    good = hmac.compare_digest(_signature(key, purpose, text).encode(), signature.encode())
    return text if good else None


def _signature(key: bytes, purpose: str, text: str) -> str:
    # A key of its own for each purpose: one link never passes for another, nor for a session.
    own = hmac.digest(key, purpose.encode(), "sha256")
    return urlsafe_b64encode(hmac.digest(own, text.encode(), "sha256")).decode().rstrip("=")
