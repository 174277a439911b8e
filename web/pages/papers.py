"""Papers: what the organisation can show, what waits for acceptance, one paper and its file."""

from datetime import date

from flask import Blueprint, Response, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from testbed.domain.errors import DomainError, NotFound
from testbed.domain.papers import PaperKind
from testbed.service import drivers, eligibility, kept_papers, paper_files, papers, vehicles
from testbed.service.kept_papers import KeptPaper, PaperState, PapersWanted
from web.access import MAY_ENTER_PAPERS
from web.deps import catalogue, context, doors, me, now, organisations, today
from web.languages import gettext, text
from web.paper_forms import DocumentForm, PaperForm
from web.paper_words import (
    PAPER_HINTS,
    PAPER_KINDS,
    VEHICLE_TYPES,
    Known,
    PaperView,
    lapsing_view,
    paper_view,
)
from web.present import error_text
from web.problems import status_of
from web.security import csrf

MOST_WAITING = 100
KILOBYTE = 1024
FORM_KILOBYTES = 64

blueprint = Blueprint("papers", __name__, url_prefix="/papers")


@blueprint.get("")
def index() -> ResponseReturnValue:
    """The own organisation's vehicles, drivers and papers; for operators what waits for them."""
    chosen = request.args.get("organisation", "")
    if not current_user.sees_all:
        return _of_organisation(me().organisation)
    if chosen and chosen not in organisations():
        raise NotFound("organisation", id=chosen)
    return _of_organisation(chosen) if chosen else _waiting()


def _of_organisation(organisation: str) -> str:
    known = known_of(organisation)
    views = [paper_view(each, known) for each in _all_of(organisation)]
    pressing = sorted((each for each in views if _is_to_see_to(each)), key=lambda each: each.left)
    lapsing = eligibility.lapsing(context(), now(), me(), organisation)
    return render_template(
        "papers/index.html",
        organisation=text(organisations()[organisation].name),
        vehicles=[
            (each, VEHICLE_TYPES[each.type])
            for each in known.vehicles.values()
            if not each.retired_at
        ],
        drivers=[each for each in known.drivers.values() if not each.retired_at],
        papers=views,
        pressing=pressing,
        lapsing=[lapsing_view(each, catalogue(), "") for each in lapsing],
        may_enter=me().role in MAY_ENTER_PAPERS,
    )


def _is_to_see_to(view: PaperView) -> bool:
    return bool(view.ending) or view.state == PaperState.REJECTED


def _all_of(organisation: str) -> tuple[KeptPaper, ...]:
    return kept_papers.of_organisation(context(), organisation, me())


def known_of(organisation: str) -> Known:
    """What the papers of the organisation are read against."""
    cars = vehicles.listing(context(), organisation, me(), with_retired=True)
    people = drivers.listing(context(), organisation, me(), with_retired=True)
    return Known(
        catalogue(), {each.id: each for each in cars}, {each.id: each for each in people}, today()
    )


def _waiting() -> str:
    """What an operator has to accept, the oldest first, and bookings that lack papers."""
    wanted = PapersWanted(states=frozenset({PaperState.WAITING}))
    page = kept_papers.listing(context(), wanted, me(), limit=MOST_WAITING)
    names = organisations()
    known = {each: known_of(each) for each in {paper.organisation for paper in page.items}}
    lapsing = eligibility.lapsing(context(), now(), me())
    return render_template(
        "papers/waiting.html",
        waiting=[
            (paper_view(each, known[each.organisation]), text(names[each.organisation].name))
            for each in page.items
        ],
        more=page.next is not None,
        lapsing=[
            lapsing_view(each, catalogue(), text(names[each.booking.organisation].name))
            for each in lapsing
        ],
        organisations=sorted(
            ((each.id, text(each.name)) for each in names.values()), key=lambda pair: pair[1]
        ),
    )


# -- entering and changing ---------------------------------------------------------------------


@blueprint.route("/new", methods=["GET", "POST"])
def new() -> ResponseReturnValue:
    """Choose the kind of paper, then enter it."""
    given = request.args.get("kind", "")
    if given not in list(PaperKind):
        return render_template("papers/kinds.html", kinds=PAPER_KINDS, hints=PAPER_HINTS)
    kind = PaperKind(given)
    form = _form(kind, me().organisation)
    if not form.validate_on_submit():
        return _form_page(form, kind, None)
    try:
        wanted = _read(form, KeptPaper("", me().organisation, kind, date.min, date.min))
        made = papers.enter(context(), wanted, now(), me(), request.form.get("key"))
    except DomainError as error:
        flash(error_text(error, catalogue()), "bad")
        return _form_page(form, kind, None), status_of(error)
    flash(gettext("Entered: an operator looks at it next. Put its file beside it."), "good")
    return redirect(url_for("papers.one", paper_id=made.id), 303)


@blueprint.route("/<paper_id>/change", methods=["GET", "POST"])
def change(paper_id: str) -> ResponseReturnValue:
    """Change a paper; it waits again."""
    paper = kept_papers.one(context(), paper_id, me())
    form = _form(paper.kind, paper.organisation, paper)
    if not form.validate_on_submit():
        return _form_page(form, paper.kind, paper)
    try:
        papers.change(context(), _read(form, paper), now(), me())
    except DomainError as error:
        flash(error_text(error, catalogue()), "bad")
        return _form_page(form, paper.kind, paper), status_of(error)
    flash(gettext("Changed: it counts again once an operator has accepted it."), "good")
    return redirect(url_for("papers.one", paper_id=paper_id), 303)


def _form(kind: PaperKind, organisation: str, paper: KeptPaper | None = None) -> PaperForm:
    cars = vehicles.listing(context(), organisation, me())
    people = drivers.listing(context(), organisation, me())
    return PaperForm(obj=paper).offer(kind, catalogue(), cars, people)


def _form_page(form: PaperForm, kind: PaperKind, paper: KeptPaper | None) -> str:
    return render_template(
        "papers/form.html",
        form=form,
        kind=PAPER_KINDS[kind],
        paper=paper,
        key=context().new_id(),
        lacks_driver="driver" in form and not form.driver.choices,
        lacks_vehicle=kind is PaperKind.PERMIT and not form.vehicle.choices,
    )


def _read(form: PaperForm, paper: KeptPaper) -> KeptPaper:
    """The paper as the form says, with what only its kind has."""
    given = form.data
    first = given["valid_from"]
    last = given.get("valid_until")
    if last is None:
        last = papers.last_day_of_briefing(catalogue(), given["site"], first)
    return KeptPaper(
        id=paper.id,
        organisation=paper.organisation,
        kind=paper.kind,
        valid_from=first,
        valid_until=last,
        vehicle=given.get("vehicle") or None,
        driver=given.get("driver") or None,
        site=given.get("site") or None,
        covers=tuple(given.get("covers") or ()),
        number=given["number"] or "",
        version=int(request.form.get("version") or 0) if paper.id else 1,
    )


# -- one paper ---------------------------------------------------------------------------------


@blueprint.get("/<paper_id>")
def one(paper_id: str) -> ResponseReturnValue:
    """One paper, its file, and what may be done about it."""
    paper = kept_papers.one(context(), paper_id, me())
    return _one_page(paper)


def _one_page(paper: KeptPaper) -> str:
    return render_template(
        "papers/one.html",
        view=paper_view(paper, known_of(paper.organisation)),
        organisation=text(organisations()[paper.organisation].name),
        form=DocumentForm(),
        most=doors().settings.papers.document_kilobytes,
        longest=papers.LONGEST_REASON,
        may_change=me().role in MAY_ENTER_PAPERS and paper.state is not PaperState.WITHDRAWN,
        may_decide=current_user.sees_all and paper.state is PaperState.WAITING,
    )


@blueprint.post("/<paper_id>/withdraw")
def withdraw(paper_id: str) -> ResponseReturnValue:
    """Let a paper count no more."""
    papers.withdraw(context(), paper_id, now(), me())
    flash(gettext("Withdrawn: it counts no more."), "good")
    return redirect(url_for("papers.index"), 303)


@blueprint.post("/<paper_id>/accept")
def accept(paper_id: str) -> ResponseReturnValue:
    """Let a paper count."""
    papers.accept(context(), paper_id, now(), me(), seen=_seen())
    flash(gettext("Accepted: it counts from now on."), "good")
    return redirect(url_for("papers.index"), 303)


@blueprint.post("/<paper_id>/reject")
def reject(paper_id: str) -> ResponseReturnValue:
    """Refuse a paper with a reason."""
    try:
        papers.reject(
            context(), paper_id, request.form.get("reason", ""), now(), me(), seen=_seen()
        )
    except DomainError as error:
        flash(error_text(error, catalogue()), "bad")
        return _one_page(kept_papers.one(context(), paper_id, me())), status_of(error)
    flash(gettext("Rejected: its organisation reads why."), "good")
    return redirect(url_for("papers.index"), 303)


def _seen() -> int:
    given = request.form.get("version", "0")
    return int(given) if given.isdecimal() and len(given) < 9 else abort(400)


# -- the file ----------------------------------------------------------------------------------


@blueprint.post("/<paper_id>/document")
@csrf.exempt  # type: ignore[untyped-decorator] # looked for below, after the length is raised
def attach(paper_id: str) -> ResponseReturnValue:
    """Put a file behind the paper."""
    most = doors().settings.papers.document_kilobytes
    request.max_content_length = (most + FORM_KILOBYTES) * KILOBYTE
    csrf.protect()
    try:
        paper_files.attach(context(), paper_id, _sent(), now(), me(), most_kilobytes=most)
    except DomainError as error:
        if isinstance(error, NotFound):
            raise
        flash(error_text(error, catalogue()), "bad")
        return _one_page(kept_papers.one(context(), paper_id, me())), status_of(error)
    flash(gettext("Taken: an operator looks at it next."), "good")
    return redirect(url_for("papers.one", paper_id=paper_id), 303)


def _sent() -> tuple[str, bytes]:
    """Name and content of the file that was sent."""
    given = request.files.get("file")
    if given is None:
        return "", b""
    with given.stream:
        return given.filename or "", given.stream.read()


@blueprint.get("/<paper_id>/document")
def document(paper_id: str) -> ResponseReturnValue:
    """The file as it was uploaded, to be saved and not to be shown by the browser."""
    return as_file(paper_files.read(context(), paper_id, me()))


def as_file(found: paper_files.Document) -> Response:
    """A file that the browser saves, whatever it holds."""
    answer = Response(found.content, mimetype=found.media_type)
    answer.headers.set("Content-Disposition", "attachment", filename=found.name)
    answer.headers["X-Content-Type-Options"] = "nosniff"
    answer.headers["Cache-Control"] = "private, no-store"
    return answer
