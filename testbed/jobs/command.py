"""`testbed worker`: the jobs without the pages."""

import signal
import threading
from pathlib import Path

import click

from testbed import logs
from testbed.config import Settings, load
from testbed.domain.errors import DomainError, InvalidFile
from testbed.jobs import studies
from testbed.jobs.job import Surroundings
from testbed.jobs.table import all_jobs
from testbed.jobs.worker import Worker
from testbed.sentences import sentence
from testbed.service.context import open_context


@click.command()
@click.option(
    "--experiments", is_flag=True, help="Run the experiments that wait, then end; no other job."
)
@click.option("--config", type=click.Path(path_type=Path), help="Settings file.")
def worker(experiments: bool, config: Path | None) -> None:
    """Run the jobs: expire holds, release no-shows, remind, send mails, start experiments.

    Any number may run; one at a time leads, the others stand by.
    """
    try:
        settings = load(config)
        logs.start(settings.log)
        (_run_experiments if experiments else _run_jobs)(settings)
    except InvalidFile as error:
        for mistake in error.mistakes:
            click.echo(f"{mistake.place}: {sentence(mistake.code, mistake.fields)}", err=True)
        raise click.ClickException(sentence(error.code, error.fields)) from None
    except DomainError as error:
        raise click.ClickException(sentence(error.code, error.fields)) from None


def _run_jobs(settings: Settings) -> None:
    context = open_context(settings, migrate=True)
    over = threading.Event()
    for name in (signal.SIGINT, signal.SIGTERM):
        signal.signal(name, lambda *_: over.set())
    running = Worker(Surroundings(context, settings), all_jobs(settings))
    try:
        running.start()
        click.echo("Leading." if running.leads else "Standing by: another worker leads.")
        click.echo("Stop with Ctrl+C.")
        over.wait()
    finally:
        running.stop()
        context.close()


def _run_experiments(settings: Settings) -> None:
    context = open_context(settings)
    try:
        begun = studies.run_all(Surroundings(context, settings))
    finally:
        context.close()
    click.echo(f"Experiments run: {begun}.")


if __name__ == "__main__":
    worker()
