"""Where chance comes from: one stream of uniform numbers per purpose and owner.

A draw is found by identity (replication, purpose, owner, row), never by the order in which the
model asks. Everything else in the simulation is a function of such numbers, so two scenarios that
share a seed share every draw that both of them use.
"""

import hashlib
from dataclasses import dataclass
from enum import IntEnum

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

SMALLEST = 2.0**-54


class Purpose(IntEnum):
    """What a stream decides. A number is never used again, so new purposes move no old draw."""

    ARRIVAL = 0
    TEST_KIND = 1
    CITY = 2
    OTHER_CITY = 3
    LEAD = 4
    SESSIONS = 5
    DURATION = 6
    VEHICLES = 7
    EXCLUSIVE = 8
    EXTRAS = 9
    WEEKDAY = 10
    HOUR = 11
    SPACING = 12
    CANCEL = 13
    CANCEL_LATE = 14
    CANCEL_MOMENT = 15
    NO_SHOW = 16
    PATIENCE = 17
    WAITS = 18


@dataclass(frozen=True, slots=True)
class Streams:
    """All chance of one replication."""

    seed: int
    replication: int

    def uniforms(self, purpose: Purpose, owner: str, rows: int, columns: int = 1) -> Floats:
        """`rows` x `columns` numbers inside (0, 1).

        A longer array begins with the rows of a shorter one; another number of columns is another
        layout, so a purpose always asks for the same number.
        """
        key = (self.replication, int(purpose), *_words(owner))
        drawn = np.random.default_rng(np.random.SeedSequence(self.seed, spawn_key=key))
        return np.maximum(drawn.random((rows, columns)), SMALLEST)

    def row(self, purpose: Purpose, owner: str, rows: int) -> Floats:
        """One number for each row."""
        return self.uniforms(purpose, owner, rows)[:, 0]


def _words(owner: str) -> tuple[int, ...]:
    """The owner's name as four 32-bit words: its place in a list must not matter."""
    digest = hashlib.sha256(owner.encode()).digest()
    return tuple(int.from_bytes(digest[at : at + 4], "big") for at in range(0, 16, 4))
