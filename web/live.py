"""Live events: one watcher per process tells everybody who listens what has changed.

It looks at the database once a second, only while somebody listens, so it hears of changes by other
processes too. Every listener holds a thread of the server: their number has a cap.
"""

import threading
import time
from collections.abc import Callable
from typing import cast

import structlog
from flask import Flask, current_app

from testbed.config import Server
from testbed.service.changes import Change, Watch, revision
from testbed.service.context import Context

EXTENSION = "testbed.live"
LOOK_SECONDS = 1.0
# After a look that failed, as with a database that is away.
PAUSE_SECONDS = 5.0
# One person's tabs may not take all the places.
MOST_PER_PERSON = 8

log = structlog.get_logger()


class Full(Exception):
    """Nobody else can be let in now."""


class Listener:
    """Somebody who waits for changes.

    What is not fetched yet adds up to one change, so nothing piles up behind a slow listener.
    """

    def __init__(self, person: str) -> None:
        self.person = person
        self._news = threading.Condition()
        self._change: Change | None = None
        self._ended = False

    @property
    def ended(self) -> bool:
        """Whether there is nothing more to come."""
        return self._ended

    def wait(self, seconds: float) -> Change | None:
        """What has changed since it was last asked; None where nothing did for so long."""
        with self._news:
            self._news.wait_for(lambda: self._change or self._ended, seconds)
            change, self._change = self._change, None
            return change

    def tell(self, change: Change) -> None:
        """Let it hear of a change."""
        with self._news:
            self._change = self._change.joined(change) if self._change else change
            self._news.notify()

    def end(self) -> None:
        """Let it go."""
        with self._news:
            self._ended = True
            self._news.notify()


class Hub:
    """The listeners of one process, and the watcher that runs while there are any."""

    def __init__(self, context: Context, most: int, look_seconds: float = LOOK_SECONDS) -> None:
        self._context = context
        self._most = most
        self._look_seconds = look_seconds
        self._lock = threading.RLock()
        self._listeners: set[Listener] = set()
        self._watcher: threading.Thread | None = None
        self._closing = threading.Event()

    def join(self, person: str) -> tuple[Listener, int]:
        """A new listener, and the revision from which on it hears of every change. Raises Full."""
        with self._lock:
            self._require_room(person)
            if self._watcher is None:
                self._start()
            listener = Listener(person)
            self._listeners.add(listener)
        try:
            return listener, revision(self._context)
        except BaseException:
            self.leave(listener)
            raise

    def leave(self, listener: Listener) -> None:
        """Take a listener out; harmless when done twice."""
        listener.end()
        with self._lock:
            self._listeners.discard(listener)

    def close(self) -> None:
        """Let everybody go, and nobody in any more: the server is about to stop."""
        self._closing.set()
        with self._lock:
            leaving = list(self._listeners)
        for listener in leaving:
            listener.end()

    def __len__(self) -> int:
        return len(self._listeners)

    def _require_room(self, person: str) -> None:
        theirs = sum(each.person == person for each in self._listeners)
        full = len(self._listeners) >= self._most or theirs >= MOST_PER_PERSON
        if full or self._closing.is_set():
            raise Full

    def _start(self) -> None:
        watch = Watch(self._context)
        self._watcher = threading.Thread(
            target=self._run, args=(watch.look,), name="live", daemon=True
        )
        self._watcher.start()

    def _run(self, look: Callable[[float], Change | None]) -> None:
        pause = self._look_seconds
        while not self._closing.wait(pause) and not self._is_idle():
            try:
                change = look(time.monotonic())
                pause = self._look_seconds
            except Exception:  # whatever ails the database, the watch goes on after it
                log.warning("live.look_failed", exc_info=True)
                change, pause = None, PAUSE_SECONDS
            if change is not None:
                self._tell(change)

    def _is_idle(self) -> bool:
        """Whether nobody listens: then the watcher is over, and the next listener starts one."""
        with self._lock:
            if not self._listeners:
                self._watcher = None
            return not self._listeners

    def _tell(self, change: Change) -> None:
        with self._lock:
            listeners = list(self._listeners)
        for listener in listeners:
            listener.tell(change)


def attach(app: Flask, context: Context, server: Server) -> None:
    """Give the application its hub; at most half of the server's threads may listen."""
    app.extensions[EXTENSION] = Hub(context, min(server.live_clients, server.threads // 2))


def hub_of(app: Flask) -> Hub:
    """The hub of an application."""
    return cast("Hub", app.extensions[EXTENSION])


def hub() -> Hub:
    """The hub of the application that answers."""
    return hub_of(current_app)
