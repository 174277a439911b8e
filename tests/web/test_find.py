"""The page of the search: what it asks, what it answers, and what it leaves out."""

import re
from datetime import date
from html import unescape
from urllib.parse import parse_qs, urlsplit

import pytest
from limits import parse

from testbed.persistence.tables import booking, line
from tests.web.reading import WISH, Forms, held, offers, press, search, take, text_of
from web import limits
from web.day_strip import days_of_strip
from web.offer_cards import _between

LIVE = {"HX-Request": "true"}
TUNNEL = "Rain and fog simulation tunnel"


def find(browser, **given):
    return browser.get("/find", query_string=given)


def live(browser, **given):
    return browser.get("/find", query_string=given, headers=LIVE)


def names(answer):
    """The places of the offers, best first."""
    found = re.findall(r'<h3><a href="/catalogue/([^"]+)"', answer.text)
    return list(dict.fromkeys(found))


def ticked(answer):
    found = re.findall(r'name="extra" value="([^"]+)"[^>]*checked', answer.text)
    return [unescape(each) for each in found]


def lines(context):
    with context.database.reading() as connection:
        return connection.execute(line.select().order_by(line.c.position)).all()


# -- short links and whole forms -------------------------------------------------------------


def test_an_untouched_form_asks_for_nothing_yet(nari):
    answer = find(nari)
    assert "Say what the test needs, not which site" in text_of(answer)
    assert not offers(answer)


def test_a_short_link_is_filled_up_and_answered(nari):
    answer = find(nari, kind="v2x", city="ansan")
    assert offers(answer)
    assert ticked(answer) == ["v2x_kit", "control_desk"]
    assert 'name="units.v2x_kit" id="extra-1-units" value="2"' in answer.text


def test_a_link_to_one_place_offers_that_place_alone(nari):
    answer = find(nari, resource="fc-kcity-weather")
    assert names(answer) == ["fc-kcity-weather"]
    assert f"Only at: {TUNNEL}" in text_of(answer)


def test_a_place_that_is_gone_is_said(nari):
    answer = find(nari, resource="fc-nowhere")
    assert "That place is no longer in the catalogue." in text_of(answer)
    assert not offers(answer)


def test_a_link_to_a_kind_of_facility_finds_all_of_it(nari, context):
    known = context.catalogue().facilities
    found = names(find(nari, of="workshop"))
    assert len(found) > 1
    assert {known[each].kind for each in found} == {"workshop"}


# -- ODD -------------------------------------------------------------------------------------


def test_a_preset_says_what_it_asks_for(nari):
    said = text_of(find(nari, kind="highway"))
    assert "asks for closed test track" in said
    assert "Greatest legal or permitted speed: at least 80 km/h" in said


def test_demands_of_ones_own_narrow_a_preset(nari, context):
    routes = context.catalogue().routes
    wide = names(find(nari, kind="track_functional"))
    narrow = names(find(nari, kind="track_functional", **{"odd.structures": "tunnel"}))
    assert set(narrow) < set(wide) | set(routes)
    assert narrow
    assert all("tunnel" in routes[each].odd["structures"] for each in narrow)


def test_all_that_is_ticked_must_be_there_unless_one_is_enough(nari, context):
    routes = context.catalogue().routes
    both = {"kind": "route", "odd.junctions": ["roundabout", "toll_gate"]}
    assert names(find(nari, **both)) == []
    one = names(find(nari, **both, **{"odd.junctions.any": "y"}))
    assert one
    assert all({"roundabout", "toll_gate"} & set(routes[each].odd["junctions"]) for each in one)


def test_figures_are_bounds(nari, context):
    routes = context.catalogue().routes
    wish = {"kind": "route", "odd.speed_limit_kmh.min": "60", "odd.lanes.max": "3"}
    found = names(find(nari, **wish))
    assert found
    assert all(routes[each].odd["speed_limit_kmh"] >= 60 for each in found)
    assert all(routes[each].odd["lanes"] <= 3 for each in found)


@pytest.mark.parametrize("figure", ["many", "-1", "1e9", "1.2.3", "٣", "."])
def test_a_figure_that_is_none_is_said_beside_its_field(nari, figure):
    answer = find(nari, kind="route", **{"odd.lanes.min": figure})
    assert 'id="odd.lanes-error"' in answer.text
    assert not offers(answer)
    assert f'value="{figure}"' in answer.text


def test_facilities_are_chosen_by_what_they_provide(nari, context):
    known = context.catalogue().facilities
    found = names(find(nari, kind="facility", **{"odd.provides": ["rain", "fog"]}))
    assert found
    assert all(known[each].provides >= {"rain", "fog"} for each in found)


def test_only_what_was_chosen_stands_in_the_address(nari):
    answer = live(nari, **WISH, **{"odd.lanes.min": "", "odd.lanes.max": "4"}, shown="")
    query = parse_qs(urlsplit(answer.headers["HX-Push-Url"]).query)
    assert "odd.lanes.min" not in query
    assert "shown" not in query
    assert query["day"] == [WISH["day"]]


# -- extras ----------------------------------------------------------------------------------


def test_an_extra_before_the_test_ends_when_it_starts(nari, context):
    earlier = {"extra": "workshop", "when.workshop": "before", "gap.workshop": "45"}
    held(nari, **earlier)
    main, extra = lines(context)
    assert (extra.start_grain, extra.end_grain) == (main.start_grain - 3, main.start_grain)


def test_an_hour_before_the_test_ends_when_it_starts(nari, context):
    held(nari, **{"extra": "workshop", "when.workshop": "before", "hours.workshop": "1"})
    main, extra = lines(context)
    assert (extra.start_grain, extra.end_grain) == (main.start_grain - 4, main.start_grain)


def test_an_extra_after_the_test_begins_when_the_booked_time_ends(nari, context):
    later = {"extra": "workshop", "when.workshop": "after", "hours.workshop": "1.5"}
    held(nari, kind="highway", hours="2", **later)  # a closed track books four hours at least
    main, extra = lines(context)
    assert main.end_grain - main.start_grain == 16
    assert (extra.start_grain, extra.end_grain) == (main.end_grain, main.end_grain + 6)


def test_the_same_facility_may_be_asked_for_before_and_after(nari, context):
    wish = {"extra": ["workshop", "workshop~2"], "when.workshop": "before"}
    held(nari, **wish, **{"when.workshop~2": "after", "hours.workshop~2": "1"})
    main, before, after = lines(context)
    assert before.end_grain == main.start_grain
    assert after.start_grain == main.end_grain


def test_a_facility_is_added_without_scripts(nari):
    answer = search(nari, extra="workshop", more="workshop")
    assert ticked(answer) == ["workshop", "workshop~2"]
    assert ticked(search(nari, more="charging")) == ["charging"]


def test_another_kind_of_test_brings_its_own_extras_and_keeps_the_added_ones(nari):
    shown = {"shown": "v2x -", "kind": "vru_safety", "extra": ["v2x_kit", "workshop"]}
    answer = search(nari, **shown)
    assert ticked(answer) == ["vru_targets", "workshop"]


@pytest.mark.parametrize(
    ("field", "typed"),
    [
        ("units", "0"),
        ("units", "x"),
        ("when", "never"),
        ("gap", "20"),
        ("gap", "99999"),
        ("hours", "0.1"),
        ("hours", "NaN"),
    ],
)
def test_an_extra_that_cannot_be_read_is_said_and_kept(nari, field, typed):
    wish = {"extra": "workshop", "when.workshop": "before", f"{field}.workshop": typed}
    answer = search(nari, **wish)
    assert 'id="extra-1-error"' in answer.text
    assert not offers(answer)
    assert field == "when" or f'value="{typed}"' in answer.text


def test_too_many_extras_are_said(nari):
    kinds = ["workshop", "charging", "depot", "control_desk", "office", "data_room"]
    assert "At most 5 extras at once." in text_of(search(nari, extra=kinds))


def test_what_no_place_can_give_at_once_is_said_and_not_searched(nari):
    wish = {"kind": "route", "extra": "emc_lab", "units.emc_lab": "2"}
    alone = search(nari, **wish)
    assert "Nothing fits this wish" in text_of(alone)
    twice = search(nari, kind="route", extra=["emc_lab", "emc_lab~2"])
    assert "No place can give all of this at the same time." in text_of(twice)


# -- the days --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("day", "first"),
    [
        (date(2026, 12, 8), date(2026, 11, 30)),  # a Tuesday: the week before it too
        (date(2026, 12, 10), date(2026, 12, 7)),  # a Thursday: the week after it too
        (date(2026, 11, 24), date(2026, 11, 23)),  # nothing before this week
    ],
)
def test_the_strip_shows_two_whole_weeks(day, first):
    shown, last = days_of_strip(day, date(2026, 11, 23))
    assert (shown, (last - shown).days) == (first, 13)


def test_the_strip_counts_the_start_hours_of_each_day(nari):
    said = text_of(search(nari))
    assert "2026-12-08 (Tue): 7 start hours free" in said  # 9 to 18 for 3 hours
    assert "2026-12-06 (Sun): no start left" in said


def test_a_taken_day_has_fewer_start_hours_for_others(nari, gaon):
    held(nari, flex="exact", at="09:00")
    left = re.search(r"2026-12-08 \(Tue\): (\d) start hours? free", text_of(search(gaon)))
    assert left
    assert 0 < int(left[1]) < 7


def test_a_day_of_the_strip_is_a_link_that_keeps_the_wish(nari):
    page = unescape(search(nari, extra="workshop").text)
    link = re.search(r'id="day-2026-12-09"', page)
    assert link
    href = re.findall(r'href="(/find\?[^"]*day=2026-12-09[^"]*)#answer"', page)[0]
    query = parse_qs(urlsplit(href).query)
    assert (query["extra"], query["hours"], query["city"]) == (["workshop"], ["3"], ["hwaseong"])
    assert offers(nari.get(href))


def test_a_moving_booking_leaves_its_own_hours_free_in_the_strip(nari):
    address = held(nari, flex="exact", at="12:00")
    press(nari, address, "confirm")
    number = address.rsplit("/", 1)[-1]
    assert "2026-12-08 (Tue): 7 start hours free" in text_of(search(nari, move=number))


# -- offers ----------------------------------------------------------------------------------


def test_a_card_says_the_rule_and_how_the_day_looks(nari, gaon):
    held(gaon, flex="exact", at="15:00")
    answer = search(nari, flex="0", at="09:00")
    said = text_of(answer)
    assert "Rule: Special facility on a closed track. Cancel free until 48 h before." in said
    assert "Open 09:00–18:00; no room 14:15–18:00." in unescape(answer.text)


def test_nothing_of_another_organisation_shows_but_that_there_is_no_room(nari, gaon):
    address = held(gaon, flex="exact", at="15:00")
    answer = search(nari, flex="0", at="09:00")
    assert address.rsplit("/", 1)[-1] not in answer.text
    assert "gaon" not in answer.text.lower()


def test_what_lies_between_spans_is_closed():
    assert _between(((2, 4), (4, 6)), 0, 8) == ((0, 2), (6, 8))
    assert _between((), 0, 8) == ((0, 8),)


def test_it_says_why_nothing_starts_as_asked(nari):
    said = text_of(search(nari, day="2026-12-06"))  # a Sunday
    assert "Why not 2026-12-06 (Sun) 10:00–13:00 KST?" in said
    assert re.search(rf"Not open then ?: {TUNNEL}", said)
    assert "Why not" not in text_of(search(nari))


def test_reasons_stand_in_groups_with_every_sentence_behind_them(nari):
    said = text_of(search(nari, kind="urban_public", flex="exact", at="03:00", elsewhere=""))
    assert "Not open then" in said
    assert "Show all reasons" in said
    assert said.count("is not open long enough at that time.") >= 1


# -- repairs ---------------------------------------------------------------------------------


def repairs(answer):
    """What each repair changes, and where it leads."""
    listed = answer.text.partition('<ul class="repairs">')[2].partition("</ul>")[0]
    found = re.findall(r'<a href="([^"#]+)#answer"[^>]*>([^<]+)</a>', listed)
    return {unescape(said): unescape(href) for href, said in found}


@pytest.mark.parametrize(
    ("wish", "said"),
    [
        ({"city": "gwacheon", "elsewhere": ""}, "other cities too"),
        ({"flex": "exact", "at": "16:30"}, "1 h 30 min earlier"),
        ({"kind": "urban_public", "mode": "exclusive", "city": ""}, "shared instead of exclusive"),
        ({"hours": "6", "flex": "14"}, "4 h instead of 6 h"),
        ({"kind": "route", "city": "", "vehicles": "20"}, "6 vehicles"),
        ({"kind": "route", "odd.junctions": ["roundabout", "toll_gate"]},
         "without “Junction kinds present”"),
        ({"extra": "workshop", "units.workshop": "9"}, "without “workshop bay”"),
    ],
)  # fmt: skip
def test_each_repair_is_one_click_away_and_finds_something(nari, wish, said):
    answer = search(nari, **wish)
    assert not answer.text.count("exactly as asked")
    found = repairs(answer)
    assert said in found, text_of(answer)
    for href in found.values():
        assert "Nothing fits this wish" not in text_of(nari.get(href))


def test_where_no_change_helps_alone_two_are_tried(nari):
    wish = {"city": "gwacheon", "elsewhere": "", "hours": "6", "flex": "exact", "day": "2026-12-06"}
    found = repairs(search(nari, **wish))
    assert list(found) == ["4 h instead of 6 h, other cities too, 23 h later"]


# -- the live answer -------------------------------------------------------------------------


def test_a_live_answer_is_the_answer_alone(nari):
    form = re.search(r'name="shown" value="([^"]*)"', search(nari).text)
    answer = live(nari, **WISH, shown=unescape(form[1]))
    assert offers(answer)
    assert "<html" not in answer.text
    assert "<select" not in answer.text


def test_a_live_answer_brings_the_parts_of_the_form_that_changed(nari):
    answer = live(nari, **{**WISH, "kind": "v2x"}, shown="adverse_weather -")
    assert answer.text.count("hx-swap-oob=") == 4
    assert ticked(answer) == ["v2x_kit", "control_desk"]


def test_going_back_brings_the_whole_page(nari):
    headers = {**LIVE, "HX-History-Restore-Request": "true"}
    assert "<html" in nari.get("/find", query_string=WISH, headers=headers).text


def test_the_map_gets_the_numbers_of_the_offers(nari):
    marks = unescape(search(nari).text.partition('data-mark="')[2].partition('"')[0])
    assert marks.startswith('[{"id": "fc-kcity-weather", "label": "1"}')


# -- limits and roles ------------------------------------------------------------------------


def test_too_many_searches_are_told_when_to_come_back_and_lose_nothing(app, nari):
    app.extensions[limits.EXTENSION].rates["search"] = parse("2 per minute")
    for _ in range(5):
        search(nari, hours="NaN")  # what cannot be read is not searched
    assert offers(search(nari))
    assert live(nari, **WISH).status_code == 200
    assert live(nari, **WISH).status_code == 429
    refused = search(nari, hours="2.5")
    assert refused.status_code == 429
    assert 0 < int(refused.headers["Retry-After"]) <= 60
    assert "That was a lot of searches in a short time" in text_of(refused)
    assert 'value="2.5"' in refused.text


def test_the_hold_repeats_the_whole_wish(nari, context):
    wish = {**WISH, "extra": "workshop", "when.workshop": "before", "odd.provides": "fog"}
    answer = find(nari, **wish)
    sent = offers(answer)[0][1]
    assert sent["odd.provides"] == "fog"
    assert sent["when.workshop"] == "before"
    assert take(nari, answer).status_code == 303
    with context.database.reading() as connection:
        assert len(connection.execute(booking.select()).all()) == 1


def test_every_form_of_the_page_can_be_read_by_a_screen_reader(nari):
    page = search(nari, kind="route").text
    assert Forms(page).found
    labels = set(re.findall(r'<label for="([^"]+)"', page))
    assert {"kind", "day", "at", "hours", "flex", "vehicles", "city"} <= labels
