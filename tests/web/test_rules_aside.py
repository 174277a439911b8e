"""An operator sets a rule aside on the page: for a reason that the organisation reads."""

from testbed.domain.rules import OVERRIDES
from tests.web.reading import held, offers, search, take, text_of
from web.labels import RULE_NAMES

EVENING = {"at": "16:30", "flex": "exact"}
REASON = "Press day of the province"


def test_an_operator_sets_a_rule_aside_and_the_organisation_reads_why(nari, operator):
    address = held(nari)
    number = address.rsplit("/", 1)[1]
    refused = search(operator, **EVENING, move=number)
    assert "Set rules aside" in text_of(refused)
    assert 'value="closed_hours"' in refused.text
    eased = search(
        operator, **EVENING, move=number, override="closed_hours", override_reason=REASON
    )
    assert "16:30–19:30" in text_of(eased)
    assert take(operator, eased).status_code == 303
    history = text_of(nari.get(address))
    assert "Rules set aside by an operator" in history
    assert f"opening hours: {REASON}" in history


def test_without_a_reason_nothing_is_moved(nari, operator):
    address = held(nari)
    number = address.rsplit("/", 1)[1]
    eased = search(operator, **EVENING, move=number, override="closed_hours")
    refused = take(operator, eased)
    assert refused.status_code == 403
    assert "Write why rules are set aside" in text_of(refused)


def test_members_are_offered_no_rule_to_set_aside_and_an_address_does_not_do_it_for_them(nari):
    answer = search(nari, **EVENING, override="closed_hours", override_reason=REASON)
    assert "Set rules aside" not in text_of(answer)
    assert "Nothing fits this wish" in text_of(answer)
    assert all(sent["way_start"] for _, sent in offers(answer))


def test_a_rule_that_is_set_aside_can_be_brought_back(nari, operator):
    number = held(nari).rsplit("/", 1)[1]
    eased = search(
        operator, **EVENING, move=number, override="closed_hours", override_reason=REASON
    )
    assert "Search under all rules" in text_of(eased)
    assert offers(eased)[0][1]["override_reason"] == REASON


def test_every_rule_that_may_be_set_aside_has_a_name():
    assert OVERRIDES.keys() <= RULE_NAMES.keys()
