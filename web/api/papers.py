"""Papers: enter, change, withdraw, accept, reject, their files, and bookings that lack some."""

from base64 import b64decode
from binascii import Error as NotBase64
from dataclasses import replace
from datetime import datetime

from flask import Response, request

from testbed.domain.grid import moment_of
from testbed.domain.papers import PaperKind
from testbed.service import eligibility, kept_papers, paper_files, papers
from testbed.service.actors import require_manages
from testbed.service.eligibility import Lapsing
from testbed.service.kept_papers import KeptPaper, PapersWanted
from testbed.service.listings import Mark
from testbed.service.tokens import Scope
from web.api.answers.papers import LapsingAnswer, LapsingPage, PaperAnswer, PaperPage
from web.api.bearer import caller
from web.api.endpoint import CHANGES, endpoint, noun
from web.api.paging import cursor_at, mark_at
from web.api.papers_in import (
    AcceptIn,
    DocumentIn,
    LapsingAsked,
    PaperChangeIn,
    PaperIn,
    PapersAsked,
    RejectIn,
)
from web.api.replying import located, reply
from web.api.showing import reason_answer, utc
from web.deps import catalogue, context, doors, now
from web.schemas import Named, Once

KILOBYTE = 1024
FORM_KILOBYTES = 64
FILE_TYPES = ("application/pdf", "image/png", "image/jpeg")
_FILE = {
    "content": {each: {"schema": {"type": "string", "format": "binary"}} for each in FILE_TYPES}
}

blueprint = noun("papers", "Permits, insurance, training and briefings")


@blueprint.before_request
def _take_files() -> None:
    """Let a body be as long as a file in base64, where a file is what comes."""
    if request.method == "POST" and request.path.endswith("/document"):
        most = doors().settings.papers.document_kilobytes
        request.max_content_length = (most * 4 // 3 + FORM_KILOBYTES) * KILOBYTE


@blueprint.get("/papers", responses={200: PaperPage})
@endpoint(Scope.READ)
def listing(query: PapersAsked) -> Response:
    """List papers in the order in which they were entered."""
    wanted = PapersWanted(
        query.organisation, frozenset(query.state) or None, query.kind, query.ends_by
    )
    after = mark_at(query.cursor)
    page = kept_papers.listing(context(), wanted, caller(), after=after, limit=query.limit)
    items = [_answer(each) for each in page.items]
    return reply(PaperPage(items=items, next=cursor_at(page.next)))


@blueprint.post("/papers", responses={201: PaperAnswer, **CHANGES})
@endpoint(Scope.BOOK, "submit")
def enter(body: PaperIn, header: Once) -> Response:
    """Enter a paper of the manager's organisation; it waits for an operator."""
    require_manages(caller(), caller().organisation)
    wanted = _wanted("", body, body.kind)
    made = papers.enter(context(), wanted, now(), caller(), header.idempotency_key)
    return located(reply(_answer(made), 201), "papers", made.id)


@blueprint.get("/papers/<id>", responses={200: PaperAnswer})
@endpoint(Scope.READ)
def one(path: Named) -> Response:
    """Show one paper."""
    return reply(_answer(kept_papers.one(context(), path.id, caller())))


@blueprint.put("/papers/<id>", responses={200: PaperAnswer, **CHANGES})
@endpoint(Scope.BOOK, "submit")
def change(path: Named, body: PaperChangeIn, header: Once) -> Response:
    """Change a paper; it counts again once an operator has accepted it."""
    kind = kept_papers.one(context(), path.id, caller()).kind
    require_manages(caller(), caller().organisation)
    wanted = replace(_wanted(path.id, body, kind), version=body.version)
    return reply(_answer(papers.change(context(), wanted, now(), caller(), header.idempotency_key)))


@blueprint.post("/papers/<id>/withdraw", responses={200: PaperAnswer, **CHANGES})
@endpoint(Scope.BOOK, "submit")
def withdraw(path: Named, header: Once) -> Response:
    """Withdraw a paper for good; bookings that rely on it are checked again."""
    done = papers.withdraw(context(), path.id, now(), caller(), header.idempotency_key)
    return reply(_answer(done))


@blueprint.post("/papers/<id>/accept", responses={200: PaperAnswer, **CHANGES})
@endpoint(Scope.OPERATE, "submit")
def accept(path: Named, body: AcceptIn, header: Once) -> Response:
    """Let a paper count."""
    key = header.idempotency_key
    done = papers.accept(context(), path.id, now(), caller(), seen=body.version, key=key)
    return reply(_answer(done))


@blueprint.post("/papers/<id>/reject", responses={200: PaperAnswer, **CHANGES})
@endpoint(Scope.OPERATE, "submit")
def reject(path: Named, body: RejectIn, header: Once) -> Response:
    """Refuse a paper with a written reason."""
    seen, key = body.version, header.idempotency_key
    done = papers.reject(context(), path.id, body.reason, now(), caller(), seen=seen, key=key)
    return reply(_answer(done))


# -- files -------------------------------------------------------------------------------------


@blueprint.post("/papers/<id>/document", responses={200: PaperAnswer, **CHANGES})
@endpoint(Scope.BOOK, "submit")
def attach(path: Named, body: DocumentIn, header: Once) -> Response:
    """Put a file behind a paper, instead of the one before; the paper waits again."""
    done = paper_files.attach(
        context(),
        path.id,
        (body.name, _decoded(body.content)),
        now(),
        caller(),
        most_kilobytes=doors().settings.papers.document_kilobytes,
        key=header.idempotency_key,
    )
    return reply(_answer(done))


def _decoded(content: str) -> bytes:
    """The bytes behind base64; none where it is not well made, which no paper takes."""
    try:
        return b64decode(content, validate=True)
    except NotBase64:
        return b""


@blueprint.get("/papers/<id>/document", responses={200: _FILE})
@endpoint(Scope.READ)
def document(path: Named) -> Response:
    """Give the file behind a paper, to be saved."""
    found = paper_files.read(context(), path.id, caller())
    answer = Response(found.content, mimetype=found.media_type)
    answer.headers.set("Content-Disposition", "attachment", filename=found.name)
    answer.headers["X-Content-Type-Options"] = "nosniff"
    answer.headers["Cache-Control"] = "private, no-store"
    return answer


# -- bookings that lack papers -----------------------------------------------------------------


@blueprint.get("/lapsing-bookings", responses={200: LapsingPage})
@endpoint(Scope.READ)
def lapsing(query: LapsingAsked) -> Response:
    """List the bookings to come that lack papers, by start."""
    found = eligibility.lapsing(context(), now(), caller(), query.organisation)
    after = mark_at(query.cursor)
    behind = [each for each in found if after is None or _mark(each) > (after.at, after.id)]
    shown = behind[: query.limit]
    following = Mark(*_mark(shown[-1])) if len(behind) > query.limit else None
    items = [
        LapsingAnswer(
            booking=each.booking.id,
            organisation=each.booking.organisation,
            start=utc(moment_of(each.booking.start)),
            missing=[reason_answer(reason) for reason in each.missing],
        )
        for each in shown
    ]
    return reply(LapsingPage(items=items, next=cursor_at(following)))


def _wanted(name: str, body: PaperIn, kind: PaperKind) -> KeptPaper:
    last = body.valid_until
    if last is None:
        site = body.site if kind is PaperKind.BRIEFING else None
        last = papers.last_day_of_briefing(catalogue(), site or "", body.valid_from)
    return KeptPaper(
        id=name,
        organisation=caller().organisation,
        kind=kind,
        valid_from=body.valid_from,
        valid_until=last,
        vehicle=body.vehicle,
        driver=body.driver,
        site=body.site,
        covers=tuple(body.covers),
        number=body.number,
    )


def _mark(lapsing: Lapsing) -> tuple[datetime, str]:
    return moment_of(lapsing.booking.start), lapsing.booking.id


def _answer(paper: KeptPaper) -> PaperAnswer:
    return PaperAnswer(
        id=paper.id,
        organisation=paper.organisation,
        kind=paper.kind,
        vehicle=paper.vehicle,
        driver=paper.driver,
        site=paper.site,
        covers=list(paper.covers),
        number=paper.number,
        valid_from=paper.valid_from,
        valid_until=paper.valid_until,
        state=paper.state,
        why=paper.why,
        document=paper.document,
        version=paper.version,
    )
