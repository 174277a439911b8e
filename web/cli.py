"""`testbed serve`: from an empty machine to answering pages in one command."""

import signal
import sys
from datetime import datetime
from functools import partial
from pathlib import Path
from types import FrameType

import click
import waitress
from flask import Flask

from testbed import clock, logs
from testbed.config import Server, Settings, load
from testbed.files import read_catalogue
from testbed.jobs.job import Surroundings
from testbed.jobs.table import all_jobs
from testbed.jobs.worker import Worker
from testbed.service import catalogue, standing
from testbed.service.actors import SYSTEM
from testbed.service.context import Context, open_context
from web import demo, example_papers, examples, security
from web.app import create_app
from web.live import hub_of

# Twice what the longest form may hold: a body is kept on disk before anybody asks whose it is.
MOST_BYTES = 8 * 1024 * 1024


@click.command()
@click.option("--host", help="Address to listen on (setting server.host).")
@click.option("--port", type=click.IntRange(1, 65535), help="TCP port (setting server.port).")
@click.option(
    "--demo", "is_demo", is_flag=True, help="Add an account of each role, for this machine only."
)
@click.option(
    "--examples",
    "with_examples",
    is_flag=True,
    help="With --demo: book two weeks for the fictional ones.",
)
@click.option("--config", type=click.Path(path_type=Path), help="Settings file.")
def serve(
    host: str | None, port: int | None, is_demo: bool, with_examples: bool, config: Path | None
) -> None:
    """Prepare the database, load the catalogue if there is none, and serve the pages."""
    given = {"host": host, "port": port}
    server = {name: value for name, value in given.items() if value is not None}
    if with_examples and not is_demo:
        raise click.UsageError("--examples goes with --demo: they are no bookings of anybody.")
    _serve(load(config, {"server": server}), is_demo, with_examples)


def _serve(settings: Settings, is_demo: bool, with_examples: bool) -> None:
    if is_demo and not security.is_loopback(settings.server.host):
        raise click.ClickException("--demo serves this machine only: use --host 127.0.0.1.")
    logs.start(settings.log)
    context = open_context(settings, migrate=True)
    try:
        prepare(context, settings, clock.now())
        if is_demo:
            example_papers.show(context, clock.now())
        if with_examples:
            examples.book(context, clock.now())
        app = create_app(settings, context, demo=is_demo)
        _run(app, context, settings, is_demo)
    finally:
        context.close()


def prepare(context: Context, settings: Settings, now: datetime) -> None:
    """Fill an empty database with the catalogue, and write the standing services ahead."""
    if catalogue.is_empty(context):
        source = settings.catalogue.source
        catalogue.import_documents(context, read_catalogue(source), now, SYSTEM, source)
    standing.materialise(context, now)


def _run(app: Flask, context: Context, settings: Settings, is_demo: bool) -> None:
    """Serve until the process is told to stop."""
    listening = _listen(app, settings.server, is_demo)
    jobs = Worker(Surroundings(context, settings), all_jobs(settings))
    if settings.jobs.background:
        jobs.start()
    for each in (signal.SIGTERM, signal.SIGINT):
        signal.signal(each, partial(_stop, app))
    _greet(app, context, settings, is_demo)
    try:
        listening.run()
    finally:
        jobs.stop()


def _listen(app: Flask, server: Server, is_demo: bool) -> waitress.server.BaseWSGIServer:
    """The bound server. In demo mode it passes on what a proxy adds, so that it can be refused."""
    try:
        return waitress.create_server(
            app,
            host=server.host,
            port=server.port,
            threads=server.threads,
            ident=None,
            channel_request_lookahead=1,  # or nobody notices that a listener has left
            clear_untrusted_proxy_headers=not is_demo,
            max_request_body_size=MOST_BYTES,
            **_believed(server, is_demo),
        )
    except OSError as error:
        reason = f"Cannot listen on {server.host}:{server.port}: {error.strerror}."
        raise click.ClickException(f"{reason} Choose another port with --port.") from None


def _believed(server: Server, is_demo: bool) -> dict[str, object]:
    """What the server takes from a trusted proxy; in demo mode nobody's word counts."""
    if is_demo or not server.trusted_proxy:
        return {}
    headers = {"x-forwarded-for", "x-forwarded-proto"}
    return {"trusted_proxy": server.trusted_proxy, "trusted_proxy_headers": headers}


def _greet(app: Flask, context: Context, settings: Settings, is_demo: bool) -> None:
    shown = f"[{settings.server.host}]" if ":" in settings.server.host else settings.server.host
    click.echo(f"Gyeonggi Testbeds: http://{shown}:{settings.server.port}")
    if is_demo:
        click.echo("Demonstration accounts, for this machine only:")
        for each in demo.accounts(context, app.config["SECRET_KEY"], clock.now()):
            click.echo(f"  {each.role:<13} {each.email:<24} {each.password}  ({each.organisation})")
    click.echo("Stop with Ctrl+C.")
    sys.stdout.flush()


def _stop(app: Flask, _: int, __: FrameType | None) -> None:
    """End politely: whoever listens is let go first, then answers under way are finished."""
    hub_of(app).close()
    raise SystemExit(0)
