"""Runs of the simulation: start, watch, read, cancel, download, and bring a result along."""

import json
from collections.abc import Mapping
from http import HTTPStatus

from flask import (
    Blueprint,
    Response,
    abort,
    flash,
    jsonify,
    redirect,
    render_template,
    request,
    url_for,
)
from flask.typing import ResponseReturnValue

from sim.jobs import read_text
from testbed.domain.errors import InvalidFile, InvalidRequest
from testbed.service import experiments, members
from testbed.service.experiment_record import Experiment
from web import access
from web.deps import catalogue, context, me, now, test_kinds
from web.languages import gettext
from web.pages import scenarios
from web.planning import cells
from web.planning.form import RunForm
from web.planning.pictures import Names, figure_table, pictures, refusal_table, tables
from web.planning.result import MOST_BYTES, checked_result
from web.planning.run_view import known_of, row_of_run, run_view
from web.planning.words import mistake_text
from web.present import error_text
from web.security import csrf

SHOWN = 50

blueprint = Blueprint("runs", __name__, url_prefix="/runs")
blueprint.context_processor(scenarios.page_words)


@blueprint.get("")
def index() -> ResponseReturnValue:
    """All runs, the newest first."""
    return _list()


@blueprint.post("")
def start() -> ResponseReturnValue:
    """Queue what the form, or the text, asks for."""
    if "text" in request.form:
        return _start_text(request.form.get("name", ""), request.form["text"])
    form = RunForm(request.form)
    if not form.validate():
        return scenarios.page(form), 422
    return _queue(form.title, form.toml())


@blueprint.get("/<run_id>")
def one(run_id: str) -> ResponseReturnValue:
    """One run: where it stands, its question, its answer, and its pictures."""
    run = experiments.get(context(), run_id, me())
    names = Names(catalogue(), test_kinds())
    known = known_of(run)
    return render_template(
        "planning/run.html",
        view=run_view(run, names, _owner(run)),
        pictures=pictures(known, names),
        figures=figure_table(known),
        refusals=refusal_table(known, names),
        said=cells.said,
    )


@blueprint.get("/<run_id>/progress")
def progress(run_id: str) -> ResponseReturnValue:
    """The part of the page that changes while a run is computed."""
    run = experiments.get(context(), run_id, me())
    view = run_view(run, Names(catalogue(), test_kinds()), _owner(run))
    return render_template("planning/_progress.html", view=view)


@blueprint.get("/<run_id>/pictures")
def drawn(run_id: str) -> ResponseReturnValue:
    """What the pictures draw."""
    known = known_of(experiments.get(context(), run_id, me()))
    found = pictures(known, Names(catalogue(), test_kinds()))
    return jsonify(
        [{**each.data, "id": each.id, "title": each.title, "lead": each.lead} for each in found]
    )


@blueprint.get("/<run_id>/tables/<table>.csv")
def table(run_id: str, table: str) -> ResponseReturnValue:
    """A table for a spreadsheet."""
    known = known_of(experiments.get(context(), run_id, me()))
    found = {each.id: each for each in tables(known, Names(catalogue(), test_kinds()))}
    if table not in found:
        abort(404)
    return _attached(cells.as_csv(found[table]), f"{table}-{run_id}.csv", "text/csv")


@blueprint.get("/<run_id>/scenario.toml")
def scenario(run_id: str) -> ResponseReturnValue:
    """The scenario's text, to run it again elsewhere."""
    run = experiments.get(context(), run_id, me())
    return _attached(run.scenario, "scenario.toml", "text/plain") if run.scenario else abort(404)


@blueprint.get("/<run_id>/result.json")
def result(run_id: str) -> ResponseReturnValue:
    """The result, byte for byte as `testbed sim run` writes it."""
    run = experiments.get(context(), run_id, me())
    if run.result is None:
        abort(404)
    text = json.dumps(run.result, sort_keys=True, ensure_ascii=False, indent=1)
    return _attached(text + "\n", "result.json", "application/json")


@blueprint.post("/<run_id>/cancel")
def cancel(run_id: str) -> ResponseReturnValue:
    """End a run, at once or after its present replication."""
    ended = experiments.cancel(context(), run_id, now(), me())
    later = gettext("The run ends after its present replication.")
    flash(later if ended.is_open else gettext("The run is cancelled."), "good")
    return redirect(url_for("runs.one", run_id=run_id), HTTPStatus.SEE_OTHER)


@blueprint.post("/results")
@csrf.exempt  # type: ignore[untyped-decorator] # checked below, after the length is raised
def upload() -> ResponseReturnValue:
    """Keep a result.json of `testbed sim run`."""
    request.max_content_length = MOST_BYTES
    csrf.protect()
    file = request.files.get("result")
    try:
        found, document = checked_result(file.read() if file else b"")
        name = request.form.get("name", "").strip() or str(found.scenario.get("name", ""))
        shown = {"kpis": document["kpis"]}
        run = experiments.keep(context(), name, document, now(), me(), estimate=shown)
    except InvalidRequest as error:
        return _list(error_text(error)), 422
    flash(gettext("The result is kept, marked as uploaded."), "good")
    return redirect(url_for("runs.one", run_id=run.id), HTTPStatus.SEE_OTHER)


def _start_text(name: str, text: str) -> ResponseReturnValue:
    """Queue a text that was edited; one with mistakes comes back with all of them."""
    normal = text.replace("\r\n", "\n")
    try:
        study = read_text(normal)
    except InvalidFile as error:
        mistakes = [_mistake(each.place, each.code, each.fields) for each in error.mistakes]
        return scenarios.text_page(name, normal, mistakes), 422
    return _queue(name.strip() or study.main.name, normal)


def _mistake(place: str, code: str, fields: Mapping[str, object]) -> dict[str, str]:
    return {
        "place": place.removeprefix("scenario.toml").lstrip(".:"),
        "said": mistake_text(code, fields),
    }


def _queue(name: str, text: str) -> ResponseReturnValue:
    made = experiments.queue(context(), name, text, now(), me(), total=_total(text))
    flash(gettext("The run is queued; it begins within seconds."), "good")
    return redirect(url_for("runs.one", run_id=made.id), HTTPStatus.SEE_OTHER)


def _total(text: str) -> int | None:
    """How many replications it takes, None where precision decides."""
    study = read_text(text)
    return None if study.main.precision else len(study.scenarios) * study.main.replications


def _list(refused: str = "") -> str:
    found = experiments.listing(context(), me(), limit=SHOWN, after=request.args.get("after"))
    owners = {each: _name_of(each) for each in {run.owner for run in found}}
    return render_template(
        "planning/runs.html",
        rows=[row_of_run(each, owners[each.owner]) for each in found],
        older=found[-1].id if len(found) == SHOWN else None,
        refused=refused,
        may_run=access.may_open(me().role, "runs.start"),
    )


def _owner(run: Experiment) -> str:
    return _name_of(run.owner)


def _name_of(member: int) -> str:
    found = members.by_id(context(), member)
    return found.name if found else gettext("somebody who has left")


def _attached(text: str, name: str, kind: str) -> Response:
    answer = Response(text, mimetype=kind)
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return answer
