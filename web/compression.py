"""Answers made smaller on their way: scripts, styles and data.

Pages are left as they are: they hold the form token beside what the visitor typed, and a secret
that shrinks together with chosen text can be guessed from lengths (the BREACH attack).
"""

from flask import Flask
from flask_compress import Compress

TYPES = (
    "text/css",
    "text/javascript",
    "application/javascript",
    "application/json",
    "image/svg+xml",
)
SMALLEST = 1024


def compress(app: Flask) -> None:
    """Compress what is worth it for browsers that can read it; live events are never held back."""
    app.config.update(
        COMPRESS_MIMETYPES=list(TYPES),
        COMPRESS_ALGORITHM=["gzip"],
        COMPRESS_MIN_SIZE=SMALLEST,
        COMPRESS_STREAMS=True,
    )
    Compress(app)
