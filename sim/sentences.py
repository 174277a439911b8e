"""English sentences for the codes that only the simulation raises."""

from collections.abc import Mapping

from testbed import sentences

OWN = {
    "not_modelled": "this version does not model {what} yet",
    "not_packaged": "{value} is a file; a scenario from the queue names {prefix}NAME only",
    "too_many_sessions": "the test kind {test_kind} asks for more than {most} sessions at once",
    "too_many_extras": "the test kind {test_kind} has more than {most} extra needs",
    "too_many_options": "{options} options cannot be compared at once; {most} can",
    "not_comparable": "the scenario {scenario} differs from the base in {key}: nothing to pair",
    "warmup_short": "the warm-up is shorter than the lead time of one request in twenty: "
    "the calendar is still filling up when measuring begins",
}


def sentence(code: str, fields: Mapping[str, object]) -> str:
    """The sentence of a code of the simulation, or of the service."""
    if code in OWN:
        return sentences.fill(OWN[code], fields)
    return sentences.sentence(code, fields)
