"""How the member is told of what happens."""

from flask import Response

from testbed.service import notice_choices
from testbed.service.notice_choices import Choices
from testbed.service.notices import CHOICES
from testbed.service.tokens import Scope
from web.api.answers.notices import GroupAnswer, NoticesAnswer
from web.api.bearer import caller
from web.api.endpoint import CHANGES, endpoint, noun
from web.api.notices_in import NoticesIn
from web.api.replying import reply
from web.deps import context, doors, now
from web.schemas import Once

blueprint = noun("notices", "What is told, and how")


@blueprint.get("/me/notices", responses={200: NoticesAnswer})
@endpoint(Scope.READ)
def show() -> Response:
    """Show how the member is told of each group of notices."""
    return _answer(notice_choices.of_member(context(), caller()))


@blueprint.patch("/me/notices", responses={200: NoticesAnswer, **CHANGES})
@endpoint(Scope.BOOK, "submit")
def choose(body: NoticesIn, header: Once) -> Response:
    """Choose how groups are told: at once, in a daily digest, or never."""
    wanted = body.model_dump(exclude_none=True)
    key = header.idempotency_key
    return _answer(notice_choices.choose(context(), caller(), wanted, now(), key))


def _answer(choices: Choices) -> Response:
    items = [
        GroupAnswer(group=group, choice=choice, choices=list(CHOICES[group]))
        for group, choice in choices.items()
    ]
    return reply(NoticesAnswer(items=items, digest_hour=doors().settings.jobs.digest_hour))
