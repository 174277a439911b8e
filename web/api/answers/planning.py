"""Documents of who asks, and of experiments."""

from testbed.domain.parties import Role
from testbed.service.experiment_record import Status
from testbed.service.tokens import Scope
from web.api.answers.common import Answer, Details, Moment, Named, Next


class OrganisationAnswer(Answer):
    """The organisation for which a member acts."""

    id: str
    name: Named
    type: str


class MeAnswer(Answer):
    """Who the token speaks for, and what it permits."""

    id: int
    name: str
    email: str
    role: Role
    organisation: OrganisationAnswer
    scopes: list[Scope]


class ExperimentAnswer(Answer):
    """An experiment; `total` is null where precision decides when it ends."""

    id: str
    name: str
    status: Status
    done: int
    total: int | None
    cancel_asked: bool
    created_at: Moment
    started_at: Moment | None
    finished_at: Moment | None


class ExperimentInFull(ExperimentAnswer):
    """An experiment with its scenario (TOML) and what is known of its result."""

    scenario: str
    estimate: Details | None
    result: Details | None
    error: Details | None


class ExperimentPage(Answer):
    """A page of experiments, the newest first."""

    items: list[ExperimentAnswer]
    next: Next
