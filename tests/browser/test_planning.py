"""The story of a planner, in a real browser, down to the database."""

import json
import re
import sqlite3

import pytest

pytestmark = [pytest.mark.browser, pytest.mark.slow]


def experiment(served, run):
    with sqlite3.connect(served.database) as connection:
        query = "SELECT status, done, total, scenario, result FROM experiment WHERE id = ?"
        return connection.execute(query, [run]).fetchone()


def fill_in(page, **fields):
    if not page.locator("#days").is_visible():
        page.get_by_text("How exactly").click()
    for name, value in fields.items():
        page.locator(f"#{name}").fill(value)


def start(page):
    page.get_by_role("button", name="Start the run").click()
    page.wait_for_url(re.compile(r"/runs/[0-9a-z]{12}$"))
    return page.url.rsplit("/", 1)[1]


def test_a_planner_reads_what_double_demand_does(visit, served):
    visitor = visit(width=1280, language="en-GB")
    page = visitor.page
    visitor.sign_in("planner")
    page.get_by_role("link", name="Scenarios").click()
    page.locator("#level").fill("2")
    fill_in(page, replications="2", days="30")
    assert page.locator("#size").inner_text() == "0.2 simulated years"
    run = start(page)
    page.wait_for_selector("progress")
    page.wait_for_selector("#progress[data-over]", timeout=90_000)
    page.wait_for_selector("#why")
    said = page.locator("#answer").inner_text()
    share, half_width = re.match(r"([\d.]+) ± ([\d.]+) % of the wished", said).groups()
    assert "2 times today's demand" in page.locator(".question").inner_text()
    assert "The bottleneck" in page.locator("#bottleneck").inner_text()
    page.wait_for_selector(".drawing canvas")
    page.get_by_text("Table: Key figures").click()
    assert f"{share} ± {half_width} %" in page.locator("details[open] table").inner_text()
    page.get_by_text("Method sheet").click()
    assert "testbed sim run scenario.toml" in page.locator("details.sheet").inner_text()
    assert visitor.overflow() == 0
    assert visitor.complaints == []

    status, done, total, scenario, result = experiment(served, run)
    assert (status, done, total) == ("done", 2, 2)
    assert "level = 2 " in scenario
    found = json.loads(result)["kpis"]["acceptance"]
    assert f"{found['mean'] * 100:.1f} {found['half_width'] * 100:.1f}" == f"{share} {half_width}"


def test_a_planner_cancels_a_run_that_would_take_too_long(visit, served):
    visitor = visit(width=360, language="en-GB", scheme="dark")
    visitor.sign_in("planner")
    visitor.go("/scenarios")
    fill_in(visitor.page, replications="200", days="365")
    run = start(visitor.page)
    visitor.page.get_by_role("button", name="Cancel the run").click()
    visitor.page.wait_for_selector(".run-cancelled", timeout=60_000)
    assert visitor.overflow() == 0
    assert experiment(served, run)[0] == "cancelled"
