"""The sweeps: each a use case over everything that is due, and a few words of what it did."""

from datetime import datetime, timedelta

from testbed.domain.errors import NotFound
from testbed.jobs.job import Surroundings
from testbed.service import (
    approvals,
    bookings,
    deliveries,
    digests,
    emergency,
    job_runs,
    no_shows,
    outbox,
    paper_warnings,
    password_resets,
    reconfirmations,
    reminders,
    series_horizon,
    sessions,
    terms,
    usage_reminders,
    visits,
    waitlist,
)
from testbed.service import standing as standing_services


def expire_holds(around: Surroundings, now: datetime) -> str:
    """Release the holds that ran out."""
    return f"expired {len(bookings.release_expired(around.ctx, now))}"


def release_no_shows(around: Surroundings, now: datetime) -> str:
    """End the bookings that nobody turned up for, as of the end of their grace."""
    return f"released {len(no_shows.release_no_shows(around.ctx, now))}"


def serve_waitlist(around: Surroundings, now: datetime) -> str:
    """Offer whatever is free to those who wait, and end what waited too long."""
    return f"changed {waitlist.catch_up(around.ctx, now)}"


def settle_approvals(around: Surroundings, now: datetime) -> str:
    """Write down what silence has decided, and remind the parties whose deadline is near."""
    settled = approvals.settle(around.ctx, now)
    ahead = timedelta(hours=around.settings.jobs.approval_hours)
    return f"confirmed {len(settled)}, reminded {approvals.remind(around.ctx, now, ahead)}"


def write_standing(around: Surroundings, now: datetime) -> str:
    """Write the standing services as far ahead as anybody may book."""
    try:
        done = standing_services.materialise(around.ctx, now)
    except NotFound:
        return "no catalogue yet"
    return f"taken {done.taken}, released {done.released}"


def remind(around: Surroundings, now: datetime) -> str:
    """Write reminders of the bookings that begin soon."""
    ahead = timedelta(hours=around.settings.jobs.remind_hours)
    return f"reminded {reminders.remind(around.ctx, now, ahead)}"


def see_to_visits(around: Surroundings, now: datetime) -> str:
    """Tell who is kept waiting by an overrun, and complete what nobody checked out."""
    day = around.settings.day
    completed = visits.complete_forgotten(around.ctx, now, day.check_out_hours)
    told = visits.warn_of_overruns(around.ctx, now, day.overrun_minutes)
    return f"completed {completed}, told {told}"


def remind_of_usage(around: Surroundings, now: datetime) -> str:
    """Remind of the use that is still to be recorded."""
    days = around.settings.day.report_due_days
    return f"reminded {usage_reminders.remind(around.ctx, now, days)}"


def continue_series(around: Surroundings, now: datetime) -> str:
    """Ask for the dates of series that the horizon has reached."""
    return f"asked for {series_horizon.materialise(around.ctx, now)}"


def reconfirm(around: Surroundings, now: datetime) -> str:
    """Cancel what was not confirmed again in time; then ask for what begins soon."""
    given_up = reconfirmations.give_up(around.ctx, now)
    return f"cancelled {len(given_up)}, asked {reconfirmations.ask(around.ctx, now)}"


def write_digests(around: Surroundings, now: datetime) -> str:
    """Write the daily digests that are due, of all that was noted by then."""
    while outbox.spread(around.ctx, now):
        pass
    return f"written {digests.gather(around.ctx, now, around.settings.jobs.digest_hour)}"


def warn_of_papers(around: Surroundings, now: datetime) -> str:
    """Warn of the papers that end soon."""
    jobs = around.settings.jobs
    thresholds = jobs.paper_warn_days, jobs.paper_warn_again_days
    return f"warned {paper_warnings.warn(around.ctx, now, thresholds)}"


def tidy(around: Surroundings, now: datetime) -> str:
    """Delete records that nobody needs any more: each kind after a time of its own."""
    sweeps = (
        deliveries.forget,
        job_runs.forget,
        outbox.forget,
        password_resets.forget,
        sessions.forget,
        terms.forget,
    )
    contacts = emergency.forget(around.ctx, now, around.settings.day.contact_days)
    return f"deleted {contacts + sum(forget(around.ctx, now) for forget in sweeps)}"
