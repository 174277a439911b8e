"""What counts as a result, and what is refused."""

import json

import pytest

from sim.engines import Serial
from sim.experiment import result_of, run
from testbed.domain.errors import InvalidRequest
from tests.sim.profiles import short
from tests.web.planning.documents import STUDY, result
from web.planning.result import Result, checked_result


def as_bytes(document) -> bytes:
    return json.dumps(document).encode()


def test_what_the_simulation_writes_is_a_result():
    written = result_of(run(short(days=7, replications=1), Serial()))
    found, document = checked_result(as_bytes(written))
    assert found.kpis["acceptance"].mean == written["kpis"]["acceptance"]["mean"]
    assert document == json.loads(json.dumps(written))


def test_a_study_is_a_result_with_levels_and_options():
    found = Result.model_validate(result(study=STUDY))
    assert [each.level for each in found.study.levels] == [1.0, 2.0]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (b"", "EOF"),
        (b"[1, 2]", "object"),
        (as_bytes(result(kpis={})), "kpis"),
        (as_bytes(result(replications=0)), "replications"),
        (as_bytes({key: value for key, value in result().items() if key != "seed"}), "seed"),
        (as_bytes(result(study={**STUDY, "version": 2})), "study.version"),
        (as_bytes(result(extra=float("nan"))), "NaN"),
        (as_bytes(result(extra=1)).replace(b'"mean": 0.793', b'"mean": NaN'), "kpis.acceptance"),
        (as_bytes(result(extra=1)).replace(b'"mean": 0.793', b'"mean": 1e300'), "kpis.acceptance"),
        (as_bytes(result(extra=0.5)).replace(b'"extra": 0.5', b'"extra": 1e999'), "1e999"),
        (b"\xff\xfe", "result.json"),
        (b"[" * 100_000, "result.json"),
    ],
)
def test_anything_else_is_refused_with_its_place(text, said):
    with pytest.raises(InvalidRequest) as caught:
        checked_result(text)
    assert caught.value.code == "bad_result"
    assert said in f"{caught.value.fields['place']}: {caught.value.fields['detail']}"
