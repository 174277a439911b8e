"""Papers in the service: entering, accepting, and the bookings that rely on them."""

import json
from dataclasses import replace
from datetime import date, timedelta

import pytest
from sqlalchemy import select

from testbed.domain.bookings import State
from testbed.domain.errors import IllegalTransition, InvalidRequest, NotAllowed, NotFound, Stale
from testbed.domain.grid import moment_of
from testbed.domain.papers import Crew, PaperKind, VehicleType
from testbed.domain.parties import Member, Role
from testbed.domain.policy import Policy
from testbed.persistence.tables import audit, outbox
from testbed.service import (
    bookings,
    crew,
    drivers,
    eligibility,
    kept_papers,
    no_shows,
    paper_files,
    paper_warnings,
    papers,
    requests,
    vehicles,
)
from testbed.service.actors import SYSTEM
from testbed.service.catalogue import import_documents
from testbed.service.context import make_context
from testbed.service.drivers import KeptDriver
from testbed.service.kept_papers import KeptPaper, PaperState, PapersWanted
from testbed.service.vehicles import KeptVehicle
from tests.catalogues import MONDAY, NOW, at, documents, wish

MANAGER = Member(7, "org-a", "m@a", "Mina", Role.MANAGER)
MEMBER = Member(8, "org-a", "n@a", "Noh", Role.MEMBER)
RIVAL = Member(9, "org-b", "r@b", "Ri", Role.MANAGER)
OPERATOR = Member(10, "org-op", "o@op", "Oh", Role.OPERATOR)
FIRST, LAST = date(2026, 3, 1), date(2026, 12, 31)
PDF = ("insurance.pdf", b"%PDF-1.7 example")


@pytest.fixture
def ctx(database):
    """The small catalogue, whose tracks ask for insurance and a trained driver."""
    context = make_context(database, Policy(eligibility=True))
    given = documents()
    for rule in given["catalogue"]["rule"]:
        if rule["id"] == "rule-track":
            rule |= {"insurance_required": True, "safety_driver": "per-vehicle-type"}
    import_documents(context, given, NOW, SYSTEM)
    return context


@pytest.fixture
def vehicle(ctx):
    wanted = KeptVehicle("", "org-a", "Ioniq 1", "12가3456", VehicleType.A, 4)
    return vehicles.enter(ctx, wanted, NOW, MANAGER)


@pytest.fixture
def driver(ctx):
    return drivers.enter(ctx, KeptDriver("", "org-a", "Kim Haneul", "010-0000-0000"), NOW, MANAGER)


def entered(ctx, kind, until=LAST, **fields):
    return papers.enter(ctx, KeptPaper("", "org-a", kind, FIRST, until, **fields), NOW, MANAGER)


@pytest.fixture
def insurance(ctx, vehicle):
    paper = entered(ctx, PaperKind.INSURANCE)
    return papers.accept(ctx, paper.id, NOW, OPERATOR)


@pytest.fixture
def training(ctx, driver):
    paper = entered(ctx, PaperKind.TRAINING, driver=driver.id)
    return papers.accept(ctx, paper.id, NOW, OPERATOR)


def asked(ctx, day=MONDAY, hour=10, actor=MEMBER):
    return requests.submit(ctx, wish(start=at(hour, day)), NOW, actor)


@pytest.fixture
def booking(ctx, insurance, training):
    made = asked(ctx).booking
    return bookings.confirm(ctx, made.id, NOW, MEMBER)


def actions(ctx, kind):
    with ctx.database.reading() as connection:
        rows = connection.execute(select(outbox).where(outbox.c.kind == kind)).all()
    return [(row.subject, json.loads(row.document)) for row in rows]


def codes(decision):
    return {each.code for each in decision.reasons}


# -- booking -----------------------------------------------------------------------------------


def test_without_vehicles_and_papers_nothing_is_booked_and_every_reason_is_told(ctx):
    given = asked(ctx)
    assert given.booking is None
    assert codes(given.decision) == {"vehicle_missing", "driver_missing"}


def test_only_accepted_papers_count(ctx, vehicle, driver):
    waiting = [
        entered(ctx, PaperKind.INSURANCE),
        entered(ctx, PaperKind.TRAINING, driver=driver.id),
    ]
    assert codes(asked(ctx).decision) == {"insurance_missing", "training_missing"}
    for each in waiting:
        papers.accept(ctx, each.id, NOW, OPERATOR)
    assert asked(ctx).booking is not None


def test_a_changed_paper_counts_only_once_it_is_accepted_again(ctx, insurance, training):
    changed = papers.change(ctx, replace(insurance, number="new"), NOW, MANAGER)
    assert changed.state is PaperState.WAITING
    assert codes(asked(ctx).decision) == {"insurance_missing"}
    papers.accept(ctx, insurance.id, NOW, OPERATOR)
    assert asked(ctx).booking is not None


def test_a_permit_that_ends_in_the_middle_of_the_booking_is_refused(ctx, booking, insurance):
    short = replace(insurance, valid_until=MONDAY - timedelta(days=1))
    papers.change(ctx, short, NOW, MANAGER)
    papers.accept(ctx, insurance.id, NOW, OPERATOR)
    reasons = asked(ctx, hour=13).decision.reasons
    assert [(each.code, dict(each.fields)["until"]) for each in reasons] == [
        ("insurance_ends", "2026-03-15")
    ]


def test_a_moved_booking_is_judged_by_the_papers_of_its_new_day(ctx, booking, insurance):
    papers.change(ctx, replace(insurance, valid_until=MONDAY), NOW, MANAGER)
    papers.accept(ctx, insurance.id, NOW, OPERATOR)
    later = wish(start=at(10, MONDAY + timedelta(days=1)))
    moved = bookings.move(ctx, booking.id, later, NOW, MEMBER)
    assert codes(moved.decision) == {"insurance_ends"}
    assert bookings.get(ctx, booking.id, NOW, MEMBER).start == booking.start


def test_what_is_booked_for_an_organisation_is_judged_by_its_papers(ctx):
    assert codes(asked(ctx, actor=OPERATOR).decision) == {"vehicle_missing", "driver_missing"}


def test_a_search_and_a_submission_agree_after_every_change(ctx, insurance, training):
    asked_for = wish(start=at(10))
    assert requests.search(ctx, asked_for, NOW).offers
    papers.withdraw(ctx, training.id, NOW, MANAGER)
    assert not requests.search(ctx, asked_for, NOW).offers
    assert asked(ctx).booking is None


# -- who may, and what is kept -----------------------------------------------------------------


def test_a_member_reads_a_manager_enters_an_operator_accepts_and_others_see_nothing(ctx, insurance):
    assert kept_papers.one(ctx, insurance.id, MEMBER).state is PaperState.ACCEPTED
    with pytest.raises(NotAllowed):
        papers.enter(ctx, insurance, NOW, MEMBER)
    with pytest.raises(NotAllowed):
        papers.accept(ctx, insurance.id, NOW, MANAGER)
    for look in (
        lambda: kept_papers.one(ctx, insurance.id, RIVAL),
        lambda: papers.withdraw(ctx, insurance.id, NOW, RIVAL),
        lambda: paper_files.read(ctx, insurance.id, RIVAL),
    ):
        with pytest.raises(NotFound):
            look()
    with pytest.raises(NotAllowed):
        kept_papers.listing(ctx, PapersWanted("org-a"), RIVAL)
    assert kept_papers.listing(ctx, PapersWanted(), RIVAL).items == ()


def test_a_paper_names_nobody_elses_vehicle(ctx, vehicle):
    theirs = KeptPaper(
        "", "org-b", PaperKind.PERMIT, FIRST, LAST, vehicle=vehicle.id, covers=("ansan",)
    )
    with pytest.raises(NotFound):
        papers.enter(ctx, theirs, NOW, RIVAL)


@pytest.mark.parametrize(
    ("kind", "fields", "code"),
    [
        (PaperKind.PERMIT, {}, "paper_covers"),
        (PaperKind.PERMIT, {"covers": ("nowhere",)}, "paper_covers"),
        (PaperKind.PERMIT, {"covers": ("ansan",)}, "paper_owner"),
        (PaperKind.TRAINING, {}, "paper_owner"),
        (PaperKind.INSURANCE, {"until": date(2026, 2, 1)}, "paper_days"),
        (PaperKind.INSURANCE, {"number": "x" * 81}, "bad_paper_number"),
    ],
)
def test_a_paper_that_cannot_be_is_refused(ctx, kind, fields, code):
    with pytest.raises(InvalidRequest) as refused:
        entered(ctx, kind, **fields)
    assert refused.value.code == code


def test_an_operator_accepts_only_what_was_seen(ctx, vehicle):
    paper = entered(ctx, PaperKind.INSURANCE)
    papers.change(ctx, replace(paper, valid_until=date(2027, 1, 1)), NOW, MANAGER)
    with pytest.raises(Stale):
        papers.accept(ctx, paper.id, NOW, OPERATOR, seen=paper.version)
    rejected = papers.reject(ctx, paper.id, "The name differs.", NOW, OPERATOR)
    assert (rejected.state, rejected.why) == (PaperState.REJECTED, "The name differs.")
    with pytest.raises(IllegalTransition):
        papers.accept(ctx, paper.id, NOW, OPERATOR)


def test_the_same_key_enters_one_paper(ctx, vehicle):
    wanted = KeptPaper("", "org-a", PaperKind.INSURANCE, FIRST, LAST)
    first, second = (papers.enter(ctx, wanted, NOW, MANAGER, "key-1") for _ in range(2))
    assert first.id == second.id
    with pytest.raises(InvalidRequest):
        papers.enter(ctx, replace(wanted, number="2"), NOW, MANAGER, "key-1")


def test_a_key_names_one_change_of_one_paper(ctx, vehicle):
    first, second = (entered(ctx, PaperKind.INSURANCE) for _ in range(2))
    papers.change(ctx, replace(first, number="7"), NOW, MANAGER, "key-1")
    with pytest.raises(InvalidRequest, match="idempotency_key_reused"):
        papers.change(ctx, replace(second, number="7"), NOW, MANAGER, "key-1")


def test_the_audit_holds_no_plate_name_contact_number_or_reason(ctx, vehicle, driver):
    paper = entered(ctx, PaperKind.INSURANCE, number="POL-77")
    paper_files.attach(ctx, paper.id, PDF, NOW, MANAGER, most_kilobytes=10)
    papers.reject(ctx, paper.id, "Secret words", NOW, OPERATOR)
    with ctx.database.reading() as connection:
        told = "".join(connection.execute(select(audit.c.document)).scalars())
    for secret in ("12가3456", "Ioniq", "Haneul", "010-0000", "POL-77", "Secret", "insurance.pdf"):
        assert secret not in told


# -- files -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("file", "code"),
    [
        (("a.pdf", b"<html>"), "document_type"),
        (("a.png", b""), "document_size"),
        (("a.pdf", b"%PDF-" + b"x" * 2048), "document_size"),
    ],
)
def test_only_small_pdfs_and_pictures_are_taken(ctx, vehicle, file, code):
    paper = entered(ctx, PaperKind.INSURANCE)
    with pytest.raises(InvalidRequest) as refused:
        paper_files.attach(ctx, paper.id, file, NOW, MANAGER, most_kilobytes=2)
    assert refused.value.code == code


def test_a_file_gets_the_ending_of_what_it_is_and_the_paper_waits_again(ctx, insurance):
    named = ("../../evil\u202e.exe", b"\x89PNG\r\n\x1a\n...")
    after = paper_files.attach(ctx, insurance.id, named, NOW, MANAGER, most_kilobytes=2)
    assert (after.state, after.document) == (PaperState.WAITING, "evil.png")
    found = paper_files.read(ctx, insurance.id, MEMBER)
    assert (found.media_type, found.content) == ("image/png", named[1])


# -- bookings that rely on them ----------------------------------------------------------------


def test_a_paper_that_is_withdrawn_lists_the_bookings_and_tells_their_members_once(
    ctx, booking, training
):
    assert eligibility.lapsing(ctx, NOW, MEMBER) == ()
    papers.withdraw(ctx, training.id, NOW, MANAGER)
    (found,) = eligibility.lapsing(ctx, NOW, MEMBER)
    assert (found.booking.id, [each.code for each in found.missing]) == (
        booking.id,
        ["training_missing"],
    )
    vehicles.enter(ctx, KeptVehicle("", "org-a", "Two", "34나5678", VehicleType.B, 3), NOW, MANAGER)
    ((subject, told),) = actions(ctx, eligibility.TOLD)
    assert (subject, told["missing"]) == (booking.id, ["training_missing"])
    assert bookings.get(ctx, booking.id, NOW, MEMBER).state is State.CONFIRMED
    assert eligibility.lapsing(ctx, NOW, RIVAL) == ()
    assert len(eligibility.lapsing(ctx, NOW, OPERATOR)) == 1


def test_a_vehicle_that_retires_is_missed_where_it_is_named(ctx, booking, vehicle, driver):
    other = KeptVehicle("", "org-a", "Two", "34나5678", VehicleType.B, 3)
    vehicles.enter(ctx, other, NOW, MANAGER)
    crew.name(ctx, booking.id, Crew((vehicle.id,), (driver.id,)), NOW, MEMBER)
    vehicles.retire(ctx, vehicle.id, NOW, MANAGER)
    ((subject, told),) = actions(ctx, eligibility.TOLD)
    assert (subject, told["missing"]) == (booking.id, ["vehicle_missing"])


# -- crew and check-in -------------------------------------------------------------------------


def test_the_crew_is_named_until_the_cutoff_and_by_operators_later(ctx, booking, vehicle, driver):
    cutoff = moment_of(booking.start) - timedelta(hours=24)
    named = Crew((vehicle.id,), (driver.id,))
    crew.name(ctx, booking.id, named, cutoff, MEMBER)
    late = cutoff + timedelta(seconds=1)
    with pytest.raises(IllegalTransition) as closed:
        crew.name(ctx, booking.id, Crew(), late, MEMBER)
    assert closed.value.code == "crew_closed"
    crew.name(ctx, booking.id, Crew((vehicle.id,)), late, OPERATOR)
    shown = crew.of_booking(ctx, booking.id, MEMBER)
    assert [each.plate for each in shown.vehicles] == ["12가3456"]
    assert shown.drivers == ()
    with pytest.raises(NotFound):
        crew.of_booking(ctx, booking.id, RIVAL)


def test_nobody_elses_vehicle_is_named(ctx, booking):
    wanted = KeptVehicle("", "org-b", "Theirs", "1", VehicleType.A, 4)
    theirs = vehicles.enter(ctx, wanted, NOW, RIVAL)
    with pytest.raises(NotFound):
        crew.name(ctx, booking.id, Crew((theirs.id,)), NOW, MEMBER)


def test_nobody_checks_in_without_crew_and_papers(ctx, booking, vehicle, driver, training):
    start = moment_of(booking.start)
    with pytest.raises(IllegalTransition) as refused:
        no_shows.check_in(ctx, booking.id, start, MEMBER)
    assert refused.value.fields["missing"] == "vehicle_not_named, driver_not_named"
    crew.name(ctx, booking.id, Crew((vehicle.id,), (driver.id,)), NOW, MEMBER)
    papers.withdraw(ctx, training.id, NOW, MANAGER)
    with pytest.raises(IllegalTransition) as refused:
        no_shows.check_in(ctx, booking.id, start, MEMBER)
    assert refused.value.fields["missing"] == "training_missing"
    again = papers.accept(ctx, entered(ctx, PaperKind.TRAINING, driver=driver.id).id, NOW, OPERATOR)
    assert again.state is PaperState.ACCEPTED
    assert no_shows.check_in(ctx, booking.id, start, MEMBER).state is State.CHECKED_IN


def test_an_operator_lets_in_with_a_written_reason(ctx, booking):
    start = moment_of(booking.start)
    with pytest.raises(NotAllowed):
        no_shows.check_in(ctx, booking.id, start, MEMBER, papers_aside="please")
    with pytest.raises(InvalidRequest):
        no_shows.check_in(ctx, booking.id, start, OPERATOR, papers_aside=" ")
    no_shows.check_in(ctx, booking.id, start, OPERATOR, papers_aside="Seen at the gate.")
    ((_, told),) = actions(ctx, "booking.crew_set_aside")
    assert told["reason"] == "Seen at the gate."
    assert told["rules"] == ["vehicle_not_named", "driver_not_named"]


# -- warnings ----------------------------------------------------------------------------------


def test_a_paper_that_ends_is_told_once_per_threshold_also_after_days_off(ctx, insurance, training):
    def told():
        return [(subject, note["days"]) for subject, note in actions(ctx, "paper.ending")]

    def warn(days_left):
        at_noon = NOW + (LAST - NOW.date()) - timedelta(days=days_left)
        return paper_warnings.warn(ctx, at_noon, (30, 7))

    assert warn(31) == 0
    assert warn(30) == 2
    assert warn(29) == 0
    assert warn(3) == 2  # the job was off for weeks
    assert warn(-2) == 0
    assert sorted({days for _, days in told()}) == [7, 30]
    assert len(told()) == 4


def test_a_paper_that_has_been_renewed_is_not_warned_of(ctx, insurance):
    renewed = replace(insurance, valid_from=LAST, valid_until=date(2027, 12, 31))
    papers.accept(ctx, papers.enter(ctx, renewed, NOW, MANAGER).id, NOW, OPERATOR)
    assert paper_warnings.warn(ctx, NOW + (LAST - NOW.date()), (30, 7)) == 0


def test_papers_of_a_vehicle_that_has_become_another_wait_for_an_operator_again(ctx, vehicle):
    permit = entered(ctx, PaperKind.INSURANCE, vehicle=vehicle.id)
    papers.accept(ctx, permit.id, NOW, OPERATOR)
    vehicles.change(ctx, replace(vehicle, name="Ioniq one"), NOW, MANAGER)
    assert kept_papers.one(ctx, permit.id, OPERATOR).state is PaperState.ACCEPTED
    vehicles.change(ctx, replace(vehicle, plate="99가9999"), NOW, MANAGER)
    waiting = kept_papers.one(ctx, permit.id, OPERATOR)
    assert (waiting.state, waiting.version) == (PaperState.WAITING, 3)
    assert asked(ctx).booking is None


def test_papers_of_a_driver_under_another_name_wait_again(ctx, driver, training):
    drivers.change(ctx, replace(driver, name="Lee Bada"), NOW, MANAGER)
    assert kept_papers.one(ctx, training.id, OPERATOR).state is PaperState.WAITING
