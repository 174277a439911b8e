"""Vehicles of an organisation: enter, change, retire, list."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import Row

from testbed.domain.errors import InvalidRequest
from testbed.domain.papers import VehicleType
from testbed.persistence import paper_tables
from testbed.service.register import Register, Registered, checked_name

LONGEST_PLATE = 20
HIGHEST_LEVEL = 5


@dataclass(frozen=True, slots=True)
class KeptVehicle(Registered):
    """A vehicle as its organisation knows it; `sae_level` is 0 to 5 (SAE J3016)."""

    plate: str
    type: VehicleType
    sae_level: int


class Vehicles(Register[KeptVehicle]):
    """The register of vehicles; the audit holds neither name nor plate."""

    noun = "vehicle"
    table = paper_tables.vehicle

    def kept(self, row: Row[*tuple[Any, ...]]) -> KeptVehicle:
        """The vehicle of a row."""
        kind = VehicleType(row.type)
        own = row.id, row.organisation, row.name, row.plate, kind, row.sae_level
        return KeptVehicle(*own, retired_at=row.retired_at)

    def columns(self, entry: KeptVehicle) -> dict[str, Any]:
        """The row of a vehicle, but for its moments."""
        return {
            "id": entry.id,
            "organisation": entry.organisation,
            "name": entry.name,
            "plate": entry.plate,
            "type": entry.type.value,
            "sae_level": entry.sae_level,
        }

    def checked(self, entry: KeptVehicle) -> KeptVehicle:
        """The vehicle as it is kept.

        Raises InvalidRequest: "bad_name", "bad_plate", "bad_sae_level".
        """
        name, plate = checked_name(entry.name), entry.plate.strip()
        if not 0 < len(plate) <= LONGEST_PLATE or not plate.isprintable():
            raise InvalidRequest("bad_plate", longest=LONGEST_PLATE)
        if not 0 <= entry.sae_level <= HIGHEST_LEVEL:
            raise InvalidRequest("bad_sae_level", value=entry.sae_level, most=HIGHEST_LEVEL)
        return replace(entry, name=name, plate=plate)

    def identity(self, entry: KeptVehicle) -> tuple[object, ...]:
        """Plate, type and level, as permits name them."""
        return entry.plate, entry.type, entry.sae_level

    def told(self, entry: KeptVehicle) -> Mapping[str, Any]:
        """The sort of vehicle, and whose it is."""
        return {**super().told(entry), "type": entry.type.value, "sae_level": entry.sae_level}


_REGISTER = Vehicles()
listing, one, find = _REGISTER.listing, _REGISTER.one, _REGISTER.find
enter, change, retire = _REGISTER.enter, _REGISTER.change, _REGISTER.retire
columns = _REGISTER.columns
