"""The code at the gate: a QR code that leads to the one step of a booking that is open now."""

import io

import segno
from flask import url_for
from markupsafe import Markup

from web.deps import doors


def address_of(booking_id: str) -> str:
    """Where the code leads, as it stands in the code."""
    return doors().settings.site_url + url_for("visits.one", booking_id=booking_id)


def code_of(booking_id: str) -> Markup:
    """The code as a picture (SVG), dark on white in every colour scheme."""
    drawn = io.BytesIO()
    code = segno.make(address_of(booking_id), error="m", micro=False)
    code.save(
        drawn,
        kind="svg",
        xmldecl=False,
        svgns=True,
        border=4,
        light="#fff",
        dark="#000",
        omitsize=True,
    )
    return Markup(drawn.getvalue().decode())  # noqa: S704 -- drawn by segno from our own address
