"""From a wish to the gate: search, submit, confirm, wait for the day, check in.

    python example.py http://127.0.0.1:8000/api/v1 "$TOKEN" 2026-12-08T10:00:00+09:00

`testbed_client.py` beside this file is all that it needs.
"""

import sys
import time
from collections.abc import Callable

from testbed_client import ApiError, BookingAnswer, Client, MainNeed

POLL_SECONDS = 30


def book(api: Client, start: str, resource: str) -> BookingAnswer:
    """Hold the best offer for two hours of a resource near a start, and confirm it."""
    need: MainNeed = {"type": "facility", "resource": resource}
    found = api.searches_create(
        {"start": start, "minutes": 120, "later_minutes": 24 * 60, "need": need}
    )
    if not found["offers"]:
        raise SystemExit("\n".join(reason["detail"] for reason in found["reasons"]))
    best = found["offers"][0]
    print(f"Offered: {best['start']} – {best['end']}, {best['cost']['total']} milli-points")
    answer = api.requests_create(
        {
            "start": start,
            "minutes": 120,
            "later_minutes": 24 * 60,
            "need": need,
            "offer": best["offer"],
        }
    )
    booking = answer["booking"]
    if booking is None:
        raise SystemExit(f"Not held: {answer['decision']['status']}")
    print(f"Held until {booking['expires_at']}: {booking['id']}")
    confirmed = api.bookings_confirm(booking["id"])
    print(f"{confirmed['state'].capitalize()}: {confirmed['id']}")
    return confirmed


def arrive(
    api: Client, booking_id: str, wait: Callable[[float], None] = time.sleep
) -> BookingAnswer:
    """Wait until checking in is possible, an hour before the start, and check in."""
    while True:
        booking = api.bookings_get(booking_id)
        if "check-in" in booking["steps"]:
            arrived = api.bookings_check_in(booking_id)
            print(f"Checked in: {arrived['id']}")
            return arrived
        if not booking["steps"]:
            raise SystemExit(f"Nothing to check in to: {booking['state']}")
        wait(POLL_SECONDS)


def main() -> None:
    """Book and arrive; a problem of the server is said in its words."""
    address, token, start, *more = sys.argv[1:]
    api = Client(address, token)
    print(f"Booking for {api.me()['organisation']['name']['en']}")
    try:
        booking = book(api, start, more[0] if more else "fc-kcity-workshop")
        arrive(api, booking["id"])
    except ApiError as error:
        raise SystemExit(str(error)) from None


if __name__ == "__main__":
    main()
