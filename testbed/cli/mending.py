"""Repairs as the command line says them."""

import click

from testbed.domain.catalogue import Catalogue
from testbed.domain.errors import NotFound
from testbed.domain.repairs import Change, Repair
from testbed.persistence import convert

# By sort of change; what is in braces are its fields, lengths in hours.
SAID = {
    "earlier": "start {minutes} earlier",
    "later": "start {minutes} later",
    "shorter": "{minutes} instead of {asked}",
    "fewer": "{count} {counted} instead of {asked}",
    "other_use": "{mode} instead of {asked}",
    "other_cities": "search other cities too",
    "other_place": "search other places than {resource} too",
    "other_offer": "take another offer for the same wish",
    "without_item": "without {named}",
    "without_demand": "without the demand on {attribute}",
    "wait": "wait until something frees (pages and API)",
}
MINUTES_PER_HOUR = 60


def print_repairs(repairs: tuple[Repair, ...], catalogue: Catalogue) -> None:
    """One line for each repair, the cheapest first."""
    if repairs:
        click.echo("What would help:")
    for each in repairs:
        said = ", ".join(change_text(change, catalogue) for change in each.changes)
        click.echo(f"  - {said}")


def change_text(change: Change, catalogue: Catalogue) -> str:
    """One change in words."""
    fields = {name: _said(change, name, value, catalogue) for name, value in change.fields}
    return SAID[change.sort].format(**fields)


def _said(change: Change, name: str, value: int | str, catalogue: Catalogue) -> str:
    if name == "minutes" or (name == "asked" and change.sort == "shorter"):
        return f"{int(value) / MINUTES_PER_HOUR:g} h"
    if name in ("resource", "named"):
        try:
            return catalogue.resource(str(value)).name.en
        except NotFound:
            return str(value).replace("_", " ")
    return str(value)


def to_json(repair: Repair) -> convert.Json:
    """A repair for programs; its request is as the database keeps it."""
    return {
        "changes": [{"sort": each.sort, **dict(each.fields)} for each in repair.changes],
        "price": repair.price,
        "request": convert.request_to_json(repair.request),
        "offer": convert.offer_to_json(repair.offer) if repair.offer else None,
    }
