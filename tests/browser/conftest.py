"""A running service and the system's Chromium."""

import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Page, sync_playwright

from tests.serving import Served, serving

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
REQUIRED = "browser" in os.environ.get("REQUIRE", "").split(",")


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """The system's Chromium; a run that requires it fails without one."""
    found = next(filter(None, map(shutil.which, NAMES)), None)
    if found is None:
        said = f"none of {', '.join(NAMES)} is installed"
        pytest.fail(said) if REQUIRED else pytest.skip(said)
    with sync_playwright() as playwright:
        # No sandbox: tests may run as root in a container, and the pages are our own.
        browser = playwright.chromium.launch(executable_path=found, args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with serving(tmp_path_factory.mktemp("served")) as running:
        yield running


@pytest.fixture(scope="module")
def in_use(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """A server with two weeks of example bookings."""
    with serving(tmp_path_factory.mktemp("in_use"), "--examples") as running:
        yield running


@dataclass
class Visitor:
    """A person at a screen; what the console says against the page is kept."""

    page: Page
    served: Served
    complaints: list[str] = field(default_factory=list)

    def hear(self, message: ConsoleMessage) -> None:
        if message.type in {"error", "warning"}:
            self.complaints.append(message.text)

    def go(self, path: str) -> None:
        self.page.goto(self.served.address + path)

    def sign_in(self, role: str) -> None:
        email, password = self.served.accounts[role]
        self.go("/sign-in")
        self.page.locator("#email").fill(email)
        self.page.locator("#password").fill(password)
        self.page.locator("main form button").click()
        self.page.wait_for_selector("nav.main")

    def overflow(self) -> int:
        """Pixels by which the page is wider than the screen."""
        wider = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
        return int(self.page.evaluate(wider))


Visit = Callable[..., Visitor]


@pytest.fixture
def visit(chromium: Browser, request: pytest.FixtureRequest) -> Iterator[Visit]:
    """Open a screen: `visit(width=360, language="ko-KR")`; on `served` unless told otherwise."""
    with ExitStack() as screens:

        def open_screen(
            width: int, language: str, scheme: str = "light", server: Served | None = None
        ) -> Visitor:
            context = screens.enter_context(
                chromium.new_context(
                    viewport={"width": width, "height": 800},
                    locale=language,
                    color_scheme="dark" if scheme == "dark" else "light",
                    timezone_id="America/New_York",
                )
            )
            visitor = Visitor(context.new_page(), server or request.getfixturevalue("served"))
            visitor.page.on("console", visitor.hear)
            visitor.page.on("pageerror", lambda error: visitor.complaints.append(str(error)))
            return visitor

        yield open_screen


@pytest.fixture
def without_scripts(chromium: Browser, served: Served) -> Iterator[Callable[[str], Page]]:
    """A page on which no script runs and that role has signed in: `without_scripts("member")`."""
    with chromium.new_context(java_script_enabled=False, locale="en-GB") as context:

        def come(role: str) -> Page:
            page = context.new_page()
            email, password = served.accounts[role]
            page.goto(f"{served.address}/sign-in")
            page.locator("#email").fill(email)
            page.locator("#password").fill(password)
            page.locator("main form button").first.click()
            return page

        yield come
