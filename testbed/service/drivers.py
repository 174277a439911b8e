"""Drivers of an organisation: enter, change, retire, list."""

from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import Row

from testbed.domain.errors import InvalidRequest
from testbed.persistence import paper_tables
from testbed.service.register import Register, Registered, checked_name

LONGEST_CONTACT = 120


@dataclass(frozen=True, slots=True)
class KeptDriver(Registered):
    """A driver as the organisation knows them; `contact` is a telephone number or address."""

    contact: str


class Drivers(Register[KeptDriver]):
    """The register of drivers; the audit holds neither name nor contact."""

    noun = "driver"
    table = paper_tables.driver

    def kept(self, row: Row[*tuple[Any, ...]]) -> KeptDriver:
        """The driver of a row."""
        own = row.id, row.organisation, row.name, row.contact
        return KeptDriver(*own, retired_at=row.retired_at)

    def columns(self, entry: KeptDriver) -> dict[str, Any]:
        """The row of a driver, but for its moments."""
        return {
            "id": entry.id,
            "organisation": entry.organisation,
            "name": entry.name,
            "contact": entry.contact,
        }

    def checked(self, entry: KeptDriver) -> KeptDriver:
        """The driver as they are kept. Raises InvalidRequest: "bad_name", "bad_contact"."""
        name, contact = checked_name(entry.name), entry.contact.strip()
        if len(contact) > LONGEST_CONTACT or not contact.isprintable():
            raise InvalidRequest("bad_contact", longest=LONGEST_CONTACT)
        return replace(entry, name=name, contact=contact)

    def identity(self, entry: KeptDriver) -> tuple[object, ...]:
        """The name, as certificates say it."""
        return (entry.name,)


_REGISTER = Drivers()
listing, one, find = _REGISTER.listing, _REGISTER.one, _REGISTER.find
enter, change, retire = _REGISTER.enter, _REGISTER.change, _REGISTER.retire
columns = _REGISTER.columns
