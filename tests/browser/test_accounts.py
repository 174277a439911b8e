"""From a mail to a member, in a real browser: invitation, registration, forgotten password."""

import sqlite3

import pytest

from tests.browser.examination import Report
from tests.browser.letters import letter, link

pytestmark = [pytest.mark.browser, pytest.mark.slow]

PASSWORD = "correct horse battery"


def rows(served, query):
    with sqlite3.connect(served.database) as connection:
        return connection.execute(query).fetchall()


def examined(visitor, name):
    report = Report()
    report.examine(visitor, name)
    return report.found


def test_a_manager_invites_and_the_invited_joins_on_a_phone_in_korean(visit, served):
    manager = visit(width=1280, language="en-GB")
    manager.sign_in("manager")
    manager.go("/organisation")
    manager.page.locator("#email").fill("new@example.org")
    manager.page.locator("#language").select_option("ko")
    manager.page.get_by_role("button", name="Send the invitation").click()
    assert "new@example.org" in manager.page.locator("article.entry").inner_text()

    message = letter(served, "new@example.org")
    assert "초대" in message["Subject"]
    phone = visit(width=360, language="ko-KR")
    page = phone.page
    phone.go(link(served, message))
    assert page.locator("h1").inner_text() == "나래모빌리티(가상) 가입"
    assert examined(phone, "entry.invitation") == []
    page.locator("#name").fill("김나리")
    page.locator("#password").fill(PASSWORD)
    page.get_by_role("button", name="보기").click()
    assert page.locator("#password").get_attribute("type") == "text"
    page.get_by_role("button", name="가입하고 로그인").click()
    page.wait_for_selector("nav.main")
    assert "김나리 님, 환영합니다" in page.locator(".note.good").inner_text()
    assert phone.overflow() == 0
    joined = "SELECT organisation, role, language FROM member WHERE email = 'new@example.org'"
    assert rows(served, joined) == [("demo-narae", "member", "ko")]

    manager.go("/organisation")
    assert manager.page.locator("article.entry").count() == 0
    assert "김나리" in manager.page.locator("table").first.inner_text()
    assert manager.complaints + phone.complaints == []


def test_an_organisation_registers_is_approved_and_its_manager_joins(visit, served):
    guest = visit(width=360, language="ko-KR")
    page = guest.page
    guest.go("/sign-in")
    page.get_by_role("link", name="기관 등록 신청").click()
    page.locator("#name_ko").fill("새싹모터스")
    page.locator("#name_en").fill("Saessak Motors")
    page.locator("#type").select_option("startup_sme")
    page.locator("#city").select_option("ansan")
    page.locator("#contact").fill("김새싹")
    page.locator("#email").fill("sae@example.org")
    page.get_by_role("button", name="신청 보내기").click()
    page.wait_for_url("**/register/received")
    assert guest.overflow() == 0

    office = visit(width=1280, language="en-GB", scheme="dark")
    office.sign_in("administrator")
    office.go("/admin")
    office.page.get_by_role("link", name="Answer").click()
    office.page.get_by_role("link", name="새싹모터스").click()
    assert examined(office, "admin.registration") == []
    office.page.locator("#organisation").fill("saessak")
    office.page.get_by_role("button", name="Approve and invite").click()
    office.page.wait_for_url("**/admin/registrations")
    assert rows(served, "SELECT name_ko, city FROM organisation WHERE id = 'saessak'") == [
        ("새싹모터스", "ansan")
    ]

    guest.go(link(served, letter(served, "sae@example.org")))
    page.locator("#name").fill("김새싹")
    page.locator("#password").fill(PASSWORD)
    page.get_by_role("button", name="가입하고 로그인").click()
    page.wait_for_selector("nav.main")
    guest.go("/organisation")
    assert page.get_by_role("button", name="초대 보내기").is_visible()
    assert guest.complaints + office.complaints == []


def test_a_forgotten_password_is_chosen_anew_and_ends_the_other_session(visit, served):
    manager = visit(width=1280, language="en-GB")
    manager.sign_in("manager")
    invite(manager, "forgetful@example.org")
    first = visit(width=1280, language="en-GB")
    first.go(link(served, letter(served, "forgetful@example.org")))
    first.page.locator("#name").fill("Lee For")
    first.page.locator("#password").fill(PASSWORD)
    first.page.get_by_role("button", name="Join and sign in").click()
    first.page.wait_for_selector("nav.main")

    second = visit(width=360, language="en-GB", scheme="dark")
    page = second.page
    second.go("/sign-in")
    page.get_by_role("link", name="Forgot the password?").click()
    page.locator("#email").fill("forgetful@example.org")
    page.get_by_role("button", name="Send the link").click()
    page.wait_for_url("**/forgotten-password/mailed")
    message = letter(served, "forgetful@example.org", "Choose a new password")
    second.go(link(served, message))
    assert examined(second, "entry.reset") == []
    page.locator("#password").fill("another long password")
    page.get_by_role("button", name="Save and sign in").click()
    page.wait_for_selector("nav.main")
    first.go("/account")
    assert "/sign-in?next=" in first.page.url


def test_a_token_is_copied_once_and_opens_the_api(visit, served):
    visitor = visit(width=1280, language="en-GB")
    visitor.page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    visitor.sign_in("member")
    visitor.go("/account/tokens")
    visitor.page.locator("#name").fill("nightly")
    visitor.page.get_by_label("read:").check()
    visitor.page.get_by_role("button", name="Make it").click()
    visitor.page.get_by_role("button", name="Copy the token").click()
    visitor.page.get_by_role("button", name="Copied").wait_for()
    copied = visitor.page.evaluate("navigator.clipboard.readText()")
    answer = visitor.page.request.get(
        f"{served.address}/api/v1/me", headers={"Authorization": f"Bearer {copied}"}
    )
    assert answer.json()["email"] == served.accounts["member"][0]
    assert examined(visitor, "tokens.create") == []


def invite(manager, address):
    manager.go("/organisation")
    manager.page.locator("#email").fill(address)
    manager.page.locator("#language").select_option("en")
    manager.page.get_by_role("button", name="Send the invitation").click()
    manager.page.get_by_text(address).first.wait_for()
