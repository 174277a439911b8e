"""Closures in the reader's words: what is closed, since and until when, and why."""

from dataclasses import dataclass

from testbed.domain.closures import Closure
from testbed.domain.grid import moment_of
from web.deps import DEFAULT_ZONE, catalogue
from web.languages import gettext, text
from web.present import moment_text, pool_name


@dataclass(frozen=True, slots=True)
class ClosureView:
    """A closure, ready to print."""

    id: str
    what: str
    since: str
    until: str
    reason: str


def closure_view(closure: Closure) -> ClosureView:
    """A closure as pages show it."""
    until = gettext("until it is reopened")
    if closure.ended_at is not None:
        until = gettext("reopened %(time)s", time=moment_text(closure.ended_at, DEFAULT_ZONE))
    elif closure.end is not None:
        until = gettext("until %(time)s", time=moment_text(moment_of(closure.end), DEFAULT_ZONE))
    return ClosureView(
        closure.id,
        target_name(closure.target),
        moment_text(closure.created_at, DEFAULT_ZONE),
        until,
        closure.reason,
    )


def target_name(target: str) -> str:
    """The name of a resource, corridor or site; the id of one that is gone."""
    site = catalogue().sites.get(target)
    return text(site.name) if site else pool_name(catalogue(), target)
