"""Fair share on the page: own figures, and of others nothing but how many."""

import re
from datetime import timedelta

from tests.web.reading import held, press, text_of

PAGE = "/organisation/fair-share"


def test_a_member_sees_own_figures_and_no_other_organisation(nari, gaon):
    press(nari, held(nari), "confirm")
    said = text_of(nari.get(PAGE))
    place, of = re.search(r"Place (\d+) of (\d+)", said).groups()
    assert place == of
    assert "Why them, not me?" in said
    assert "All organisations" not in said
    theirs = text_of(gaon.get(PAGE))
    assert "Place 1 of" in theirs
    assert "Narae" not in theirs


def test_an_operator_sees_all_by_name_and_who_booked_again(nari, operator, clock):
    address = held(nari)
    press(nari, address, "confirm")
    press(nari, address, "cancel")
    clock.moment += timedelta(minutes=5)
    again = held(nari)
    assert again.rsplit("/", 1)[1] in nari.get(PAGE).text
    said = text_of(operator.get(PAGE))
    assert "All organisations" in said
    assert said.count("1 time") == 1
    assert "Nothing was cancelled and booked again" not in said
