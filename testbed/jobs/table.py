"""The table of jobs: what runs, how often, and what for.

Other packages add jobs as entry points of the group `testbed.jobs`: a `Job`, or a function of the
settings that returns jobs.
"""

from collections.abc import Iterator
from datetime import timedelta
from importlib.metadata import entry_points

from testbed.config import Jobs, Settings
from testbed.jobs import hooks, post, sweeps
from testbed.jobs.job import Job
from testbed.jobs.studies import Starter

GROUP = "testbed.jobs"


def own_jobs(settings: Settings) -> tuple[Job, ...]:
    """The jobs of this package, at the periods of the settings."""
    every, studies = settings.jobs, Starter()
    return (
        *_calendar_jobs(every),
        *_no_shows(settings),
        *_telling_jobs(every),
        Job(
            "experiments",
            timedelta(seconds=every.experiment_seconds),
            studies.sweep,
            "Starts a process for the experiments that wait.",
            studies.close,
        ),
        Job(
            "tidy",
            timedelta(days=1),
            sweeps.tidy,
            "Deletes old records of runs, mails, deliveries, resets, sessions and "
            "idempotency keys.",
        ),
    )


def _calendar_jobs(every: Jobs) -> tuple[Job, ...]:
    """What the clock does to bookings; every one only catches up with what holds already."""
    return (
        Job(
            "expire-holds",
            timedelta(seconds=every.expire_seconds),
            sweeps.expire_holds,
            "Releases holds that ran out.",
        ),
        Job(
            "waitlist",
            timedelta(seconds=every.waitlist_seconds),
            sweeps.serve_waitlist,
            "Offers to those who wait what dates and rules have opened; ends what waited in vain.",
        ),
        Job(
            "approvals",
            timedelta(minutes=every.approval_minutes),
            sweeps.settle_approvals,
            "Confirms what nobody objected to in time, and reminds parties of their deadline.",
        ),
        Job(
            "standing-services",
            timedelta(minutes=every.standing_minutes),
            sweeps.write_standing,
            "Writes standing services as far ahead as anybody may book.",
        ),
        Job(
            "series",
            timedelta(minutes=every.series_minutes),
            sweeps.continue_series,
            "Asks for the dates of series that the horizon has reached.",
        ),
        Job(
            "reconfirmations",
            timedelta(minutes=every.reconfirm_minutes),
            sweeps.reconfirm,
            "Asks for bookings of series to be confirmed again, and cancels those that were not.",
        ),
        Job(
            "visits",
            timedelta(seconds=every.visit_seconds),
            sweeps.see_to_visits,
            "Tells who is kept waiting by an overrun; completes what nobody checked out.",
        ),
    )


def _telling_jobs(every: Jobs) -> tuple[Job, ...]:
    """What writes and sends notices."""
    return (
        Job(
            "usage-reminders",
            timedelta(hours=1),
            sweeps.remind_of_usage,
            "Writes a mail a day after a visit whose use is not recorded yet.",
        ),
        Job(
            "reminders",
            timedelta(minutes=every.remind_minutes),
            sweeps.remind,
            "Writes a mail before a booking begins.",
        ),
        Job(
            "expiring-papers",
            timedelta(hours=every.paper_hours),
            sweeps.warn_of_papers,
            "Warns of papers that end soon, once per paper and threshold.",
        ),
        Job(
            "mails",
            timedelta(seconds=every.mail_seconds),
            post.deliver,
            "Sends the mails that are due.",
        ),
        Job(
            "digests",
            timedelta(minutes=every.digest_minutes),
            sweeps.write_digests,
            "Writes the daily digests of those who chose one.",
        ),
        Job(
            "webhooks",
            timedelta(seconds=every.webhook_seconds),
            hooks.deliver,
            "Sends events to webhooks.",
        ),
    )


def _no_shows(settings: Settings) -> Iterator[Job]:
    """None where visits are not noted."""
    if settings.jobs.release_no_shows:
        yield Job(
            "no-shows",
            timedelta(seconds=settings.jobs.no_show_seconds),
            sweeps.release_no_shows,
            "Releases bookings that nobody turned up for, as of the end of their grace.",
        )


def all_jobs(settings: Settings) -> tuple[Job, ...]:
    """Every job of every installed package. Raises ValueError where two have one name."""
    jobs = (*own_jobs(settings), *_added(settings))
    names = [job.name for job in jobs]
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise ValueError(f"two jobs of one name: {', '.join(twice)}")
    return jobs


def _added(settings: Settings) -> Iterator[Job]:
    for each in entry_points(group=GROUP):
        loaded = each.load()
        yield from [loaded] if isinstance(loaded, Job) else loaded(settings)
