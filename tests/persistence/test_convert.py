"""Values to JSON and back: nothing is lost, and equal values are equal bytes."""

from datetime import UTC, datetime, timedelta, timezone

from hypothesis import given
from hypothesis import strategies as st

from testbed.domain.catalogue import Mode, OddTerm
from testbed.domain.requests import (
    Claim,
    ClaimKind,
    Cost,
    Granted,
    Line,
    Need,
    NeedType,
    Offer,
    Offered,
    Reason,
    Refused,
    Request,
    Waitlisted,
    Way,
)
from testbed.persistence import convert

names = st.text(max_size=12)
ids = st.sampled_from(["rt-a", "fc-b", "판교-노선", "co-c"])
grains = st.integers(1_900_000, 2_100_000)
counts = st.integers(1, 20)
maybe = st.none() | ids
some_ids = st.lists(ids, max_size=3).map(tuple)
odd_values = (
    st.booleans() | st.integers(-9, 200) | names | st.frozensets(names, max_size=3)
    | st.floats(allow_nan=False, allow_infinity=False)
)  # fmt: skip
terms = st.builds(OddTerm, names, st.sampled_from(["any", "all", "min", "max", "is"]), odd_values)
needs = st.builds(
    Need,
    type=st.sampled_from(NeedType),
    resource=maybe,
    kinds=some_ids,
    odd=st.lists(terms, max_size=3).map(tuple),
    rules=some_ids,
    night=st.booleans(),
    units=counts,
    vehicles=counts,
    mode=st.sampled_from(Mode),
    offset=st.integers(-96, 96),
    duration=st.none() | counts,
)
zones = st.integers(-12, 14).map(lambda hours: timezone(timedelta(hours=hours)))
moments = st.datetimes(
    datetime(2020, 1, 1),  # noqa: DTZ001 -- Hypothesis takes naive bounds and adds the zone
    datetime(2030, 1, 1),  # noqa: DTZ001
    timezones=zones | st.just(UTC),
)


@st.composite
def requests(draw: st.DrawFn) -> Request:
    earliest, start, latest = sorted(draw(st.lists(grains, min_size=3, max_size=3)))
    asked = tuple(draw(st.lists(needs, min_size=1, max_size=3)))
    resources = st.lists(ids, min_size=len(asked), max_size=len(asked)).map(tuple)
    return Request(
        id=draw(names),
        organisation=draw(ids),
        submitted_at=draw(moments),
        needs=asked,
        duration_min=draw(counts),
        start=start,
        earliest=earliest,
        latest=latest,
        city=draw(maybe),
        other_city=draw(st.booleans()),
        wait=draw(st.booleans()),
        way=draw(st.none() | st.builds(Way, grains, resources)),
        test_kind=draw(maybe),
        series=draw(maybe),
    )


claims = st.builds(Claim, ids, st.sampled_from(ClaimKind), counts, grains, grains)
lines = st.builds(Line, ids, grains, grains, counts, counts, st.sampled_from(Mode))
offers = st.builds(
    Offer,
    start=grains,
    end=grains,
    rule=ids,
    week=st.integers(202601, 202653),
    lines=st.lists(lines, max_size=3).map(tuple),
    claims=st.lists(claims, max_size=4).map(tuple),
    cost=st.builds(Cost, *[st.integers(0, 10**6)] * 6),
)
fields = st.tuples(names, st.integers() | names)
reasons = st.builds(Reason, names, maybe, st.lists(fields, max_size=2).map(tuple), maybe)
near = st.lists(offers, max_size=2).map(tuple)
why = st.lists(reasons, max_size=2).map(tuple)
decisions = st.builds(Granted, offers) | st.one_of(
    *(st.builds(kind, near, why) for kind in (Offered, Waitlisted, Refused))
)


@given(requests())
def test_a_request_comes_back_as_it_went(request: Request) -> None:
    text = convert.dump(convert.request_to_json(request))
    back = convert.request_from_json(convert.load(text))
    assert back == request
    assert convert.dump(convert.request_to_json(back)) == text


@given(decisions)
def test_a_decision_comes_back_as_it_went(decision: Granted | Offered) -> None:
    text = convert.dump(convert.decision_to_json(decision))
    back = convert.decision_from_json(convert.load(text))
    assert back == decision
    assert convert.dump(convert.decision_to_json(back)) == text


def test_a_true_stays_true_and_does_not_become_one() -> None:
    need = Need(NeedType.ROUTE, odd=(OddTerm("hd_map", "is", True), OddTerm("lanes", "min", 1)))
    back = convert.need_from_json(convert.load(convert.dump(convert.need_to_json(need))))
    assert [type(term.value) for term in back.odd] == [bool, int]
