"""Kinds of test: ready-made needs by which a wish may be spoken."""

from flask import Response

from testbed.domain.demand import TestKind, extra_need_of, need_of
from testbed.service.tokens import Scope
from web.api.answers.booking import KindOfTest, KindsOfTest
from web.api.endpoint import endpoint, noun
from web.api.replying import fresh
from web.api.showing import named
from web.api.wishes import need_answer
from web.deps import test_kinds
from web.schemas import Conditional

blueprint = noun("test-kinds", "Ready-made needs")


@blueprint.get("/test-kinds", responses={200: KindsOfTest, 304: None})
@endpoint(Scope.READ)
def listing(header: Conditional) -> Response:
    """List the kinds of test with the needs that they bring."""
    return fresh(KindsOfTest(items=[_answer(each) for each in test_kinds().values()]), header)


def _answer(kind: TestKind) -> KindOfTest:
    return KindOfTest(
        id=kind.id,
        name=named(kind.name),
        need=need_answer(need_of(kind)),
        extras=[need_answer(extra_need_of(each)) for each in kind.extras],
    )
