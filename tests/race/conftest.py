"""The contenders, started once for all races."""

from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor

import pytest

from tests.race.contenders import contenders


@pytest.fixture(scope="session")
def processes() -> Iterator[ProcessPoolExecutor]:
    with contenders() as pool:
        yield pool
