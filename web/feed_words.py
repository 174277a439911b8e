"""What a feed shows, in words."""

from collections.abc import Mapping

from testbed.domain.catalogue import Catalogue
from testbed.domain.parties import Organisation
from testbed.service.feeds import Feed, Kind
from web.languages import gettext, text
from web.present import pool_name


def shows(feed: Feed, catalogue: Catalogue, organisations: Mapping[str, Organisation]) -> str:
    """What the feed shows, as the product names it; the id of what is gone."""
    if feed.kind is Kind.MEMBER:
        return gettext("My bookings")
    if feed.kind is Kind.RESOURCE:
        return pool_name(catalogue, feed.about)
    known = catalogue.cities if feed.kind is Kind.CITY else organisations
    found = known.get(feed.about)
    return text(found.name) if found else feed.about
