"""The yardstick is only fair while it makes the same decisions."""

import pytest

from testbed.domain.diary import Diary
from tests.bench import workload, yardstick
from tests.bench.simulation import answers_of_the_diary, ledger_without_services


@pytest.mark.slow
def test_the_idiomatic_simpy_program_decides_as_the_product_does() -> None:
    asked = workload.requests(45)
    ledger = ledger_without_services(60)
    theirs = yardstick.run(
        list(asked), ledger.catalogue, ledger.policy, ledger.base, ledger.bookable_until
    )
    ours = answers_of_the_diary(Diary(ledger), asked)
    assert ours == theirs
    assert sum(answer is not None for answer in ours.values()) > len(asked) / 2
