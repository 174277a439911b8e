"""A booking's wish comes back as it was typed, to be moved or booked again."""

import re
from html import unescape
from urllib.parse import parse_qs, urlsplit

import pytest

from tests.web.reading import held, press, search, text_of

WISHES = [
    {"extra": "workshop", "when.workshop": "before", "gap.workshop": "45"},
    {"extra": "workshop", "when.workshop": "before", "gap.workshop": "60", "hours.workshop": "0.5"},
    {"extra": "workshop", "when.workshop": "after", "gap.workshop": "30", "hours.workshop": "1"},
    {"extra": ["workshop", "workshop~2"], "when.workshop": "before", "when.workshop~2": "after"},
    {"odd.provides": ["fog", "rain"]},
    {"kind": "route", "odd.lanes.min": "2", "odd.hd_map": "y", "odd.gnss": ["open"]},
    {"kind": "route", "odd.junctions": ["merge", "roundabout"], "odd.junctions.any": "y"},
    {"kind": "facility", "of": "workshop", "units": "2"},
    {"kind": "facility", "resource": "fc-kcity-weather"},
]


def again(browser, address):
    """The address behind "Book again" or "Move", as its fields."""
    page = unescape(browser.get(address).text)
    link = re.search(r'href="(/find\?[^"]*)"', page)
    assert link, page
    return parse_qs(urlsplit(link[1]).query)


@pytest.mark.parametrize("wish", WISHES, ids=" ".join)
def test_the_link_of_a_booking_carries_the_whole_wish(nari, wish):
    address = held(nari, **wish)
    press(nari, address, "confirm")
    fields = again(nari, address)
    for name, value in wish.items():
        assert fields[name] == (value if isinstance(value, list) else [value]), name
    assert "Show the offers" in text_of(search(nari, **fields))
