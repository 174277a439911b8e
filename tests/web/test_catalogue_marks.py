"""The tables of the catalogue mark each row's figures that are not on record."""

import re
from dataclasses import replace

import pytest

from testbed.domain.catalogue import Provenance
from web.entries.listing import row_of


def mark_of(browser, page, entry):
    """The mark in the row of the entry, without the words around it."""
    row = re.search(rf"<tr>(?:(?!</tr>).)*/{entry}\".*?</tr>", browser.get(page).text, re.S)
    assert row is not None
    return re.findall(r'class="(?:mark|recorded)"[^>]*>([^<]+)<', row[0])


@pytest.fixture
def visitor(app):
    browser = app.test_client()
    browser.environ_base["HTTP_ACCEPT_LANGUAGE"] = "en"
    return browser


def test_a_site_shows_one_mark_beside_the_figures_of_each_row(visitor):
    assert mark_of(visitor, "/catalogue/site-kcity", "fc-kcity-weather") == ["illustrative"]


def test_an_entry_of_which_nothing_is_on_record_says_so_of_all_of_it(visitor):
    assert mark_of(visitor, "/catalogue/site-kcity", "fc-kcity-ev") == ["all illustrative"]


def test_a_site_shows_the_heads_of_its_columns(visitor):
    page = visitor.get("/catalogue/site-kcity").text
    assert "<thead><tr>" in page
    assert 'scope="col">Figures<' in page


def test_the_list_shows_the_heads_once_for_each_city(visitor):
    page = visitor.get("/catalogue").text
    assert page.count("<thead><tr>") == page.count('<section aria-labelledby="in-')


@pytest.mark.parametrize(
    ("recorded", "expected"),
    [
        ((), False),
        (("capacity.max_vehicles_shared",), False),
        (("capacity.max_vehicles_shared", "capacity.max_vehicles_exclusive"), True),
    ],
)
def test_the_room_of_a_route_is_on_record_where_it_is_for_every_way_of_use(
    app, context, recorded, expected
):
    route = context.catalogue().routes["rt-kcity-urban"]
    known = replace(route, provenance=Provenance("public-record", recorded))
    with app.test_request_context():
        assert row_of(known).room_recorded is expected
