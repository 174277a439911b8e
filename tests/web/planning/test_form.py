"""The form of a run, as the scenario's text that it writes."""

import pytest
from werkzeug.datastructures import MultiDict

from sim.jobs import read_text
from web.planning.form import RunForm, listed_levels
from web.planning.packaged import packaged

PLAIN = {
    "scenario": "base",
    "level": "2",
    "levels": "",
    "until": "fixed",
    "replications": "3",
    "days": "30",
    "seed": "7",
}


@pytest.fixture
def form(app):
    with app.test_request_context(headers={"Accept-Language": "en"}):

        def filled(**changed):
            return RunForm(MultiDict({**PLAIN, **changed}), meta={"csrf": False})

        yield filled


def test_the_text_is_the_study_that_was_chosen(form):
    filled = form(levels="1, 2 ,1.45", options=["op-drivers"], name='A "quoted" name')
    assert filled.validate(), filled.errors
    study = read_text(filled.toml())
    main = study.main
    assert (main.name, main.level, main.seed, main.replications, main.days) == (
        'A "quoted" name',
        2.0,
        7,
        3,
        30,
    )
    assert [each.level for each in study.levels] == [1.0, 1.45, 2.0]
    assert [each.name for each in study.options] == ["op-drivers"]


@pytest.mark.parametrize("name", list(packaged()))
def test_every_packaged_scenario_can_be_chosen(form, name):
    filled = form(scenario=name)
    assert filled.validate(), filled.errors
    chosen = read_text(filled.toml()).main
    assert chosen.document["change"] == packaged()[name].scenario.document["change"]


def test_a_precision_takes_the_place_of_a_number(form):
    filled = form(until="0.01")
    assert filled.validate()
    precision = read_text(filled.toml()).main.precision
    assert precision.half_widths == {"acceptance": 0.01}


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("level", "0"),
        ("level", "nan"),
        ("level", "x"),
        ("levels", "1; two"),
        ("levels", "nan"),
        ("levels", "0, 1"),
        ("levels", "1,2,3,4,5,6,7,8,9"),
        ("replications", "0"),
        ("replications", "100000"),
        ("days", "1"),
        ("scenario", "op-nothing"),
        ("until", "0.1"),
    ],
)
def test_what_cannot_be_run_is_said_at_its_field(form, field, value):
    filled = form(**{field: value})
    assert not filled.validate()
    assert list(filled.errors) == [field]


def test_an_option_is_not_compared_with_itself(form):
    assert not form(scenario="op-ajou", options=["op-ajou"]).validate()


def test_levels_are_read_in_order_and_once():
    assert listed_levels(" 4, 1;2 、2,") == [1.0, 2.0, 4.0]
