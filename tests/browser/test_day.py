"""The story of a day: in by the code on a phone, out early, recorded, listed, and stopped."""

import sqlite3
import time
from contextlib import closing
from datetime import datetime, timedelta

import pytest

from testbed.domain.grid import EPOCH, GRAIN_SECONDS

pytestmark = [pytest.mark.browser, pytest.mark.slow]


def brought_to_now(served, organisation="demo-narae"):
    """A confirmed booking of examples that now begins: nobody may book so shortly before."""
    with closing(sqlite3.connect(served.database, timeout=30)) as connection:
        query = (
            "SELECT booking.id, start_grain FROM booking JOIN line ON line.booking = booking.id "
            "WHERE position = 0 AND state = 'confirmed' AND organisation = ? ORDER BY start_at"
        )
        for name, start in connection.execute(query, (organisation,)).fetchall():
            try:
                with connection:
                    _shift(connection, name, int(time.time()) // GRAIN_SECONDS - start)
            except sqlite3.IntegrityError:  # somebody stands there now
                continue
            return name
    raise AssertionError("no example fits into this hour")


def _shift(connection, name, grains):
    """Move a booking, its lines and claims as the service would."""
    kept = "SELECT * FROM claim WHERE booking = ? AND released IS NULL"
    cursor = connection.execute(kept, (name,))
    columns = [each[0] for each in cursor.description]
    for row in [dict(zip(columns, values, strict=True)) for values in cursor.fetchall()]:
        _move_claim(connection, row, grains)
    connection.execute(
        "UPDATE line SET start_grain = start_grain + ?, end_grain = end_grain + ? "
        "WHERE booking = ?",
        (grains, grains, name),
    )
    by = timedelta(seconds=grains * GRAIN_SECONDS)
    query = "SELECT start_at, end_at FROM booking WHERE id = ?"
    start, end = connection.execute(query, (name,)).fetchone()
    moved = [f"{datetime.fromisoformat(each) + by:%Y-%m-%d %H:%M:%S.%f}" for each in (start, end)]
    connection.execute("UPDATE booking SET start_at = ?, end_at = ? WHERE id = ?", (*moved, name))


def _move_claim(connection, row, grains):
    pool, units = row["pool"], row["units"]
    column = {"use": "used", "block": "blocked"}[row["kind"]]
    query = "UPDATE pool SET revision = revision + 1 WHERE id = ? RETURNING revision, capacity"
    revision, capacity = connection.execute(query, (pool,)).fetchone()
    for grain in range(row["start_grain"], row["end_grain"]):
        there = f"UPDATE occupancy SET {column} = {column} - ? WHERE pool = ? AND grain = ?"
        connection.execute(there, (units, pool, grain))
        row_there = "INSERT OR IGNORE INTO occupancy VALUES (?, ?, 0, 0, 0, ?)"
        connection.execute(row_there, (pool, grain + grains, capacity))
        here = f"UPDATE occupancy SET {column} = {column} + ? WHERE pool = ? AND grain = ?"
        connection.execute(here, (units, pool, grain + grains))
    connection.execute("UPDATE claim SET released = ? WHERE id = ?", (revision, row["id"]))
    fresh = {
        **{key: value for key, value in row.items() if key != "id"},
        "taken": revision,
        "start_grain": row["start_grain"] + grains,
        "end_grain": row["end_grain"] + grains,
    }
    holes = ", ".join("?" for _ in fresh)
    names = ", ".join(f'"{key}"' for key in fresh)
    connection.execute(f"INSERT INTO claim ({names}) VALUES ({holes})", tuple(fresh.values()))


def state(served, name):
    return served.value("SELECT state FROM booking WHERE id = ?", name)


def test_in_by_the_code_out_early_recorded_and_listed_at_the_gate(visit, in_use):
    name = brought_to_now(in_use)
    phone = visit(width=360, language="ko-KR", server=in_use)
    # The code leads a visitor who has not signed in to the sign-in, and from there to its step.
    phone.go(f"/visits/{name}")
    email, password = in_use.accounts["operator"]
    phone.page.locator("#email").fill(email)
    phone.page.locator("#password").fill(password)
    phone.page.locator("main form button").click()
    phone.page.wait_for_url(f"**/visits/{name}")
    phone.page.get_by_role("button", name="입장 처리").click()
    phone.page.wait_for_selector(".note.good")
    assert (state(in_use, name), phone.overflow()) == ("checked_in", 0)
    phone.page.get_by_role("button", name="퇴장 처리").wait_for()

    member = visit(width=1280, language="en-GB", server=in_use)
    member.sign_in("member")
    member.go(f"/bookings/{name}")
    member.page.locator("#contact-name").fill("Kim Ji-woo")
    member.page.locator("#contact-phone").fill("010-1234-5678")
    member.page.get_by_role("button", name="Keep", exact=True).click()
    member.page.wait_for_selector(".note.good")

    phone.go("/today")
    assert "010-1234-5678" in phone.page.locator("main").inner_text()
    site = phone.page.locator("section.board", has=phone.page.locator(f"[href='/bookings/{name}']"))
    site.get_by_role("link", name="출입 명단").click()
    row = phone.page.locator("table.gate tr", has=phone.page.locator(f"[href='/bookings/{name}']"))
    assert "010-1234-5678" in row.inner_text()
    phone.page.emulate_media(media="print")
    assert not phone.page.locator("body > header").is_visible()
    assert row.is_visible()

    member.go(f"/bookings/{name}")
    member.page.get_by_role("button", name="Check out").click()
    member.page.wait_for_selector(".state-completed")
    member.page.get_by_role("button", name="Record the use").click()
    began = EPOCH + timedelta(seconds=int(time.time()) // GRAIN_SECONDS * GRAIN_SECONDS, hours=9)
    member.page.locator("#started").fill(f"{began - timedelta(minutes=20):%Y-%m-%dT%H:%M}")
    member.page.locator("#ended").fill(f"{began - timedelta(minutes=1):%Y-%m-%dT%H:%M}")
    member.page.locator("#km").fill("12.5")
    member.page.locator("#takeovers").fill("1")
    member.page.get_by_role("button", name="Record", exact=True).click()
    member.page.wait_for_selector("table.sessions")
    assert "12.5 km" in member.page.locator("table.sessions").inner_text()
    assert phone.complaints == member.complaints == []


def test_a_stop_ends_the_visit_and_shows_on_the_members_page(visit, in_use):
    name = brought_to_now(in_use)
    operator = visit(width=1280, language="en-GB", server=in_use)
    operator.sign_in("operator")
    operator.go(f"/visits/{name}")
    operator.page.get_by_role("button", name="Check in").click()
    operator.page.wait_for_selector(".note.good")
    place = in_use.value("SELECT resource FROM line WHERE booking = ? AND position = 0", name)
    operator.go(f"/closures?target={place}")
    operator.page.locator("#minutes").select_option("60")
    operator.page.locator("#reason").fill("Oil on the track")
    operator.page.get_by_role("button", name="Close at once").click()
    operator.page.wait_for_selector(".note.good")
    # Who has come before the quarter of an hour begins has not begun and is displaced.
    assert state(in_use, name) in {"completed", "displaced"}
    member = visit(width=360, language="en-GB", server=in_use)
    member.sign_in("member")
    member.go(f"/bookings/{name}")
    assert "Oil on the track" in member.page.locator("#visit").inner_text()
    assert member.overflow() == 0
    operator.page.get_by_role("button", name="Reopen").first.click()
    operator.page.get_by_text("Nothing is closed.").wait_for()
    assert operator.complaints == member.complaints == []
