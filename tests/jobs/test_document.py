"""The document of the jobs names every one of them, and what it is for."""

from pathlib import Path

from testbed.config import Settings
from testbed.jobs.table import own_jobs

DOCUMENT = Path(__file__).parents[2] / "docs" / "jobs.md"


def test_every_job_stands_in_the_document_with_its_sentence() -> None:
    rows = [line for line in DOCUMENT.read_text().splitlines() if line.startswith("| `")]
    cells = [[cell.strip() for cell in row.strip("|").split("|")] for row in rows]
    assert {(name.strip("`"), what) for name, _, what in cells} == {
        (job.name, job.sentence) for job in own_jobs(Settings())
    }


def test_every_period_in_the_document_is_a_setting() -> None:
    text = DOCUMENT.read_text()
    for name in Settings().jobs.model_dump():
        if name.endswith(("_seconds", "_minutes")):
            assert f"jobs.{name}" in text
