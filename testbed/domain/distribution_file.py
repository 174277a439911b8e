"""Distributions as a demand file writes them, into values."""

from testbed.domain.demand import PARAMETERS, Distribution, fixed
from testbed.domain.errors import Mistake
from testbed.domain.fields import Reader

_POSITIVE = 1e-9  # stands for "above zero"; finer than anything that is drawn
_ABOVE_ZERO = frozenset({"mean", "median", "shape", "scale"})
_CUTS = ("min", "max", "round_to")


def read_distribution(table: Reader, key: str) -> Distribution:
    """The distribution under the key: a table with its name and parameters, or a bare number.

    A bare number never varies.
    """
    if isinstance(table.raw(key), int | float):
        return fixed(table.number(key))
    if not table.has(key):
        table.note(Mistake(table.at(key), "missing_key", {"key": key}))
        return fixed(0.0)
    own = table.table(key)
    found = _distribution(own, "", own.choice("distribution", PARAMETERS))
    own.finish()
    return found


def flat_distribution(
    table: Reader, key: str, name_key: str, usual: str, default: Distribution | None = None
) -> Distribution:
    """The distribution under the key, or in the flat form: beside it, as in `lead_days_median`.

    Flat are the name under `name_key` (without it, `usual`) and `<key>_<parameter>`. Where neither
    form is there the default stands in; without one, the key is missing.
    """
    flat = any(name == name_key or name.startswith(f"{key}_") for name in table.names())
    if flat and not table.has(key):
        return _distribution(table, f"{key}_", table.choice(name_key, PARAMETERS, usual))
    return default if default and not table.has(key) else read_distribution(table, key)


def _distribution(table: Reader, prefix: str, name: str) -> Distribution:
    """The distribution of that name whose parameters stand under keys with the prefix."""
    if name not in PARAMETERS:  # noted already: its parameters are not judged
        table.expect(table.names())
        return fixed(0.0)
    parameters = {each: _parameter(table, prefix, name, each) for each in PARAMETERS[name]}
    least, most = (table.optional_number(prefix + each) for each in ("min", "max"))
    step = table.optional_number(f"{prefix}round_to", _POSITIVE)
    _check_order(table, f"{prefix}max", least, most)
    if name == "uniform":
        _check_order(table, f"{prefix}high", parameters["low"], parameters["high"])
    return Distribution(name, parameters, least, most, step)


def _parameter(table: Reader, prefix: str, name: str, each: str) -> float | tuple[float, ...]:
    key = prefix + each
    if each == "values":
        return _not_empty(table, key)
    if each == "weights":
        return _weights(table, prefix)
    if name == "geometric":
        return table.number(key, least=1.0)
    return table.number(key, least=_POSITIVE if each in _ABOVE_ZERO else 0.0)


def _not_empty(table: Reader, key: str) -> tuple[float, ...]:
    if table.raw(key) == []:
        table.note(Mistake(table.at(key), "empty_list"))
    return table.numbers(key)


def _weights(table: Reader, prefix: str) -> tuple[float, ...]:
    """The weights of an empirical distribution: one for each value; without any, all alike."""
    listed = table.raw(f"{prefix}values")
    length = len(listed) if isinstance(listed, list) else None
    key = f"{prefix}weights"
    if not table.has(key):
        return (1.0,) * (length or 0)
    weights = table.numbers(key, length)
    if not any(weights):
        table.note(Mistake(table.at(key), "no_weight"))
    return weights


def _check_order(table: Reader, key: str, least: object, most: object) -> None:
    if isinstance(least, float) and isinstance(most, float) and least > most:
        fields: dict[str, object] = {"least": least, "most": most}
        table.note(Mistake(table.at(key), "least_over_most", fields))
