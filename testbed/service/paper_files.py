"""The file behind a paper: a PDF or a picture, known by its first bytes and limited in size."""

from dataclasses import dataclass, replace
from datetime import datetime
from hashlib import sha256

from sqlalchemy import delete, insert, select

from testbed.domain.errors import IllegalTransition, InvalidRequest, NotFound
from testbed.domain.parties import Member
from testbed.persistence.paper_tables import paper_document as table
from testbed.service.context import Context
from testbed.service.kept_papers import KeptPaper, PaperState, find
from testbed.service.papers import save, step, waiting_again
from testbed.service.write import Write

LONGEST_NAME = 120
KILOBYTE = 1024
# What a file begins with tells its type; what it calls itself does not count.
_SIGNATURES = (
    (b"%PDF-", "application/pdf", ".pdf"),
    (b"\x89PNG\r\n\x1a\n", "image/png", ".png"),
    (b"\xff\xd8\xff", "image/jpeg", ".jpg"),
)


@dataclass(frozen=True, slots=True)
class Document:
    """A file as it was uploaded."""

    name: str
    media_type: str
    content: bytes


def attach(
    ctx: Context,
    paper_id: str,
    file: tuple[str, bytes],
    now: datetime,
    actor: Member,
    *,
    most_kilobytes: int,
    key: str | None = None,
) -> KeptPaper:
    """Put a file (name, content) behind a paper, instead of the one before; it waits again.

    Raises NotFound("paper"), NotAllowed("managers_only"), IllegalTransition("paper_withdrawn"),
    InvalidRequest: "document_type", "document_size".
    """
    digest = sha256(file[1]).hexdigest()

    def attached(write: Write, before: KeptPaper) -> KeptPaper:
        if before.state is PaperState.WITHDRAWN:
            raise IllegalTransition("paper_withdrawn", id=paper_id)
        document = _checked(*file, most_kilobytes)
        _replace(write, paper_id, document, digest)
        after = replace(waiting_again(before), document=document.name)
        return save(write, before, after, "paper.document_attached")

    asked = {"attach": paper_id, "digest": digest}
    return step(ctx, paper_id, now, actor, attached, asked=asked, key=key)


def read(ctx: Context, paper_id: str, actor: Member) -> Document:
    """The file behind a paper. Raises NotFound: "paper", "document"."""
    with ctx.database.reading() as connection:
        find(connection, paper_id, actor)
        row = connection.execute(select(table).where(table.c.paper == paper_id)).one_or_none()
    if row is None:
        raise NotFound("document", id=paper_id)
    return Document(row.name, row.media_type, row.content)


def _replace(write: Write, paper_id: str, document: Document, digest: str) -> None:
    write.connection.execute(delete(table).where(table.c.paper == paper_id))
    row = {
        "paper": paper_id,
        "name": document.name,
        "media_type": document.media_type,
        "digest": digest,
        "content": document.content,
        "uploaded_at": write.now,
    }
    write.connection.execute(insert(table), row)


def _checked(name: str, content: bytes, most_kilobytes: int) -> Document:
    if not 0 < len(content) <= most_kilobytes * KILOBYTE:
        raise InvalidRequest("document_size", most=most_kilobytes)
    for begins, media_type, ending in _SIGNATURES:
        if content.startswith(begins):
            return Document(_file_name(name, ending), media_type, content)
    raise InvalidRequest("document_type")


def _file_name(given: str, ending: str) -> str:
    """The last part of the name without what cannot be shown, with the ending of its type."""
    last = given.replace("\\", "/").rsplit("/", 1)[-1]
    stem = "".join(each for each in last.rsplit(".", 1)[0] if each.isprintable()).strip(". ")
    return f"{stem[: LONGEST_NAME - len(ending)] or 'document'}{ending}"
