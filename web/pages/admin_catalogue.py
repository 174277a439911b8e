"""The administrator's catalogue: versions, a check with a preview, import and export."""

import json
from dataclasses import dataclass
from http import HTTPStatus

from flask import Blueprint, Response, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from testbed.domain.catalogue_difference import Difference
from testbed.domain.errors import DomainError, InvalidFile, Mistake
from testbed.files import read_catalogue_text
from testbed.sentences import fill, template
from testbed.service import catalogue as catalogue_service
from testbed.service import catalogue_versions, members
from testbed.service.catalogue_versions import Version
from web.deps import DEFAULT_ZONE, catalogue, context, me, now
from web.labels import label
from web.languages import gettext
from web.place_words import DIFFERENCES, TABLES
from web.present import error_text, moment_text
from web.problems import status_of
from web.security import csrf

SHOWN = 20
MOST_BYTES = 4 * 1024 * 1024
_ENDINGS = (".toml", ".json")

blueprint = Blueprint("admin_catalogue", __name__, url_prefix="/admin/catalogue")


@dataclass(frozen=True, slots=True)
class Checked:
    """What came of a check: what an import would change, and the documents to import."""

    name: str
    rows: list[tuple[str, str, str, str]]
    documents: str
    base: str


@blueprint.get("")
def index() -> ResponseReturnValue:
    """The versions, the export, and the form of a check."""
    return _page()


@blueprint.post("/check")
@csrf.exempt  # type: ignore[untyped-decorator] # checked below, after the length is raised
def check() -> ResponseReturnValue:
    """Read an uploaded file and show what it would change, or every mistake in its place."""
    _take_much()
    try:
        name, documents = _uploaded()
        found = catalogue_versions.preview(context(), documents, name)
    except InvalidFile as error:
        return _page(mistakes=error.mistakes), HTTPStatus.UNPROCESSABLE_ENTITY
    text = json.dumps(documents, ensure_ascii=False)
    base = catalogue_versions.digest(context())
    return _page(Checked(name, [_row(each) for each in found], text, base))


@blueprint.post("/import")
@csrf.exempt  # type: ignore[untyped-decorator] # checked below, after the length is raised
def load() -> ResponseReturnValue:
    """Make checked documents the current catalogue, unless another came in between."""
    _take_much()
    if request.form.get("base") != catalogue_versions.digest(context()):
        flash(gettext("The catalogue has changed since the check: check the file again."), "bad")
        return redirect(url_for("admin_catalogue.index"), HTTPStatus.SEE_OTHER)
    name = request.form.get("name", "")[:100] or "upload.json"
    try:
        documents = read_catalogue_text("upload.json", request.form.get("documents", ""))
        done = catalogue_service.import_documents(context(), documents, now(), me(), name)
    except InvalidFile as error:
        return _page(mistakes=error.mistakes), HTTPStatus.UNPROCESSABLE_ENTITY
    except DomainError as error:
        return _page(refusal=error_text(error, catalogue())), status_of(error)
    flash(gettext("Version %(number)d is the catalogue now.", number=done.version), "good")
    return redirect(url_for("admin_catalogue.index"), HTTPStatus.SEE_OTHER)


@blueprint.get("/export.json")
def download() -> ResponseReturnValue:
    """All documents of the current version, as a file that can be imported again."""
    documents = catalogue_service.export(context())
    answer = Response(json.dumps(documents, ensure_ascii=False, indent=1))
    answer.mimetype = "application/json"
    answer.headers["Content-Disposition"] = "attachment; filename=catalogue.json"
    return answer


def _take_much() -> None:
    """Let this one form be as long as a catalogue; only then is its token looked for."""
    request.max_content_length = request.max_form_memory_size = MOST_BYTES
    csrf.protect()


def _uploaded() -> tuple[str, dict[str, object]]:
    """The name and documents of the uploaded file; what it leaves out stays as it is.

    Raises InvalidFile.
    """
    file = request.files.get("file")
    name = (file.filename or "").rsplit("/", 1)[-1][:100] if file else ""
    if file is None or not name.lower().endswith(_ENDINGS):
        raise InvalidFile(name, [Mistake(name, "file_not_catalogue")])
    try:
        text = file.read().decode("utf-8-sig")
    except UnicodeDecodeError as error:
        detail: dict[str, object] = {"detail": error.reason}
        raise InvalidFile(name, [Mistake(name, "file_unreadable", detail)]) from error
    return name, {**catalogue_service.export(context()), **read_catalogue_text(name, text)}


def _page(
    checked: Checked | None = None, mistakes: tuple[Mistake, ...] = (), refusal: str = ""
) -> str:
    return render_template(
        "admin/catalogue.html",
        versions=[_version(each) for each in catalogue_versions.versions(context(), SHOWN)],
        checked=checked,
        mistakes=[(each.place, _said(each)) for each in mistakes],
        refusal=refusal,
    )


def _said(mistake: Mistake) -> str:
    """The mistake as a sentence, with the nearest known word where there is one."""
    said = fill(gettext(template(mistake.code)), mistake.fields)
    nearest = mistake.fields.get("nearest")
    if not nearest:
        return said
    return fill(gettext(template("did_you_mean")), {"said": said, "nearest": nearest})


def _row(found: Difference) -> tuple[str, str, str, str]:
    """Kind of change, table, id, and the fields that differ."""
    names = ", ".join(found.fields)
    return label(DIFFERENCES, found.kind), label(TABLES, found.table), found.id, names


def _version(version: Version) -> tuple[int, str, str]:
    """Number, moment and name of whoever imported it."""
    return version.number, moment_text(version.at, DEFAULT_ZONE), _importer(version.by)


def _importer(by: str) -> str:
    _, _, number = by.partition(":")
    if not number.isdigit():
        return gettext("the system")
    found = members.by_id(context(), int(number))
    return found.name if found else gettext("somebody who has left")
