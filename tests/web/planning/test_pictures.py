"""Pictures, their sentences and their tables, from a result."""

import csv
from io import StringIO

import pytest

from tests.web.planning.documents import STUDY, figure, result
from web.planning.answer import answer, bottleneck, question
from web.planning.cells import Amount, Share, Table, as_csv, percent, said
from web.planning.pictures import Names, figure_table, pictures, refusal_table
from web.planning.ranking import ranked
from web.planning.result import Figure, Known, Result


@pytest.fixture
def names(app, context):
    content = context.content()
    kinds = {each.id: each for each in content.test_kinds}
    with app.test_request_context(headers={"Accept-Language": "en"}):
        yield Names(content.catalogue, kinds)


def drawn(known, names):
    return {each.id: each for each in pictures(known, names)}


def test_the_answer_is_a_sentence_with_its_interval(names):
    assert answer(Result.model_validate(result())) == (
        "79.3 ± 0.8 % of the wished sessions find a place (95 % interval, 5 replications)."
    )


def test_one_replication_claims_no_interval(names):
    known = Known(kpis={"acceptance": Figure(mean=0.8, half_width=None, n=1)})
    assert "no interval yet" in answer(known)
    assert answer(Known()) == "Nothing is known yet."


def test_the_question_names_demand_and_changes(names):
    change = {"facility": "fc-kcity-weather", "units_add": 1}
    asked = question({"base": {"level": 2}, "change": [change]}, names)
    assert "2 times today's demand" in asked
    assert "1 unit more" in asked


def test_the_bottleneck_is_the_fullest_place_of_the_tests_refused_most(names):
    binding, care, kind, place = bottleneck(Result.model_validate(result()), names)
    assert "opening hours" in binding
    assert "12.0 ± 1.0 %" in binding
    assert "care" in care
    assert "50.0 ± 1.0 %" in kind
    assert "81.0 ± 1.0 %" in place  # the tunnel: the bus line is fuller and serves other tests


def test_nothing_refused_means_no_bottleneck(names):
    assert bottleneck(Known(), names) == []


def test_every_picture_has_a_table_with_the_same_numbers(names):
    found = drawn(Result.model_validate(result(study=STUDY)), names)
    assert list(found) == ["curve", "ranking", "week", "places", "kinds"]
    curve = found["curve"]
    assert [each["level"] for each in curve.data["points"]] == [1.0, 2.0]
    assert curve.data["points"][1]["sessions"]["low"] == pytest.approx(79)
    assert [said(row[1]) for row in curve.table.rows] == ["90.0 ± 1.0 %", "80.0 ± 1.0 %"]
    assert found["week"].data["cells"] == [[9, 0, 25.0], [10, 1, 50.0]]
    assert found["places"].data["columns"] == ["1 ×", "2 ×"]


def test_hours_that_no_week_has_are_left_out(names):
    odd = {each: {"utilisation": figure(0.9)} for each in ("x", "mon 25", "mon 09 10")}
    assert "week" not in drawn(Result.model_validate(result(by_hour=odd)), names)


def test_without_levels_and_options_there_is_neither_curve_nor_ranking(names):
    found = drawn(Result.model_validate(result()), names)
    assert list(found) == ["week", "places", "kinds"]
    assert found["places"].data["draw"] == "shares"
    assert found["places"].data["bars"][0]["name"] == "Panta-G bus line"


def test_options_that_cannot_be_told_apart_from_the_best_are_tied(names):
    order = ranked(Result.model_validate(result(study=STUDY)))
    assert [(each.id, each.tied, each.sure) for each in order] == [
        ("op-weather-2", True, True),
        ("op-drivers", True, True),
        ("op-ajou", False, True),
        ("op-hwado", False, False),
    ]
    lead = drawn(Result.model_validate(result(study=STUDY)), names)["ranking"].lead
    assert "Second rain-and-fog tunnel at K-City adds most: +300 ± 40" in lead
    assert "cannot be told apart from: Four more safety drivers." in lead


def test_what_is_known_so_far_draws_without_widths(names):
    curve = [{"level": at, "kpis": {"acceptance": figure(0.9, None, 1)}} for at in (1, 2)]
    known = Known.model_validate({"study": {"version": 1, "levels": curve, "comparison": None}})
    found = drawn(known, names)["curve"].data["points"][0]["sessions"]
    assert found == {"mean": 90.0, "low": None, "high": None}


def test_refusals_come_with_the_most_frequent_first(names):
    table = refusal_table(Result.model_validate(result()), names)
    assert [row[0] for row in table.rows] == [
        "opening hours",
        "full: Rain and fog simulation tunnel",
        "the weekly hours of an organisation",
    ]


def test_key_figures_are_shown_in_their_unit(names):
    rows = figure_table(Result.model_validate(result())).rows
    assert [said(row[1]) for row in rows] == ["79.3 ± 0.8 %", "4,000 ± 40"]


def test_a_spreadsheet_gets_numbers_and_no_formulas(names):
    rows = [("=HYPERLINK(1)", Share(Figure(mean=0.5, half_width=0.1, n=3))), ("-x", Share(None))]
    text = as_csv(Table("t", "T", ("place", "share"), rows))
    read = list(csv.reader(StringIO(text.removeprefix("\ufeff"))))
    assert read == [
        ["place", "share", "share: half-width at 95 %"],
        ["'=HYPERLINK(1)", "0.5", "0.1"],
        ["'-x", "", ""],
    ]


def test_a_spreadsheet_gets_one_decimal_more_than_the_page(names):
    figure = Figure(mean=303.98765432, half_width=48.123456, n=3)
    rows = [
        ("a", Amount(figure, 0, signed=True), Amount(figure, 2), Share(Figure(mean=2 / 3, n=1)))
    ]
    text = as_csv(Table("t", "T", ("option", "hours", "per won", "share"), rows))
    last = text.splitlines()[-1]
    assert last == "a,304.0,48.1,303.988,48.123,0.6667,"


def test_an_unknown_figure_is_a_dash():
    assert percent(None) == "–"
