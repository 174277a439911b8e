"""Fees of a resource by type of organisation."""

from dataclasses import dataclass

from testbed.domain.catalogue import Facility, Mode, Resource, Route
from web.labels import MODES, label
from web.languages import gettext
from web.present import won

SME, UNIVERSITY = "startup_sme", "university"


@dataclass(frozen=True, slots=True)
class FeeRow:
    """What one type of organisation pays for an hour, one amount per column; `own` is the reader's.

    An amount comes with whether it is on record.
    """

    payer: str
    amounts: list[tuple[str, bool]]
    own: bool


@dataclass(frozen=True, slots=True)
class FeeTable:
    """The fees of one hour; `basis` is the catalogue's own remark, which is in English."""

    columns: list[str]
    rows: list[FeeRow]
    basis: str


def fee_table(resource: Resource, own_type: str) -> FeeTable:
    """The fees by type of organisation; a single row where all pay the same."""
    rates = _rates(resource)
    factors = resource.fee.factors if any(rate for _, rate, _ in rates) else {}
    payers = [each for each in (SME, UNIVERSITY) if each in factors]
    rows = [_row("", rates, 1.0, own=bool(own_type) and own_type not in payers)]
    rows += [_row(each, rates, factors[each], own=each == own_type) for each in payers]
    return FeeTable([name for name, _, _ in rates], rows if payers else rows[:1], _basis(resource))


def fee_from(resource: Resource) -> tuple[str, bool]:
    """The least fee of an hour before reductions, and whether it is on record."""
    _, rate, recorded = min(_rates(resource), key=lambda each: each[1])
    return (f"{won(rate)}/h" if rate else won(rate)), recorded


def _rates(resource: Resource) -> list[tuple[str, int, bool]]:
    """The columns: name, won per hour, and whether that is on record."""
    fee, provenance = resource.fee, resource.provenance
    if isinstance(resource, Facility):
        recorded = provenance.is_recorded("fee_krw_per_hour")
        return [(gettext("each unit, per hour"), fee.per_hour_shared, recorded)]
    rates = {Mode.SHARED: fee.per_hour_shared, Mode.EXCLUSIVE: fee.per_hour_exclusive}
    return [
        (
            gettext("%(mode)s, per hour", mode=label(MODES, mode)),
            rate,
            provenance.is_recorded(f"fee.per_hour_{mode}"),
        )
        for mode, rate in rates.items()
        if mode in resource.modes
    ]


def _row(payer: str, rates: list[tuple[str, int, bool]], factor: float, *, own: bool) -> FeeRow:
    amounts = [(won(int(rate * factor + 0.5)), recorded) for _, rate, recorded in rates]
    return FeeRow(_payer(payer), amounts, own)


def _payer(payer: str) -> str:
    names = {SME: gettext("start-ups, SMEs"), UNIVERSITY: gettext("universities")}
    return names.get(payer) or gettext("others")


def _basis(resource: Resource) -> str:
    """The remark on the fee, where it says more than that the figure is invented."""
    basis = resource.fee.basis if isinstance(resource, Route) else ""
    return basis.replace("per_hour_", "") if basis != "invented" else ""
