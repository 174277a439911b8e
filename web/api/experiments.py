"""Experiments: what planners have run, to read."""

from typing import Any

from flask import Response

from testbed.domain.errors import NotFound
from testbed.service import experiments as service
from testbed.service.experiment_record import Experiment
from testbed.service.tokens import Scope
from web.api.answers.planning import ExperimentAnswer, ExperimentInFull, ExperimentPage
from web.api.bearer import caller
from web.api.endpoint import endpoint, noun
from web.api.paging import cursor_of, parts_of
from web.api.replying import fresh, reply
from web.api.showing import utc, utc_or_none
from web.deps import context
from web.schemas import Conditional, Named, Paged

blueprint = noun("experiments", "Simulations and their results")


@blueprint.get("/experiments", responses={200: ExperimentPage})
@endpoint(Scope.READ)
def listing(query: Paged) -> Response:
    """List experiments, the newest first."""
    found = _listed(query)
    shown = found[: query.limit]
    items = [ExperimentAnswer(**_head(each)) for each in shown]
    more = len(found) > query.limit
    return reply(ExperimentPage(items=items, next=cursor_of(shown[-1].id) if more else None))


def _listed(query: Paged) -> tuple[Experiment, ...]:
    """The page and one more. Raises NotFound("cursor")."""
    after = None if query.cursor is None else parts_of(query.cursor, 1)[0]
    try:
        return service.listing(context(), caller(), after=after, limit=query.limit + 1)
    except NotFound:
        raise NotFound("cursor", cursor=query.cursor) from None


@blueprint.get("/experiments/<id>", responses={200: ExperimentInFull, 304: None})
@endpoint(Scope.READ)
def one(path: Named, header: Conditional) -> Response:
    """Show an experiment with its scenario and its result."""
    found = service.get(context(), path.id, caller())
    document = ExperimentInFull(
        **_head(found),
        scenario=found.scenario,
        estimate=_plain(found.estimate),
        result=_plain(found.result),
        error=_plain(found.error),
    )
    return fresh(document, header)


def _head(found: Experiment) -> dict[str, Any]:
    """What a list shows of an experiment."""
    return {
        "id": found.id,
        "name": found.name,
        "status": found.status,
        "done": found.done,
        "total": found.total,
        "cancel_asked": found.cancel_asked,
        "created_at": utc(found.created_at),
        "started_at": utc_or_none(found.started_at),
        "finished_at": utc_or_none(found.finished_at),
    }


def _plain(document: Any) -> dict[str, object] | None:
    return None if document is None else dict(document)
