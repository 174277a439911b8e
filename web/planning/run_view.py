"""A run as its page shows it: where it stands, what it asks, what it answers."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field

from pydantic import ValidationError

from testbed.service.experiment_record import Experiment, Status
from testbed.service.experiments import MOST_ATTEMPTS
from web.deps import DEFAULT_ZONE
from web.languages import gettext
from web.planning.answer import answer, bottleneck, question
from web.planning.cells import percent
from web.planning.pictures import Names
from web.planning.result import Known, Result
from web.planning.words import mistake_text
from web.present import moment_text

Document = Mapping[str, object]


@dataclass(frozen=True, slots=True)
class RunRow:
    """A run in the list."""

    id: str
    name: str
    status: str
    progress: str
    answer: str
    owner: str
    created: str
    took: str
    uploaded: bool


@dataclass(frozen=True, slots=True)
class Sheet:
    """The method in short: what must be known to judge a figure, and to compute it again."""

    seed: int
    model_version: str
    replications: int
    start: str
    days: int
    warmup_days: int
    catalogue: str
    demand: str
    scenario: str
    warnings: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class RunView:
    """One run, ready to print; `total` is None where precision decides."""

    id: str
    name: str
    status: str
    is_open: bool
    cancel_asked: bool
    uploaded: bool
    owner: str
    created: str
    took: str
    done: int
    total: int | None
    question: str
    answer: str
    bottleneck: list[str]
    failure: str
    mistakes: list[dict[str, str]]
    sheet: Sheet | None
    has_text: bool
    has_levels: bool
    has_options: bool


def known_of(run: Experiment) -> Known:
    """What is known of a run: its result, what it has so far, or nothing."""
    if run.result is not None:
        return Result.model_validate(run.result)
    try:
        return Known.model_validate(run.estimate or {})
    except ValidationError:  # an estimate of another kind of study
        return Known()


def row_of_run(run: Experiment, owner: str) -> RunRow:
    """A run as the list shows it."""
    return RunRow(
        id=run.id,
        name=run.name,
        status=run.status.value,
        progress=progress_text(run),
        answer=percent(known_of(run).kpis.get("acceptance")) if run.estimate else "",
        owner=owner,
        created=moment_text(run.created_at, DEFAULT_ZONE),
        took=took_text(run),
        uploaded=run.is_uploaded,
    )


def progress_text(run: Experiment) -> str:
    """How far a run is, e.g. "3 of 20"."""
    if run.total is None:
        return f"{run.done}" if run.done else ""
    return gettext("%(done)d of %(total)d", done=run.done, total=run.total)


def took_text(run: Experiment) -> str:
    """How long a run took."""
    if run.started_at is None or run.finished_at is None:
        return ""
    minutes, seconds = divmod(round((run.finished_at - run.started_at).total_seconds()), 60)
    return gettext("%(minutes)d min %(seconds)d s", minutes=minutes, seconds=seconds)


def run_view(run: Experiment, names: Names, owner: str) -> RunView:
    """A run as its page shows it."""
    known = known_of(run)
    asked = _scenario_of(run)
    study = asked.get("study")
    listed = study if isinstance(study, Mapping) else {}
    return RunView(
        id=run.id,
        name=run.name,
        status=run.status.value,
        is_open=run.is_open,
        cancel_asked=run.cancel_asked,
        uploaded=run.is_uploaded,
        owner=owner,
        created=moment_text(run.created_at, DEFAULT_ZONE),
        took=took_text(run),
        done=run.done,
        total=run.total,
        question=question(asked, names),
        answer=answer(known),
        bottleneck=bottleneck(known, names),
        failure=_failure(run),
        mistakes=_mistakes(run),
        sheet=_sheet(known) if isinstance(known, Result) else None,
        has_text=bool(run.scenario),
        has_levels=bool(known.study and len(known.study.levels) > 1) or bool(listed.get("levels")),
        has_options=bool(known.study and known.study.comparison) or bool(listed.get("options")),
    )


def _scenario_of(run: Experiment) -> Document:
    """What was asked: the text, or what the result says of it."""
    if run.scenario:
        try:
            return tomllib.loads(run.scenario)
        except tomllib.TOMLDecodeError:
            return {}
    found = (run.result or {}).get("scenario")
    return found if isinstance(found, Mapping) else {}


def _sheet(result: Result) -> Sheet:
    return Sheet(
        seed=result.seed,
        model_version=result.model_version,
        replications=result.replications,
        start=result.horizon.start,
        days=result.horizon.days,
        warmup_days=result.horizon.warmup_days,
        catalogue=result.catalogue_digest,
        demand=result.demand_digest,
        scenario=result.scenario_digest,
        warnings=[mistake_text(each, {}) for each in result.warnings],
    )


def _failure(run: Experiment) -> str:
    """Why there is no result."""
    if run.status is not Status.FAILED or run.error is None:
        return ""
    code = str(run.error.get("code", "study_failed"))
    if code == "worker_lost":
        return gettext(
            "The process that computed it ended %(times)d times before it was done.",
            times=MOST_ATTEMPTS,
        )
    if code == "invalid_file":
        return gettext("Its scenario has mistakes; nothing was computed.")
    fields = run.error.get("fields")
    return mistake_text(code, fields if isinstance(fields, Mapping) else {})


def _mistakes(run: Experiment) -> list[dict[str, str]]:
    listed = (run.error or {}).get("mistakes", ())
    return [
        {
            "place": str(each["place"]).removeprefix("scenario.toml").lstrip(".:"),
            "said": mistake_text(each["code"], each["fields"]),
        }
        for each in listed
    ]
