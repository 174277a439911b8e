"""Scenarios: what may be asked of the simulation, and the form that asks it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue

from testbed.service import experiments
from web import access
from web.deps import catalogue, context, me
from web.languages import gettext
from web.planning.form import LEVELS, RunForm, scenario_name
from web.planning.packaged import Packaged, packaged
from web.planning.words import SIGNS, change_texts, status_text

EARLIER = 8

blueprint = Blueprint("scenarios", __name__, url_prefix="/scenarios")


def page_words() -> dict[str, object]:
    """What the templates of planning ask for."""
    return {
        "run_sign": lambda status: SIGNS.get(status, ""),
        "run_status": status_text,
        "may_open": lambda endpoint: access.may_open(me().role, endpoint),
    }


blueprint.context_processor(page_words)


@dataclass(frozen=True, slots=True)
class Row:
    """A packaged scenario, as the page lists it."""

    id: str
    name: str
    changes: list[str]
    cost: str


@blueprint.get("")
def index() -> ResponseReturnValue:
    """The packaged scenarios, the reader's earlier runs, and the form of a run."""
    return page(RunForm(request.args))


@blueprint.route("/text", methods=["GET", "POST"])
def as_text() -> ResponseReturnValue:
    """The text of a scenario to edit: of an earlier run, or of the form as it was filled in."""
    earlier = request.args.get("run")
    if earlier:
        found = experiments.get(context(), earlier, me())
        return text_page(found.name, found.scenario)
    form = RunForm(request.form if request.method == "POST" else None)
    if request.method == "POST" and not form.validate():
        return page(form), 422
    return text_page(form.title, form.toml())


def page(form: RunForm) -> str:
    """The page with the form as it is."""
    found = experiments.listing(context(), me(), limit=100)
    mine = [each for each in found if each.owner == me().id and each.scenario]
    return render_template(
        "planning/scenarios.html",
        form=form,
        rows=[_row(each) for each in packaged().values()],
        earlier=mine[:EARLIER],
        levels=LEVELS,
    )


def text_page(name: str, text: str, mistakes: Sequence[Mapping[str, str]] = ()) -> str:
    """The page on which a scenario's text is edited, with its mistakes and their places."""
    return render_template("planning/text.html", name=name, text=text, mistakes=mistakes)


def _row(each: Packaged) -> Row:
    changes = change_texts(each.scenario.document["change"], catalogue())
    return Row(
        each.id, scenario_name(each.id), changes or [gettext("nothing changed")], _cost(each)
    )


def _cost(each: Packaged) -> str:
    """What the option costs a year."""
    cost = each.scenario.cost
    if cost is None:
        return "–"
    return gettext("%(cost)s million won a year", cost=f"{cost.per_year:g}")
