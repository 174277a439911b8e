"""The pictures of the README, from a server in use. PICTURES names the folder that keeps them."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.browser.conftest import Visitor
from tests.browser.days import next_working_day

pytestmark = [pytest.mark.browser, pytest.mark.slow]

PNG = b"\x89PNG\r\n\x1a\n"


def search_in_the_rain(visitor: Visitor) -> None:
    day = next_working_day(9)
    visitor.go(
        "/find?kind=adverse_weather&city=ansan&elsewhere=y&hours=3&flex=3&vehicles=1&mode=exclusive"
        f"&day={day}&at=10:00"
    )
    visitor.page.wait_for_selector("article.offer")


def the_schedule(visitor: Visitor) -> None:
    visitor.go(f"/schedule?day={next_working_day(2)}")
    visitor.page.wait_for_selector(".scheduler_default_event, [class*=_event]")


def the_catalogue(visitor: Visitor) -> None:
    visitor.go("/catalogue")
    visitor.page.wait_for_selector(".leaflet-container path")


PICTURES: dict[str, tuple[str, int, str, str, Callable[[Visitor], None]]] = {
    "find-phone-ko": ("member", 390, "ko-KR", "light", search_in_the_rain),
    "find-en": ("member", 1280, "en-GB", "light", search_in_the_rain),
    "schedule-en": ("operator", 1440, "en-GB", "light", the_schedule),
    "catalogue-ko": ("member", 1280, "ko-KR", "light", the_catalogue),
}


@pytest.mark.parametrize("name", PICTURES)
def test_a_picture_of(name, visit, in_use, tmp_path):
    role, width, language, scheme, show = PICTURES[name]
    visitor = visit(width=width, language=language, scheme=scheme, server=in_use)
    visitor.sign_in(role)
    show(visitor)
    visitor.page.wait_for_load_state("networkidle")
    taken = Path(os.environ.get("PICTURES", tmp_path)) / f"{name}.png"
    visitor.page.screenshot(path=taken)
    assert taken.read_bytes().startswith(PNG)
    assert visitor.overflow() == 0
    assert visitor.complaints == []
