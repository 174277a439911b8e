"""Experiments: a queue in which nothing is run twice and nothing is lost."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from sqlalchemy import select

from testbed.domain.errors import IllegalTransition, InvalidRequest, NotAllowed, NotFound, Stale
from testbed.domain.parties import Member, Role
from testbed.persistence.engine import Database
from testbed.persistence.job_tables import mail
from testbed.persistence.tables import audit
from testbed.service import experiments, outbox
from testbed.service.context import Context
from testbed.service.experiment_record import Experiment, Status
from tests.catalogues import NOW
from tests.people import join, province

SCENARIO = "[scenario]\nname = 'x'\n"
MINUTE = timedelta(minutes=1)
SECOND = timedelta(seconds=1)


@pytest.fixture
def ctx(database: Database) -> Context:
    return province(database)


@pytest.fixture
def planner(ctx: Context) -> Member:
    return join(ctx, Role.PLANNER)


def queued(ctx: Context, planner: Member, minutes: int = 0) -> Experiment:
    return experiments.queue(ctx, "Double demand", SCENARIO, NOW + minutes * MINUTE, planner)


def test_an_experiment_goes_from_the_queue_to_its_result(ctx: Context, planner: Member) -> None:
    made = queued(ctx, planner)
    claimed = experiments.claim(ctx, "w1", NOW)
    assert claimed is not None
    assert (claimed.id, claimed.status, claimed.scenario) == (made.id, Status.RUNNING, SCENARIO)
    report = {"new_rows": {0: {"a": 1}, 1: {"a": None}}, "estimate": {"a": 1}, "total": 20}
    assert experiments.progress(ctx, made.id, "w1", NOW, **report)
    seen = experiments.get(ctx, made.id, planner)
    assert (seen.done, seen.total, seen.estimate) == (2, 20, {"a": 1})
    ended = experiments.finish(ctx, made.id, "w1", {"kpis": {}}, NOW + MINUTE)
    assert (ended.status, ended.result) == (Status.DONE, {"kpis": {}})
    assert experiments.rows(ctx, made.id) == {0: {"a": 1}, 1: {"a": None}}


def test_the_oldest_goes_first_and_each_only_once(ctx: Context, planner: Member) -> None:
    ids = [queued(ctx, planner, minute).id for minute in range(3)]
    claimed = [experiments.claim(ctx, f"w{number}", NOW) for number in range(4)]
    assert [each and each.id for each in claimed] == [*ids, None]


def test_workers_that_claim_at_the_same_moment_get_different_ones(
    ctx: Context, planner: Member
) -> None:
    ids = {queued(ctx, planner).id for _ in range(4)}
    with ThreadPoolExecutor(8) as threads:
        found = list(threads.map(lambda n: experiments.claim(ctx, f"w{n}", NOW), range(8)))
    taken = [each.id for each in found if each is not None]
    assert len(taken) == len(set(taken))
    rest = [experiments.claim(ctx, "late", NOW) for _ in range(4)]
    assert {*taken, *(each.id for each in rest if each is not None)} == ids


def test_a_silent_worker_loses_its_experiment_but_not_its_rows(
    ctx: Context, planner: Member
) -> None:
    made = queued(ctx, planner)
    experiments.claim(ctx, "w1", NOW)
    experiments.progress(ctx, made.id, "w1", NOW, new_rows={0: {"a": 1}})
    quiet = NOW + experiments.SILENT_FOR
    assert experiments.reclaim(ctx, quiet - SECOND) == ()
    [back] = experiments.reclaim(ctx, quiet)
    assert (back.status, back.done) == (Status.QUEUED, 1)
    again = experiments.claim(ctx, "w2", quiet)
    assert again is not None
    assert (again.attempts, experiments.rows(ctx, made.id)) == (2, {0: {"a": 1}})


def test_a_worker_taken_for_dead_can_no_longer_report(ctx: Context, planner: Member) -> None:
    made = queued(ctx, planner)
    experiments.claim(ctx, "w1", NOW)
    experiments.reclaim(ctx, NOW + experiments.SILENT_FOR)
    experiments.claim(ctx, "w2", NOW)
    for report in (
        lambda: experiments.progress(ctx, made.id, "w1", NOW, new_rows={0: {}}),
        lambda: experiments.finish(ctx, made.id, "w1", {}, NOW),
        lambda: experiments.fail(ctx, made.id, "w1", {"code": "x"}, NOW),
        lambda: experiments.stop(ctx, made.id, "w1", NOW),
    ):
        with pytest.raises(Stale, match="experiment_lost"):
            report()
    assert experiments.rows(ctx, made.id) == {}
    assert experiments.finish(ctx, made.id, "w2", {}, NOW).status is Status.DONE


def test_a_reported_row_is_never_replaced(ctx: Context, planner: Member) -> None:
    made = queued(ctx, planner)
    experiments.claim(ctx, "w1", NOW)
    for value in (1, 2):
        experiments.progress(ctx, made.id, "w1", NOW, new_rows={0: {"a": value}})
    assert experiments.rows(ctx, made.id) == {0: {"a": 1}}


def test_an_experiment_that_keeps_killing_its_worker_fails(ctx: Context, planner: Member) -> None:
    made, moment = queued(ctx, planner), NOW
    for _ in range(experiments.MOST_ATTEMPTS):
        assert experiments.claim(ctx, "w", moment) is not None
        moment += experiments.SILENT_FOR
        experiments.reclaim(ctx, moment)
    ended = experiments.get(ctx, made.id, planner)
    assert (ended.status, ended.error) == (Status.FAILED, {"code": "worker_lost"})
    assert experiments.claim(ctx, "w", moment) is None


def test_a_waiting_experiment_is_cancelled_at_once(ctx: Context, planner: Member) -> None:
    made = queued(ctx, planner)
    assert experiments.cancel(ctx, made.id, NOW, planner).status is Status.CANCELLED
    assert experiments.claim(ctx, "w1", NOW) is None
    with pytest.raises(IllegalTransition, match="experiment_over"):
        experiments.cancel(ctx, made.id, NOW, planner)


def test_a_running_experiment_hears_of_its_end_at_its_next_report(
    ctx: Context, planner: Member
) -> None:
    made = queued(ctx, planner)
    experiments.claim(ctx, "w1", NOW)
    assert experiments.progress(ctx, made.id, "w1", NOW)
    assert experiments.cancel(ctx, made.id, NOW, planner).cancel_asked
    assert not experiments.progress(ctx, made.id, "w1", NOW)
    assert experiments.stop(ctx, made.id, "w1", NOW).status is Status.CANCELLED


def test_a_worker_that_ends_gives_its_experiment_back(ctx: Context, planner: Member) -> None:
    made = queued(ctx, planner)
    for _ in range(experiments.MOST_ATTEMPTS + 1):
        experiments.claim(ctx, "w1", NOW)
        back = experiments.give_back(ctx, made.id, "w1", NOW)
        assert (back.status, back.attempts) == (Status.QUEUED, 0)


def test_a_cancelled_experiment_of_a_dead_worker_does_not_come_back(
    ctx: Context, planner: Member
) -> None:
    made = queued(ctx, planner)
    experiments.claim(ctx, "w1", NOW)
    experiments.cancel(ctx, made.id, NOW, planner)
    [ended] = experiments.reclaim(ctx, NOW + experiments.SILENT_FOR)
    assert ended.status is Status.CANCELLED


@pytest.mark.parametrize("role", [Role.MEMBER, Role.MANAGER, Role.OPERATOR, Role.OBSERVER])
def test_only_planners_queue_and_cancel(ctx: Context, planner: Member, role: Role) -> None:
    made, other = queued(ctx, planner), join(ctx, role)
    with pytest.raises(NotAllowed, match="planners_only"):
        queued(ctx, other)
    with pytest.raises(NotAllowed, match="planners_only"):
        experiments.cancel(ctx, made.id, NOW, other)


@pytest.mark.parametrize("role", list(Role))
def test_companies_do_not_see_experiments(ctx: Context, planner: Member, role: Role) -> None:
    made = queued(ctx, planner)
    reader = planner if role is Role.PLANNER else join(ctx, role)
    if role in (Role.MEMBER, Role.MANAGER):
        for look in (
            lambda: experiments.get(ctx, made.id, reader),
            lambda: experiments.listing(ctx, reader),
        ):
            with pytest.raises(NotAllowed, match="planners_only"):
                look()
        return
    assert experiments.listing(ctx, reader) == (experiments.get(ctx, made.id, reader),)


def test_a_result_from_elsewhere_is_kept_as_done(ctx: Context, planner: Member) -> None:
    result = {"kpis": {"acceptance": {"mean": 0.9}}}
    kept = experiments.keep(ctx, "From the laptop", result, NOW, planner)
    assert (kept.status, kept.result, kept.is_uploaded) == (Status.DONE, result, True)
    assert experiments.claim(ctx, "w1", NOW) is None
    assert experiments.get(ctx, kept.id, planner) == kept


@pytest.mark.parametrize("role", [Role.MEMBER, Role.MANAGER, Role.OPERATOR, Role.OBSERVER])
def test_only_planners_keep_results(ctx: Context, role: Role) -> None:
    with pytest.raises(NotAllowed, match="planners_only"):
        experiments.keep(ctx, "x", {}, NOW, join(ctx, role))


def test_what_was_computed_here_is_not_uploaded(ctx: Context, planner: Member) -> None:
    made = queued(ctx, planner)
    experiments.claim(ctx, "w1", NOW)
    assert not experiments.finish(ctx, made.id, "w1", {}, NOW).is_uploaded


def test_a_list_leaves_the_results_out(ctx: Context, planner: Member) -> None:
    experiments.keep(ctx, "x", {"kpis": {}}, NOW, planner)
    [listed] = experiments.listing(ctx, planner)
    assert listed.result is None


def test_the_listing_goes_on_where_it_ended(ctx: Context, planner: Member) -> None:
    ids = [queued(ctx, planner, minute // 2).id for minute in range(6)]
    first = experiments.listing(ctx, planner, limit=3)
    rest = experiments.listing(ctx, planner, after=first[-1].id, limit=10)
    seen = [each.id for each in (*first, *rest)]
    assert len(seen) == 6
    assert set(seen) == set(ids)
    with pytest.raises(NotFound):
        experiments.listing(ctx, planner, after="unknown")


@pytest.mark.parametrize(
    ("name", "scenario", "code"),
    [
        ("", SCENARIO, "bad_name"),
        ("x", "", "bad_scenario_text"),
        ("x", "a\0b", "bad_scenario_text"),
        ("x", "x" * (experiments.LONGEST_SCENARIO + 1), "bad_scenario_text"),
    ],
)
def test_what_cannot_be_queued_is_refused(
    ctx: Context, planner: Member, name: str, scenario: str, code: str
) -> None:
    with pytest.raises(InvalidRequest, match=code):
        experiments.queue(ctx, name, scenario, NOW, planner)


def test_a_planner_has_only_so_many_open_experiments(ctx: Context, planner: Member) -> None:
    first, *_ = [queued(ctx, planner) for _ in range(experiments.MOST_OPEN)]
    with pytest.raises(InvalidRequest, match="too_many_experiments"):
        queued(ctx, planner)
    experiments.cancel(ctx, first.id, NOW, planner)
    assert queued(ctx, planner).status is Status.QUEUED


def test_its_owner_hears_of_the_end_by_mail(ctx: Context, planner: Member) -> None:
    made = queued(ctx, planner)
    experiments.claim(ctx, "w1", NOW)
    experiments.fail(ctx, made.id, "w1", {"code": "study_failed"}, NOW)
    outbox.spread(ctx, NOW)
    with ctx.database.reading() as connection:
        told = connection.execute(select(mail.c.kind, mail.c.recipient)).all()
        noted = connection.execute(select(audit.c.action).where(audit.c.subject == made.id))
        assert [tuple(each) for each in told] == [("experiment.failed", planner.email)]
        assert noted.scalars().all() == ["experiment.queued", "experiment.failed"]
