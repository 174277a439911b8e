"""Whatever members, operators and the clock do in whatever order, the service stays sound."""

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import run_state_machine_as_test

from testbed.persistence.claims import ClaimWriter
from tests.service.machine import Service

CALM = (HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much)


@pytest.mark.slow
def test_any_order_of_steps_leaves_the_service_sound() -> None:
    run_state_machine_as_test(
        Service,
        settings=settings(
            max_examples=45, stateful_step_count=40, deadline=None, suppress_health_check=CALM
        ),
    )


@pytest.mark.slow
def test_the_machine_notices_a_service_that_keeps_what_it_should_give_back(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(ClaimWriter, "release", lambda *_: None)
    quick = settings(
        max_examples=30,
        stateful_step_count=20,
        deadline=None,
        suppress_health_check=CALM,
        phases=(Phase.generate,),
    )
    with pytest.raises(AssertionError):
        run_state_machine_as_test(Service, settings=quick)
