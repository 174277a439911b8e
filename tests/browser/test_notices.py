"""Notices and webhooks in a real browser: a digest chosen in Korean, events that arrive.

No worker runs here, so that the test itself carries the events to a receiver of its own.
"""

import threading
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from waitress import create_server

from testbed import clock
from testbed.config import Database, Security, Settings
from testbed.domain.parties import Member, Role
from testbed.jobs.hooks import deliver
from testbed.jobs.job import Surroundings
from testbed.service import members, webhooks
from testbed.service.actors import SYSTEM
from testbed.service.context import Context, open_context
from tests.browser.examination import Report
from tests.jobs.receivers import HOST, receiving
from tests.serving import Served
from web.app import create_app
from web.cli import prepare

pytestmark = [pytest.mark.browser, pytest.mark.slow]

PASSWORD = "correct horse battery"
ROLES = (Role.MEMBER, Role.MANAGER)


@pytest.fixture
def around(tmp_path: Path) -> Iterator[Surroundings]:
    folder = tmp_path
    settings = Settings(
        database=Database(url=f"sqlite:///{folder / 'testbed.db'}", synchronous="NORMAL"),
        security=Security(secret_file=folder / "secret.key"),
    )
    context = open_context(settings, migrate=True)
    prepare(context, settings, clock.now())
    for role in ROLES:
        person = Member(0, "demo-narae", f"{role}@example.org", role.value.title(), role)
        members.add(context, person, PASSWORD, clock.now(), SYSTEM)
    yield Surroundings(context, settings)
    context.close()


@pytest.fixture
def server(around: Surroundings, tmp_path: Path) -> Iterator[Served]:
    """The pages without the jobs."""
    listening = create_server(create_app(around.settings, around.ctx), host="127.0.0.1", port=0)

    def run() -> None:
        with suppress(OSError):  # the socket is closed under its feet at the end
            listening.run()

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    accounts = {role.value: (f"{role}@example.org", PASSWORD) for role in ROLES}
    address = f"http://127.0.0.1:{listening.effective_port}"
    nothing: Any = None
    yield Served(address, accounts, tmp_path, nothing)
    listening.close()
    thread.join(10)


def examined(visitor, name: str) -> list[str]:
    report = Report()
    report.examine(visitor, name)
    return report.found


def test_a_member_chooses_a_daily_digest_on_a_phone_in_korean(visit, server):
    phone = visit(width=360, language="ko-KR", scheme="dark", server=server)
    phone.sign_in("member")
    phone.go("/account")
    phone.page.locator("nav.tabs").get_by_role("link", name="알림").click()
    bookings = phone.page.get_by_role("group", name="예약", exact=True)
    bookings.get_by_label("하루 한 번").check()
    safety = phone.page.get_by_role("group", name="안전")
    assert safety.get_by_role("radio").count() == 1
    assert examined(phone, "notices.index") == []
    phone.page.get_by_role("button", name="저장").click()
    phone.page.wait_for_selector(".note.good")
    assert bookings.get_by_label("하루 한 번").is_checked()
    assert phone.overflow() == 0
    assert phone.complaints == []


def test_a_manager_adds_a_webhook_and_sees_its_event_arrive(
    visit, server, around: Surroundings, monkeypatch: pytest.MonkeyPatch
):
    ctx: Context = around.ctx
    # The name of the receiver is nobody's: saved as if it lay somewhere public.
    add = webhooks.add
    monkeypatch.setattr(
        webhooks, "add", lambda *given: add(*given, resolve=lambda *_: ("93.184.215.14",))
    )
    manager = visit(width=1280, language="en-GB", server=server)
    with receiving() as receiver:
        manager.sign_in("manager")
        manager.go("/organisation")
        manager.page.locator("nav.tabs").get_by_role("link", name="Webhooks").click()
        manager.page.get_by_label("Address").fill(receiver.url)
        manager.page.get_by_label("booking.confirmed", exact=True).check()
        manager.page.get_by_role("button", name="Add it").click()
        assert manager.page.locator("#token").inner_text().startswith("whsec_")
        assert HOST in manager.page.locator(".address").inner_text()
        manager.page.get_by_role("button", name="Send a test event").click()
        manager.page.wait_for_selector(".note.good")
        assert manager.page.locator("#token").count() == 0
        assert deliver(around, clock.now(), receiver.door()) == "sent 1, failed 0"
        manager.page.reload()
        sent = manager.page.locator("article.entry")
        assert "delivered" in sent.inner_text()
        assert "webhook.test" in sent.inner_text()
        assert examined(manager, "webhooks.one") == []
    owner = members.by_email(ctx, "manager@example.org")
    [hook] = webhooks.listing(ctx, owner)
    assert hook.events == ("booking.confirmed",)
    assert manager.complaints == []
