"""A client of the API of Gyeonggi Testbeds: every address is a method, every document a type.

Written by generate.py from the OpenAPI document; the standard library is all that it needs.

    api = Client("https://testbeds.example.org/api/v1", token)
    print(api.me()["name"])

Moments are RFC 3339 texts. A POST carries a key of its own, so that it may be sent again after a
broken connection without being done twice: give `key` to repeat one yourself. Lists come page by
page; `pages` reads all of them.
"""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Literal, NotRequired, TypeAlias, TypedDict, cast
from urllib.error import HTTPError
from urllib.parse import quote, urlencode
from urllib.request import Request, urlopen


class ApiError(Exception):
    """A problem that the server answered with; `code` is stable, `detail` is for people."""

    def __init__(self, status: int, problem: Mapping[str, Any]) -> None:
        self.status = status
        self.code = str(problem.get("code", ""))
        self.problem = problem
        super().__init__(f"{status} {self.code}: {problem.get('detail', '')}")


def new_key() -> str:
    """A new Idempotency-Key."""
    return uuid.uuid4().hex


def pages(read: Callable[..., Any], *given: str, **asked: Any) -> Iterator[Any]:
    """Every entry of a list, page after page: `pages(api.bookings, state=["confirmed"])`."""
    cursor: str | None = None
    while True:
        page = read(*given, **asked, cursor=cursor)
        yield from page["items"]
        cursor = page["next"]
        if cursor is None:
            return


def _part(value: str) -> str:
    return quote(value, safe="")


def _query(asked: Mapping[str, Any]) -> str:
    plain = {
        name: str(value).lower() if isinstance(value, bool) else value
        for name, value in asked.items()
    }
    return urlencode(plain, doseq=True)


def _problem(text: bytes) -> Mapping[str, Any]:
    try:
        return cast("Mapping[str, Any]", json.loads(text))
    except ValueError:
        return {}


class Client:
    """The API in the name of a token's member; sentences come in `language`."""

    def __init__(self, address: str, token: str, language: str = "en", timeout: float = 30) -> None:
        if not address.startswith(("https://", "http://")):
            raise ValueError(f"no address of the web: {address}")
        self._address = address.rstrip("/")
        self._timeout = timeout
        self._headers = {
            "Authorization": f"Bearer {token}",
            "Accept": "application/json",
            "Accept-Language": language,
        }

    def _send(
        self,
        method: str,
        path: str,
        *,
        query: Mapping[str, Any] | None = None,
        body: Any = None,
        if_match: str | None = None,
        key: str | None = None,
    ) -> Any:
        asked = {name: value for name, value in (query or {}).items() if value is not None}
        address = self._address + path + (f"?{_query(asked)}" if asked else "")
        headers = dict(self._headers)
        if if_match is not None:
            headers["If-Match"] = if_match
        if key is not None:
            headers["Idempotency-Key"] = key
        data = None
        if body is not None:
            data = json.dumps(body).encode()
            headers["Content-Type"] = "application/json"
        request = Request(address, data, headers, method=method)
        try:
            with urlopen(request, timeout=self._timeout) as answer:
                text = answer.read()
                is_json = answer.headers.get_content_type() == "application/json"
        except HTTPError as error:
            raise ApiError(error.code, _problem(error.read())) from None
        return json.loads(text) if is_json and text else text

    # -- the addresses of the API ----------------------------------------------------------------

    def approvals(
        self,
        *,
        limit: int | None = None,
        cursor: str | None = None,
        mine: bool | None = None,
    ) -> WaitPage:
        """List bookings that wait for approval; for operators."""
        found = self._send(
            "GET",
            "/approvals",
            query={
                "limit": limit,
                "cursor": cursor,
                "mine": mine,
            },
        )
        return cast("WaitPage", found)

    def approvals_get(
        self,
        id: str,
    ) -> WaitAnswer:
        """Show what was asked about a booking, for who may see it."""
        found = self._send(
            "GET",
            f"/approvals/{_part(id)}",
        )
        return cast("WaitAnswer", found)

    def approvals_answer(
        self,
        id: str,
        body: AnswerIn,
        *,
        if_match: str | None = None,
        key: str | None = None,
    ) -> BookingAnswer:
        """Answer for a party: the last yes confirms the booking, one no frees its place at once."""
        found = self._send(
            "POST",
            f"/approvals/{_part(id)}",
            body=body,
            if_match=if_match,
            key=key or new_key(),
        )
        return cast("BookingAnswer", found)

    def availability(
        self,
        *,
        day: str,
        days: int | None = None,
        minutes: int | None = None,
        type: NeedType | None = None,
        resource: str | None = None,
        kind: list[str] | None = None,
        city: str | None = None,
        vehicles: int | None = None,
        units: int | None = None,
        mode: Mode | None = None,
    ) -> AvailabilityAnswer:
        """Show what is free, day by day, for a resource or for what one need asks."""
        found = self._send(
            "GET",
            "/availability",
            query={
                "day": day,
                "days": days,
                "minutes": minutes,
                "type": type,
                "resource": resource,
                "kind": kind,
                "city": city,
                "vehicles": vehicles,
                "units": units,
                "mode": mode,
            },
        )
        return cast("AvailabilityAnswer", found)

    def bookings(
        self,
        *,
        limit: int | None = None,
        cursor: str | None = None,
        organisation: str | None = None,
        state: list[State] | None = None,
        resource: str | None = None,
        since: str | None = None,
        until: str | None = None,
    ) -> BookingPage:
        """List bookings by start."""
        found = self._send(
            "GET",
            "/bookings",
            query={
                "limit": limit,
                "cursor": cursor,
                "organisation": organisation,
                "state": state,
                "resource": resource,
                "since": since,
                "until": until,
            },
        )
        return cast("BookingPage", found)

    def bookings_get(
        self,
        id: str,
    ) -> BookingAnswer:
        """Show one booking as it stands now."""
        found = self._send(
            "GET",
            f"/bookings/{_part(id)}",
        )
        return cast("BookingAnswer", found)

    def bookings_cancel(
        self,
        id: str,
        *,
        if_match: str | None = None,
        key: str | None = None,
    ) -> BookingAnswer:
        """Give the place back."""
        found = self._send(
            "POST",
            f"/bookings/{_part(id)}/cancel",
            if_match=if_match,
            key=key or new_key(),
        )
        return cast("BookingAnswer", found)

    def bookings_check_in(
        self,
        id: str,
        *,
        if_match: str | None = None,
        key: str | None = None,
    ) -> BookingAnswer:
        """Note that the organisation has come: from an hour before the start until its grace ends."""
        found = self._send(
            "POST",
            f"/bookings/{_part(id)}/check-in",
            if_match=if_match,
            key=key or new_key(),
        )
        return cast("BookingAnswer", found)

    def bookings_check_out(
        self,
        id: str,
        *,
        if_match: str | None = None,
        key: str | None = None,
    ) -> BookingAnswer:
        """Note that the organisation has left: what remains of its place is free at once."""
        found = self._send(
            "POST",
            f"/bookings/{_part(id)}/check-out",
            if_match=if_match,
            key=key or new_key(),
        )
        return cast("BookingAnswer", found)

    def bookings_confirm(
        self,
        id: str,
        *,
        if_match: str | None = None,
        key: str | None = None,
    ) -> BookingAnswer:
        """Make a hold a booking."""
        found = self._send(
            "POST",
            f"/bookings/{_part(id)}/confirm",
            if_match=if_match,
            key=key or new_key(),
        )
        return cast("BookingAnswer", found)

    def bookings_contact(
        self,
        id: str,
    ) -> ContactAnswer:
        """Show whom to call while a booking runs."""
        found = self._send(
            "GET",
            f"/bookings/{_part(id)}/contact",
        )
        return cast("ContactAnswer", found)

    def bookings_contact_post(
        self,
        id: str,
        body: ContactIn,
        *,
        key: str | None = None,
    ) -> ContactAnswer:
        """Keep whom to call while a booking runs, in place of whoever was kept before."""
        found = self._send(
            "POST",
            f"/bookings/{_part(id)}/contact",
            body=body,
            key=key or new_key(),
        )
        return cast("ContactAnswer", found)

    def bookings_crew(
        self,
        id: str,
    ) -> CrewAnswer:
        """Show who is named on a booking, and what is missing before check-in."""
        found = self._send(
            "GET",
            f"/bookings/{_part(id)}/crew",
        )
        return cast("CrewAnswer", found)

    def bookings_crew_set(
        self,
        id: str,
        body: CrewIn,
        *,
        if_match: str | None = None,
        key: str | None = None,
    ) -> CrewAnswer:
        """Name the vehicles and drivers of a booking, instead of those before."""
        found = self._send(
            "PUT",
            f"/bookings/{_part(id)}/crew",
            body=body,
            if_match=if_match,
            key=key or new_key(),
        )
        return cast("CrewAnswer", found)

    def bookings_extend(
        self,
        id: str,
        body: ExtendIn,
        *,
        if_match: str | None = None,
        key: str | None = None,
    ) -> ExtendedAnswer:
        """Keep the places of a booking for longer, a running one too, where rules and room permit."""
        found = self._send(
            "POST",
            f"/bookings/{_part(id)}/extend",
            body=body,
            if_match=if_match,
            key=key or new_key(),
        )
        return cast("ExtendedAnswer", found)

    def bookings_handover(
        self,
        id: str,
        body: ReceiverIn,
        *,
        if_match: str | None = None,
        key: str | None = None,
    ) -> HandoverAnswer:
        """Offer a booking to one other organisation; it stays here until it is taken over there."""
        found = self._send(
            "POST",
            f"/bookings/{_part(id)}/handover",
            body=body,
            if_match=if_match,
            key=key or new_key(),
        )
        return cast("HandoverAnswer", found)

    def bookings_let_in(
        self,
        id: str,
        body: LetInIn,
        *,
        if_match: str | None = None,
        key: str | None = None,
    ) -> BookingAnswer:
        """Check in a booking that lacks papers or crew; the reason is kept."""
        found = self._send(
            "POST",
            f"/bookings/{_part(id)}/let-in",
            body=body,
            if_match=if_match,
            key=key or new_key(),
        )
        return cast("BookingAnswer", found)

    def bookings_move(
        self,
        id: str,
        body: MoveIn,
        *,
        if_match: str | None = None,
        key: str | None = None,
    ) -> MovedAnswer:
        """Decide a new wish for a booking; where it is granted, the booking stands there."""
        found = self._send(
            "POST",
            f"/bookings/{_part(id)}/move",
            body=body,
            if_match=if_match,
            key=key or new_key(),
        )
        return cast("MovedAnswer", found)

    def bookings_partners_accept(
        self,
        id: str,
        *,
        if_match: str | None = None,
        key: str | None = None,
    ) -> PartAnswer:
        """Take part in a joint booking to which the caller's organisation is invited."""
        found = self._send(
            "POST",
            f"/bookings/{_part(id)}/partners/accept",
            if_match=if_match,
            key=key or new_key(),
        )
        return cast("PartAnswer", found)

    def bookings_partners_decline(
        self,
        id: str,
        *,
        if_match: str | None = None,
        key: str | None = None,
    ) -> PartAnswer:
        """Say no to an invitation; the booking may be confirmed without."""
        found = self._send(
            "POST",
            f"/bookings/{_part(id)}/partners/decline",
            if_match=if_match,
            key=key or new_key(),
        )
        return cast("PartAnswer", found)

    def bookings_partners_leave(
        self,
        id: str,
        *,
        if_match: str | None = None,
        key: str | None = None,
    ) -> PartAnswer:
        """Take part no longer, while the booking could be cancelled without consequence."""
        found = self._send(
            "POST",
            f"/bookings/{_part(id)}/partners/leave",
            if_match=if_match,
            key=key or new_key(),
        )
        return cast("PartAnswer", found)

    def bookings_partners_shares(
        self,
        id: str,
        body: SharesIn,
        *,
        if_match: str | None = None,
        key: str | None = None,
    ) -> TogetherAnswer:
        """Share the vehicles out among the partners; the rest are the leading organisation's."""
        found = self._send(
            "POST",
            f"/bookings/{_part(id)}/partners/shares",
            body=body,
            if_match=if_match,
            key=key or new_key(),
        )
        return cast("TogetherAnswer", found)

    def bookings_reconfirm(
        self,
        id: str,
        *,
        if_match: str | None = None,
        key: str | None = None,
    ) -> BookingAnswer:
        """Confirm a booking of a series again; what is not by its deadline is cancelled for free."""
        found = self._send(
            "POST",
            f"/bookings/{_part(id)}/reconfirm",
            if_match=if_match,
            key=key or new_key(),
        )
        return cast("BookingAnswer", found)

    def bookings_shorten(
        self,
        id: str,
        body: ShortenIn,
        *,
        if_match: str | None = None,
        key: str | None = None,
    ) -> BookingAnswer:
        """Give up the end of a booking, or its beginning; that is free for others at once."""
        found = self._send(
            "POST",
            f"/bookings/{_part(id)}/shorten",
            body=body,
            if_match=if_match,
            key=key or new_key(),
        )
        return cast("BookingAnswer", found)

    def bookings_together(
        self,
        id: str,
    ) -> TogetherAnswer:
        """Show what a booking has to do with others: partners, neighbours, an open hand-over."""
        found = self._send(
            "GET",
            f"/bookings/{_part(id)}/together",
        )
        return cast("TogetherAnswer", found)

    def bookings_usage(
        self,
        id: str,
        body: SessionIn,
        *,
        key: str | None = None,
    ) -> UsageAnswer:
        """Record a session of a booking whose people have come, until the rule's last day for it."""
        found = self._send(
            "POST",
            f"/bookings/{_part(id)}/usage",
            body=body,
            key=key or new_key(),
        )
        return cast("UsageAnswer", found)

    def bookings_visit(
        self,
        id: str,
    ) -> VisitAnswer:
        """Show when they came and left, and whether anybody keeps them waiting."""
        found = self._send(
            "GET",
            f"/bookings/{_part(id)}/visit",
        )
        return cast("VisitAnswer", found)

    def closures(
        self,
        *,
        limit: int | None = None,
        cursor: str | None = None,
    ) -> ClosurePage:
        """List closures, the newest first."""
        found = self._send(
            "GET",
            "/closures",
            query={
                "limit": limit,
                "cursor": cursor,
            },
        )
        return cast("ClosurePage", found)

    def closures_create(
        self,
        body: StopIn,
        *,
        key: str | None = None,
    ) -> StoppedAnswer:
        """Close something at once: what runs there ends, what is to come there is displaced."""
        found = self._send(
            "POST",
            "/closures",
            body=body,
            key=key or new_key(),
        )
        return cast("StoppedAnswer", found)

    def closures_get(
        self,
        id: str,
    ) -> ReopenedAnswer:
        """Show a closure, and what became of the bookings that it displaced."""
        found = self._send(
            "GET",
            f"/closures/{_part(id)}",
        )
        return cast("ReopenedAnswer", found)

    def closures_reopen(
        self,
        id: str,
        *,
        key: str | None = None,
    ) -> ReopenedAnswer:
        """End a closure: what is yet to begin and still fits has its place again."""
        found = self._send(
            "POST",
            f"/closures/{_part(id)}/reopen",
            key=key or new_key(),
        )
        return cast("ReopenedAnswer", found)

    def drivers(
        self,
        *,
        limit: int | None = None,
        cursor: str | None = None,
        organisation: str | None = None,
        retired: bool | None = None,
    ) -> DriverPage:
        """List the organisation's drivers by id."""
        found = self._send(
            "GET",
            "/drivers",
            query={
                "limit": limit,
                "cursor": cursor,
                "organisation": organisation,
                "retired": retired,
            },
        )
        return cast("DriverPage", found)

    def drivers_create(
        self,
        body: DriverIn,
        *,
        key: str | None = None,
    ) -> DriverAnswer:
        """Enter a driver of the manager's organisation."""
        found = self._send(
            "POST",
            "/drivers",
            body=body,
            key=key or new_key(),
        )
        return cast("DriverAnswer", found)

    def drivers_get(
        self,
        id: str,
    ) -> DriverAnswer:
        """Show one driver."""
        found = self._send(
            "GET",
            f"/drivers/{_part(id)}",
        )
        return cast("DriverAnswer", found)

    def drivers_set(
        self,
        id: str,
        body: DriverIn,
        *,
        key: str | None = None,
    ) -> DriverAnswer:
        """Change a driver's name or contact."""
        found = self._send(
            "PUT",
            f"/drivers/{_part(id)}",
            body=body,
            key=key or new_key(),
        )
        return cast("DriverAnswer", found)

    def drivers_retire(
        self,
        id: str,
        *,
        key: str | None = None,
    ) -> DriverAnswer:
        """Retire a driver for good; bookings that rely on them are checked again."""
        found = self._send(
            "POST",
            f"/drivers/{_part(id)}/retire",
            key=key or new_key(),
        )
        return cast("DriverAnswer", found)

    def experiments(
        self,
        *,
        limit: int | None = None,
        cursor: str | None = None,
    ) -> ExperimentPage:
        """List experiments, the newest first."""
        found = self._send(
            "GET",
            "/experiments",
            query={
                "limit": limit,
                "cursor": cursor,
            },
        )
        return cast("ExperimentPage", found)

    def experiments_get(
        self,
        id: str,
    ) -> ExperimentInFull:
        """Show an experiment with its scenario and its result."""
        found = self._send(
            "GET",
            f"/experiments/{_part(id)}",
        )
        return cast("ExperimentInFull", found)

    def fairness(
        self,
        *,
        organisation: str | None = None,
    ) -> StandingAnswer:
        """Show where an organisation stands; of the others it tells how many there are."""
        found = self._send(
            "GET",
            "/fairness",
            query={
                "organisation": organisation,
            },
        )
        return cast("StandingAnswer", found)

    def fairness_rebookings(
        self,
        *,
        limit: int | None = None,
        cursor: str | None = None,
        organisation: str | None = None,
    ) -> PairPage:
        """List who cancelled a place and booked it again over an overlapping slot."""
        found = self._send(
            "GET",
            "/fairness/rebookings",
            query={
                "limit": limit,
                "cursor": cursor,
                "organisation": organisation,
            },
        )
        return cast("PairPage", found)

    def fairness_standings(
        self,
        *,
        limit: int | None = None,
        cursor: str | None = None,
    ) -> StandingPage:
        """List where every organisation stands."""
        found = self._send(
            "GET",
            "/fairness/standings",
            query={
                "limit": limit,
                "cursor": cursor,
            },
        )
        return cast("StandingPage", found)

    def feeds(
        self,
        *,
        limit: int | None = None,
        cursor: str | None = None,
    ) -> FeedPage:
        """List your feeds, the newest first."""
        found = self._send(
            "GET",
            "/feeds",
            query={
                "limit": limit,
                "cursor": cursor,
            },
        )
        return cast("FeedPage", found)

    def feeds_create(
        self,
        body: FeedIn,
        *,
        key: str | None = None,
    ) -> FeedMade:
        """Make a feed. The same key again answers the same feed with a new address."""
        found = self._send(
            "POST",
            "/feeds",
            body=body,
            key=key or new_key(),
        )
        return cast("FeedMade", found)

    def feeds_get(
        self,
        id: str,
    ) -> FeedAnswer:
        """Show one of your feeds."""
        found = self._send(
            "GET",
            f"/feeds/{_part(id)}",
        )
        return cast("FeedAnswer", found)

    def feeds_rename(
        self,
        id: str,
        body: FeedNameIn,
        *,
        key: str | None = None,
    ) -> FeedAnswer:
        """Call a feed otherwise."""
        found = self._send(
            "POST",
            f"/feeds/{_part(id)}/rename",
            body=body,
            key=key or new_key(),
        )
        return cast("FeedAnswer", found)

    def feeds_revoke(
        self,
        id: str,
        *,
        key: str | None = None,
    ) -> None:
        """Let the address of a feed open nothing any more."""
        self._send(
            "POST",
            f"/feeds/{_part(id)}/revoke",
            key=key or new_key(),
        )

    def gate(
        self,
        *,
        site: str,
        day: str,
    ) -> GateAnswer:
        """List who is expected on a site on a day: people, plates, and whom to call."""
        found = self._send(
            "GET",
            "/gate",
            query={
                "site": site,
                "day": day,
            },
        )
        return cast("GateAnswer", found)

    def handovers(
        self,
        *,
        limit: int | None = None,
        cursor: str | None = None,
    ) -> HandoverPage:
        """List what was offered by and to the caller's organisation, the newest first."""
        found = self._send(
            "GET",
            "/handovers",
            query={
                "limit": limit,
                "cursor": cursor,
            },
        )
        return cast("HandoverPage", found)

    def handovers_get(
        self,
        id: str,
    ) -> HandoverAnswer:
        """Show one hand-over, to both sides of it."""
        found = self._send(
            "GET",
            f"/handovers/{_part(id)}",
        )
        return cast("HandoverAnswer", found)

    def handovers_accept(
        self,
        id: str,
        *,
        key: str | None = None,
    ) -> TakenOverAnswer:
        """Take a booking over, where every rule permits it to the caller's organisation."""
        found = self._send(
            "POST",
            f"/handovers/{_part(id)}/accept",
            key=key or new_key(),
        )
        return cast("TakenOverAnswer", found)

    def handovers_decline(
        self,
        id: str,
        *,
        key: str | None = None,
    ) -> HandoverAnswer:
        """Say no to a booking that was offered."""
        found = self._send(
            "POST",
            f"/handovers/{_part(id)}/decline",
            key=key or new_key(),
        )
        return cast("HandoverAnswer", found)

    def handovers_withdraw(
        self,
        id: str,
        *,
        key: str | None = None,
    ) -> HandoverAnswer:
        """Take an offer back that nobody has answered."""
        found = self._send(
            "POST",
            f"/handovers/{_part(id)}/withdraw",
            key=key or new_key(),
        )
        return cast("HandoverAnswer", found)

    def lapsing_bookings(
        self,
        *,
        limit: int | None = None,
        cursor: str | None = None,
        organisation: str | None = None,
    ) -> LapsingPage:
        """List the bookings to come that lack papers, by start."""
        found = self._send(
            "GET",
            "/lapsing-bookings",
            query={
                "limit": limit,
                "cursor": cursor,
                "organisation": organisation,
            },
        )
        return cast("LapsingPage", found)

    def me(
        self,
    ) -> MeAnswer:
        """Show the member, the organisation and the scopes of the token."""
        found = self._send(
            "GET",
            "/me",
        )
        return cast("MeAnswer", found)

    def me_notices(
        self,
    ) -> NoticesAnswer:
        """Show how the member is told of each group of notices."""
        found = self._send(
            "GET",
            "/me/notices",
        )
        return cast("NoticesAnswer", found)

    def me_notices_change(
        self,
        body: NoticesIn,
        *,
        key: str | None = None,
    ) -> NoticesAnswer:
        """Choose how groups are told: at once, in a daily digest, or never."""
        found = self._send(
            "PATCH",
            "/me/notices",
            body=body,
            key=key or new_key(),
        )
        return cast("NoticesAnswer", found)

    def papers(
        self,
        *,
        limit: int | None = None,
        cursor: str | None = None,
        organisation: str | None = None,
        kind: PaperKind | None = None,
        state: list[PaperState] | None = None,
        ends_by: str | None = None,
    ) -> PaperPage:
        """List papers in the order in which they were entered."""
        found = self._send(
            "GET",
            "/papers",
            query={
                "limit": limit,
                "cursor": cursor,
                "organisation": organisation,
                "kind": kind,
                "state": state,
                "ends_by": ends_by,
            },
        )
        return cast("PaperPage", found)

    def papers_create(
        self,
        body: PaperIn,
        *,
        key: str | None = None,
    ) -> PaperAnswer:
        """Enter a paper of the manager's organisation; it waits for an operator."""
        found = self._send(
            "POST",
            "/papers",
            body=body,
            key=key or new_key(),
        )
        return cast("PaperAnswer", found)

    def papers_get(
        self,
        id: str,
    ) -> PaperAnswer:
        """Show one paper."""
        found = self._send(
            "GET",
            f"/papers/{_part(id)}",
        )
        return cast("PaperAnswer", found)

    def papers_set(
        self,
        id: str,
        body: PaperChangeIn,
        *,
        key: str | None = None,
    ) -> PaperAnswer:
        """Change a paper; it counts again once an operator has accepted it."""
        found = self._send(
            "PUT",
            f"/papers/{_part(id)}",
            body=body,
            key=key or new_key(),
        )
        return cast("PaperAnswer", found)

    def papers_accept(
        self,
        id: str,
        body: AcceptIn,
        *,
        key: str | None = None,
    ) -> PaperAnswer:
        """Let a paper count."""
        found = self._send(
            "POST",
            f"/papers/{_part(id)}/accept",
            body=body,
            key=key or new_key(),
        )
        return cast("PaperAnswer", found)

    def papers_document(
        self,
        id: str,
    ) -> bytes:
        """Give the file behind a paper, to be saved."""
        found = self._send(
            "GET",
            f"/papers/{_part(id)}/document",
        )
        return cast("bytes", found)

    def papers_document_post(
        self,
        id: str,
        body: DocumentIn,
        *,
        key: str | None = None,
    ) -> PaperAnswer:
        """Put a file behind a paper, instead of the one before; the paper waits again."""
        found = self._send(
            "POST",
            f"/papers/{_part(id)}/document",
            body=body,
            key=key or new_key(),
        )
        return cast("PaperAnswer", found)

    def papers_reject(
        self,
        id: str,
        body: RejectIn,
        *,
        key: str | None = None,
    ) -> PaperAnswer:
        """Refuse a paper with a written reason."""
        found = self._send(
            "POST",
            f"/papers/{_part(id)}/reject",
            body=body,
            key=key or new_key(),
        )
        return cast("PaperAnswer", found)

    def papers_withdraw(
        self,
        id: str,
        *,
        key: str | None = None,
    ) -> PaperAnswer:
        """Withdraw a paper for good; bookings that rely on it are checked again."""
        found = self._send(
            "POST",
            f"/papers/{_part(id)}/withdraw",
            key=key or new_key(),
        )
        return cast("PaperAnswer", found)

    def requests(
        self,
        *,
        limit: int | None = None,
        cursor: str | None = None,
        organisation: str | None = None,
    ) -> RequestPage:
        """List requests with what was decided, the newest first."""
        found = self._send(
            "GET",
            "/requests",
            query={
                "limit": limit,
                "cursor": cursor,
                "organisation": organisation,
            },
        )
        return cast("RequestPage", found)

    def requests_create(
        self,
        body: RequestIn,
        *,
        key: str | None = None,
    ) -> SubmittedAnswer:
        """Decide a wish and keep it; where it is granted the place is held, else repairs are named."""
        found = self._send(
            "POST",
            "/requests",
            body=body,
            key=key or new_key(),
        )
        return cast("SubmittedAnswer", found)

    def requests_get(
        self,
        id: str,
    ) -> RequestAnswer:
        """Show one request and what was decided."""
        found = self._send(
            "GET",
            f"/requests/{_part(id)}",
        )
        return cast("RequestAnswer", found)

    def resources(
        self,
        *,
        limit: int | None = None,
        cursor: str | None = None,
        type: NeedType | None = None,
        city: str | None = None,
        kind: str | None = None,
        bookable: bool | None = None,
    ) -> ResourcePage:
        """List routes and facilities, in the order of the catalogue."""
        found = self._send(
            "GET",
            "/resources",
            query={
                "limit": limit,
                "cursor": cursor,
                "type": type,
                "city": city,
                "kind": kind,
                "bookable": bookable,
            },
        )
        return cast("ResourcePage", found)

    def resources_get(
        self,
        id: str,
    ) -> ResourceAnswer:
        """Show one route or facility."""
        found = self._send(
            "GET",
            f"/resources/{_part(id)}",
        )
        return cast("ResourceAnswer", found)

    def schedule(
        self,
        *,
        day: str,
        city: str | None = None,
    ) -> ScheduleAnswer:
        """Show everything that meets a local day, by city and site."""
        found = self._send(
            "GET",
            "/schedule",
            query={
                "day": day,
                "city": city,
            },
        )
        return cast("ScheduleAnswer", found)

    def searches_create(
        self,
        body: SearchIn,
    ) -> FoundAnswer:
        """Find offers for a wish, best first, or all reasons why there are none and what would help."""
        found = self._send(
            "POST",
            "/searches",
            body=body,
        )
        return cast("FoundAnswer", found)

    def series(
        self,
        *,
        limit: int | None = None,
        cursor: str | None = None,
        organisation: str | None = None,
    ) -> SeriesPage:
        """List series, the newest first."""
        found = self._send(
            "GET",
            "/series",
            query={
                "limit": limit,
                "cursor": cursor,
                "organisation": organisation,
            },
        )
        return cast("SeriesPage", found)

    def series_create(
        self,
        body: SeriesIn,
        *,
        key: str | None = None,
    ) -> StartedAnswer:
        """Decide every date in order; what is granted is held, all until the same moment."""
        found = self._send(
            "POST",
            "/series",
            body=body,
            key=key or new_key(),
        )
        return cast("StartedAnswer", found)

    def series_previews_create(
        self,
        body: SeriesIn,
    ) -> SeriesPreview:
        """Say what would become of every date, each decided after those before it; keep nothing."""
        found = self._send(
            "POST",
            "/series-previews",
            body=body,
        )
        return cast("SeriesPreview", found)

    def series_get(
        self,
        id: str,
    ) -> SeriesAnswer:
        """Show one series with all its dates as they stand now."""
        found = self._send(
            "GET",
            f"/series/{_part(id)}",
        )
        return cast("SeriesAnswer", found)

    def series_ask(
        self,
        id: str,
        body: AskAgainIn,
        *,
        key: str | None = None,
    ) -> EditedAnswer:
        """Ask again for a date that was left out or skipped, as it was or by another wish."""
        found = self._send(
            "POST",
            f"/series/{_part(id)}/ask",
            body=body,
            key=key or new_key(),
        )
        return cast("EditedAnswer", found)

    def series_cancel(
        self,
        id: str,
        body: SeriesCancelIn,
        *,
        key: str | None = None,
    ) -> EditedAnswer:
        """Give dates back, or with `preview` only say what that would cost."""
        found = self._send(
            "POST",
            f"/series/{_part(id)}/cancel",
            body=body,
            key=key or new_key(),
        )
        return cast("EditedAnswer", found)

    def series_confirm(
        self,
        id: str,
        *,
        key: str | None = None,
    ) -> SeriesAnswer:
        """Confirm every hold at once; dates beyond the horizon are then booked as it reaches them."""
        found = self._send(
            "POST",
            f"/series/{_part(id)}/confirm",
            key=key or new_key(),
        )
        return cast("SeriesAnswer", found)

    def series_edit(
        self,
        id: str,
        body: SeriesEditIn,
        *,
        key: str | None = None,
    ) -> EditedAnswer:
        """Change this date, the following or all: each is moved by itself, what cannot move stays."""
        found = self._send(
            "POST",
            f"/series/{_part(id)}/edit",
            body=body,
            key=key or new_key(),
        )
        return cast("EditedAnswer", found)

    def series_extend(
        self,
        id: str,
        body: SeriesExtendIn,
        *,
        key: str | None = None,
    ) -> EditedAnswer:
        """Ask for more dates; those it has stay as they are."""
        found = self._send(
            "POST",
            f"/series/{_part(id)}/extend",
            body=body,
            key=key or new_key(),
        )
        return cast("EditedAnswer", found)

    def sharing(
        self,
    ) -> SharingAnswer:
        """Show the sharing wishes of the caller's organisation, to its managers."""
        found = self._send(
            "GET",
            "/sharing",
        )
        return cast("SharingAnswer", found)

    def sharing_set(
        self,
        body: SharingIn,
    ) -> SharingAnswer:
        """Set the sharing wishes of the caller's organisation; they hold from the next decision on."""
        found = self._send(
            "PUT",
            "/sharing",
            body=body,
        )
        return cast("SharingAnswer", found)

    def sites_instructions(
        self,
        id: str,
        body: InstructionsIn,
        *,
        key: str | None = None,
    ) -> Named:
        """Say how one enters a site; bookings of the site show it."""
        found = self._send(
            "POST",
            f"/sites/{_part(id)}/instructions",
            body=body,
            key=key or new_key(),
        )
        return cast("Named", found)

    def statements(
        self,
        *,
        limit: int | None = None,
        cursor: str | None = None,
        organisation: str | None = None,
    ) -> MonthPage:
        """List the months that have a statement, the newest first."""
        found = self._send(
            "GET",
            "/statements",
            query={
                "limit": limit,
                "cursor": cursor,
                "organisation": organisation,
            },
        )
        return cast("MonthPage", found)

    def statements_get(
        self,
        id: str,
        *,
        organisation: str | None = None,
    ) -> StatementAnswer:
        """Show the statement of a month, e.g. `2026-12`."""
        found = self._send(
            "GET",
            f"/statements/{_part(id)}",
            query={
                "organisation": organisation,
            },
        )
        return cast("StatementAnswer", found)

    def statements_close(
        self,
        id: str,
        body: CloseIn,
        *,
        key: str | None = None,
    ) -> StatementAnswer:
        """Keep the statement of a month that is over as it is; a closed one stays what it was."""
        found = self._send(
            "POST",
            f"/statements/{_part(id)}/close",
            body=body,
            key=key or new_key(),
        )
        return cast("StatementAnswer", found)

    def templates(
        self,
        *,
        limit: int | None = None,
        cursor: str | None = None,
        organisation: str | None = None,
    ) -> TemplatePage:
        """List the templates of an organisation, the newest first."""
        found = self._send(
            "GET",
            "/templates",
            query={
                "limit": limit,
                "cursor": cursor,
                "organisation": organisation,
            },
        )
        return cast("TemplatePage", found)

    def templates_create(
        self,
        body: TemplateIn,
        *,
        key: str | None = None,
    ) -> TemplateAnswer:
        """Keep a wish under a name."""
        found = self._send(
            "POST",
            "/templates",
            body=body,
            key=key or new_key(),
        )
        return cast("TemplateAnswer", found)

    def templates_get(
        self,
        id: str,
    ) -> TemplateAnswer:
        """Show one template; its `request` may be searched for or submitted with another start."""
        found = self._send(
            "GET",
            f"/templates/{_part(id)}",
        )
        return cast("TemplateAnswer", found)

    def templates_delete(
        self,
        id: str,
        *,
        key: str | None = None,
    ) -> None:
        """Delete a template."""
        self._send(
            "POST",
            f"/templates/{_part(id)}/delete",
            key=key or new_key(),
        )

    def templates_rename(
        self,
        id: str,
        body: TemplateNameIn,
        *,
        key: str | None = None,
    ) -> TemplateAnswer:
        """Give a template another name."""
        found = self._send(
            "POST",
            f"/templates/{_part(id)}/rename",
            body=body,
            key=key or new_key(),
        )
        return cast("TemplateAnswer", found)

    def test_kinds(
        self,
    ) -> KindsOfTest:
        """List the kinds of test with the needs that they bring."""
        found = self._send(
            "GET",
            "/test-kinds",
        )
        return cast("KindsOfTest", found)

    def usage(
        self,
        *,
        limit: int | None = None,
        cursor: str | None = None,
        organisation: str | None = None,
        since: str | None = None,
        until: str | None = None,
    ) -> UsagePage:
        """List records by start."""
        found = self._send(
            "GET",
            "/usage",
            query={
                "limit": limit,
                "cursor": cursor,
                "organisation": organisation,
                "since": since,
                "until": until,
            },
        )
        return cast("UsagePage", found)

    def usage_export(
        self,
        *,
        organisation: str | None = None,
        since: str | None = None,
        until: str | None = None,
    ) -> SignedUsage:
        """Take all records of some days as a document that this installation has signed."""
        found = self._send(
            "GET",
            "/usage/export",
            query={
                "organisation": organisation,
                "since": since,
                "until": until,
            },
        )
        return cast("SignedUsage", found)

    def vehicles(
        self,
        *,
        limit: int | None = None,
        cursor: str | None = None,
        organisation: str | None = None,
        retired: bool | None = None,
    ) -> VehiclePage:
        """List the organisation's vehicles by id."""
        found = self._send(
            "GET",
            "/vehicles",
            query={
                "limit": limit,
                "cursor": cursor,
                "organisation": organisation,
                "retired": retired,
            },
        )
        return cast("VehiclePage", found)

    def vehicles_create(
        self,
        body: VehicleIn,
        *,
        key: str | None = None,
    ) -> VehicleAnswer:
        """Enter a vehicle of the manager's organisation."""
        found = self._send(
            "POST",
            "/vehicles",
            body=body,
            key=key or new_key(),
        )
        return cast("VehicleAnswer", found)

    def vehicles_get(
        self,
        id: str,
    ) -> VehicleAnswer:
        """Show one vehicle."""
        found = self._send(
            "GET",
            f"/vehicles/{_part(id)}",
        )
        return cast("VehicleAnswer", found)

    def vehicles_set(
        self,
        id: str,
        body: VehicleIn,
        *,
        key: str | None = None,
    ) -> VehicleAnswer:
        """Change a vehicle; bookings that rely on it are checked again."""
        found = self._send(
            "PUT",
            f"/vehicles/{_part(id)}",
            body=body,
            key=key or new_key(),
        )
        return cast("VehicleAnswer", found)

    def vehicles_retire(
        self,
        id: str,
        *,
        key: str | None = None,
    ) -> VehicleAnswer:
        """Retire a vehicle for good; bookings that rely on it are checked again."""
        found = self._send(
            "POST",
            f"/vehicles/{_part(id)}/retire",
            key=key or new_key(),
        )
        return cast("VehicleAnswer", found)

    def waitlist(
        self,
        *,
        limit: int | None = None,
        cursor: str | None = None,
        organisation: str | None = None,
    ) -> PlacePage:
        """List who waits; to join it, send a request with `wait`."""
        found = self._send(
            "GET",
            "/waitlist",
            query={
                "limit": limit,
                "cursor": cursor,
                "organisation": organisation,
            },
        )
        return cast("PlacePage", found)

    def waitlist_get(
        self,
        id: str,
    ) -> PlaceAnswer:
        """Show where a request stands."""
        found = self._send(
            "GET",
            f"/waitlist/{_part(id)}",
        )
        return cast("PlaceAnswer", found)

    def waitlist_accept(
        self,
        id: str,
        *,
        key: str | None = None,
    ) -> BookingAnswer:
        """Take what is held for a request: it becomes a booking."""
        found = self._send(
            "POST",
            f"/waitlist/{_part(id)}/accept",
            key=key or new_key(),
        )
        return cast("BookingAnswer", found)

    def waitlist_decline(
        self,
        id: str,
        *,
        key: str | None = None,
    ) -> BookingAnswer:
        """Give back what is held; the next in rank gets it, and the request waits on."""
        found = self._send(
            "POST",
            f"/waitlist/{_part(id)}/decline",
            key=key or new_key(),
        )
        return cast("BookingAnswer", found)

    def waitlist_withdraw(
        self,
        id: str,
        *,
        key: str | None = None,
    ) -> PlaceAnswer:
        """Take a request off the waitlist."""
        found = self._send(
            "POST",
            f"/waitlist/{_part(id)}/withdraw",
            key=key or new_key(),
        )
        return cast("PlaceAnswer", found)

    def webhooks(
        self,
        *,
        limit: int | None = None,
        cursor: str | None = None,
    ) -> WebhookPage:
        """List the webhooks of the manager's organisation, or those of the operators."""
        found = self._send(
            "GET",
            "/webhooks",
            query={
                "limit": limit,
                "cursor": cursor,
            },
        )
        return cast("WebhookPage", found)

    def webhooks_create(
        self,
        body: WebhookIn,
        *,
        key: str | None = None,
    ) -> WebhookSecret:
        """Add a webhook; this answer alone holds the secret that signs its events."""
        found = self._send(
            "POST",
            "/webhooks",
            body=body,
            key=key or new_key(),
        )
        return cast("WebhookSecret", found)

    def webhooks_delete(
        self,
        id: str,
        *,
        key: str | None = None,
    ) -> None:
        """Remove a webhook with all that was sent to it."""
        self._send(
            "DELETE",
            f"/webhooks/{_part(id)}",
            key=key or new_key(),
        )

    def webhooks_get(
        self,
        id: str,
    ) -> WebhookAnswer:
        """Show one webhook."""
        found = self._send(
            "GET",
            f"/webhooks/{_part(id)}",
        )
        return cast("WebhookAnswer", found)

    def webhooks_change(
        self,
        id: str,
        body: EventsIn,
        *,
        key: str | None = None,
    ) -> WebhookAnswer:
        """Choose which events a webhook hears of from now on."""
        found = self._send(
            "PATCH",
            f"/webhooks/{_part(id)}",
            body=body,
            key=key or new_key(),
        )
        return cast("WebhookAnswer", found)

    def webhooks_deliveries(
        self,
        id: str,
        *,
        limit: int | None = None,
        cursor: str | None = None,
        state: DeliveryState | None = None,
    ) -> DeliveryPage:
        """List what was sent to a webhook, the newest first."""
        found = self._send(
            "GET",
            f"/webhooks/{_part(id)}/deliveries",
            query={
                "limit": limit,
                "cursor": cursor,
                "state": state,
            },
        )
        return cast("DeliveryPage", found)

    def webhooks_enable(
        self,
        id: str,
        *,
        key: str | None = None,
    ) -> WebhookAnswer:
        """Switch a webhook on again; what waited for it goes on."""
        found = self._send(
            "POST",
            f"/webhooks/{_part(id)}/enable",
            key=key or new_key(),
        )
        return cast("WebhookAnswer", found)

    def webhooks_rotate(
        self,
        id: str,
        *,
        key: str | None = None,
    ) -> WebhookSecret:
        """Give a webhook a new secret; the old one signs beside it for a day."""
        found = self._send(
            "POST",
            f"/webhooks/{_part(id)}/rotate",
            key=key or new_key(),
        )
        return cast("WebhookSecret", found)

    def webhooks_test(
        self,
        id: str,
        *,
        key: str | None = None,
    ) -> TestSent:
        """Send a test event; its delivery is listed."""
        found = self._send(
            "POST",
            f"/webhooks/{_part(id)}/test",
            key=key or new_key(),
        )
        return cast("TestSent", found)


# -- the documents of the API ----------------------------------------------------------------------


class AcceptIn(TypedDict):
    """The version that was looked at."""

    version: NotRequired[int]


class AnswerIn(TypedDict):
    """The answer of one party."""

    answer: Literal["accepted", "rejected"]
    party: Literal["operator", "city", "road_authority"]
    text: NotRequired[str]


class ApprovalAnswer(TypedDict):
    """What one party was asked and said; `text` holds conditions, or the reason of a no."""

    answer: Literal["accepted", "rejected"] | None
    answered_at: str | None
    asked_at: str
    deadline: str
    may_answer: bool
    organisation: str | None
    party: Literal["operator", "city", "road_authority"]
    stands_in: bool
    text: str


class AskAgainIn(TypedDict):
    """A date without a place that is asked for again."""

    day: str
    request: NotRequired[RequestIn | None]


class AvailabilityAnswer(TypedDict):
    """What is free, resource by resource, under all rules of booking."""

    items: list[FreeAnswer]


class BesideAnswer(TypedDict):
    """Who else is on the shared roads meanwhile."""

    organisations: list[str]
    vehicles: int


class BookingAnswer(TypedDict):
    """A booking; `steps` are those that are open to it now."""

    charges: list[ChargeAnswer]
    end: str
    expires_at: str | None
    fee_illustrative: bool
    fee_krw: int | None
    id: str
    late: bool
    lines: list[LineAnswer]
    organisation: str
    reconfirm_by: str | None
    request: str
    rule: str
    start: str
    state: State
    steps: list[Literal["confirm", "check-in", "check-out", "cancel", "move"]]
    test_kind: str | None
    version: int
    zone: str


class BookingPage(TypedDict):
    """A page of bookings, by start."""

    items: list[BookingAnswer]
    next: str | None


class CancelCost(TypedDict):
    """A booking that would be given back, and whether its hours would still count."""

    booking: str
    counts_as_use: bool
    day: str


class ChangeAnswer(TypedDict):
    """One change of a wish."""

    detail: str
    fields: dict[str, Any]
    sort: str


class ChargeAnswer(TypedDict):
    """The fee of one line: hours × krw_per_hour × factor, halves up to the next won.

    `krw_per_hour` is for all that the line takes, `factor` that of the type of organisation.
    """

    basis: str
    factor: float
    hours: float
    illustrative: bool
    krw: int
    krw_per_hour: int
    resource: str


class CloseIn(TypedDict):
    """Whose month is closed."""

    organisation: str


class ClosureAnswer(TypedDict):
    """A closure; `end` is null for one that lasts until it is reopened."""

    created_at: str
    end: str | None
    ended_at: str | None
    id: str
    kind: Literal["stop"]
    pools: list[str]
    reason: str
    start: str
    target: str


class ClosurePage(TypedDict):
    """A page of closures, the newest first."""

    items: list[ClosureAnswer]
    next: str | None


class ContactAnswer(TypedDict):
    """Whom to call while a booking runs."""

    name: str
    phone: str


class ContactIn(TypedDict):
    """Whom to call while a booking runs."""

    name: str
    phone: str


class CostAnswer(TypedDict):
    """Cost by component in milli-points; offers are ranked by the total."""

    distance: int
    fair_share: int
    fragmentation: int
    shift: int
    surplus: int
    total: int
    travel: int


class CrewAnswer(TypedDict):
    """Who is named on a booking, until when that may change, and what is missing by its code."""

    booking: str
    closes: str
    driver_asked: bool
    drivers: list[str]
    missing: list[str]
    reasons: list[ReasonAnswer]
    vehicles: list[str]
    vehicles_asked: int


class CrewIn(TypedDict):
    """Everybody who is named, instead of those before."""

    drivers: NotRequired[list[str]]
    vehicles: NotRequired[list[str]]


class DateAnswer(TypedDict):
    """One date of a series; `day` names it, whatever is done with it.

    `booking` is null where there is none; `decision` and `repairs` stand with a date left out.
    """

    apart: bool
    booking: BookingAnswer | None
    day: str
    decision: DecisionAnswer | None
    outcome: Literal["booked", "left_out", "skipped", "holiday", "awaited"]
    repairs: list[RepairAnswer]
    start: str


class DecisionAnswer(TypedDict):
    """What the allocator decided; a no is an answer and no error."""

    detail: str
    near: list[OfferAnswer]
    offer: OfferAnswer | None
    reasons: list[ReasonAnswer]
    status: Literal["granted", "offered", "waitlisted", "refused"]


class DeliveryAnswer(TypedDict):
    """An event on its way; `id` is its webhook-id, `body` what is signed and sent."""

    attempts: int
    body: str
    created_at: str
    delivered_at: str | None
    error: str | None
    event: str
    id: str
    next_attempt_at: str | None
    state: DeliveryState
    status: int | None


class DeliveryPage(TypedDict):
    """A page of deliveries, the newest first."""

    items: list[DeliveryAnswer]
    next: str | None


class DocumentIn(TypedDict):
    """A file in base64: PDF, PNG or JPEG, known by its first bytes."""

    content: str
    name: str


class DriverAnswer(TypedDict):
    """A driver; a retired one can no longer be named."""

    contact: str
    id: str
    name: str
    organisation: str
    retired: bool


class DriverIn(TypedDict):
    """A driver."""

    contact: NotRequired[str]
    name: str


class DriverPage(TypedDict):
    """A page of drivers by id."""

    items: list[DriverAnswer]
    next: str | None


class EditedAnswer(TypedDict):
    """What a change did; the same key again changes nothing, and names no dates."""

    changed: list[str]
    costs: list[CancelCost]
    left: list[LeftAnswer]
    series: SeriesAnswer


class EntryAnswer(TypedDict):
    """One line of a booking: hours × krw_per_hour × factor, or 0 where its state is free."""

    booking: str
    end: str
    factor: float
    hours: float
    illustrative: bool
    kind: str
    krw: int
    krw_per_hour: int
    late: bool
    mode: Mode
    name: Named
    resource: str
    start: str
    state: State
    units: int
    vehicles: int


class EventsIn(TypedDict):
    """Which events a webhook hears of; none named sends all of them."""

    events: list[str]


class ExperimentAnswer(TypedDict):
    """An experiment; `total` is null where precision decides when it ends."""

    cancel_asked: bool
    created_at: str
    done: int
    finished_at: str | None
    id: str
    name: str
    started_at: str | None
    status: Status
    total: int | None


class ExperimentInFull(TypedDict):
    """An experiment with its scenario (TOML) and what is known of its result."""

    cancel_asked: bool
    created_at: str
    done: int
    error: dict[str, Any] | None
    estimate: dict[str, Any] | None
    finished_at: str | None
    id: str
    name: str
    result: dict[str, Any] | None
    scenario: str
    started_at: str | None
    status: Status
    total: int | None


class ExperimentPage(TypedDict):
    """A page of experiments, the newest first."""

    items: list[ExperimentAnswer]
    next: str | None


class ExtendIn(TypedDict):
    """Until when the places are kept."""

    end: str


class ExtendedAnswer(TypedDict):
    """The answer to a wish to extend; the booking lasts longer where it was granted."""

    booking: BookingAnswer
    decision: DecisionAnswer
    request: str


class ExtraNeed(TypedDict):
    """What is needed beside the main need: a resource by its id, or any of some kinds."""

    kinds: NotRequired[list[str]]
    minutes: NotRequired[int | None]
    mode: NotRequired[Mode]
    night: NotRequired[bool]
    odd: NotRequired[list[Term]]
    offset_minutes: NotRequired[int]
    resource: NotRequired[str]
    rules: NotRequired[list[str]]
    type: NeedType
    units: NotRequired[int]
    vehicles: NotRequired[int]


class FacilityAnswer(TypedDict):
    """A facility with countable units."""

    blocks_routes: list[str]
    bookable: bool
    city: str
    cleanup_min: int
    fee: FeeAnswer
    id: str
    kind: str
    max_hours_per_booking: int | None
    mobile: bool
    name: Named
    opening: OpeningAnswer
    provenance: ProvenanceAnswer
    provides: list[str]
    rule: RuleAnswer
    setup_min: int
    sharing: str
    site: str
    site_name: Named
    status: str
    type: NotRequired[Literal["facility"]]
    unit_name: str
    units: int
    valid_from: str | None
    valid_until: str | None
    zone: str


class FeeAnswer(TypedDict):
    """Fees in whole KRW per booked hour, and the factors on them by type of organisation."""

    basis: str
    factors: dict[str, float]
    per_hour_exclusive: int
    per_hour_shared: int


class FeedAnswer(TypedDict):
    """A feed; its address was shown when it was made."""

    about: str | None
    created_at: str
    id: str
    kind: Kind
    language: str
    last_read_at: str | None
    name: str


class FeedIn(TypedDict):
    """A feed that is asked for."""

    about: NotRequired[str | None]
    kind: Kind
    language: NotRequired[Literal["ko", "en"]]
    name: str


class FeedMade(TypedDict):
    """A new feed with its address: a key that is shown this once."""

    about: str | None
    address: str
    created_at: str
    id: str
    kind: Kind
    language: str
    last_read_at: str | None
    name: str


class FeedNameIn(TypedDict):
    """What a feed is to be called."""

    name: str


class FeedPage(TypedDict):
    """A page of feeds, the newest first."""

    items: list[FeedAnswer]
    next: str | None


FieldProblem = TypedDict(
    "FieldProblem",
    {
        "code": "str",
        "detail": "str",
        "in": 'Literal["path", "query", "header", "body"]',
        "pointer": "str",
    },
)


class FiguresAnswer(TypedDict):
    """The points behind a place, in milli-points: the least `total` is served first."""

    burden: int
    total: int
    waited: int


class ForeseenAnswer(TypedDict):
    """What would become of a date; a public holiday has no decision."""

    day: str
    decision: DecisionAnswer | None
    outcome: Literal["booked", "left_out", "skipped", "holiday", "awaited"]
    start: str


class FoundAnswer(TypedDict):
    """Offers within the wish, best first; without any, the reasons, repairs and ways near it."""

    near: list[OfferAnswer]
    offers: list[OfferAnswer]
    reasons: list[ReasonAnswer]
    repairs: list[RepairAnswer]


class FreeAnswer(TypedDict):
    """A resource that matches; `minutes` is the length that would be booked."""

    city: str
    days: list[FreeDayAnswer]
    minutes: int
    name: Named
    reasons: list[ReasonAnswer]
    resource: str
    zone: str


class FreeDayAnswer(TypedDict):
    """A local day: what bookings of the asked length could cover, and where they may begin."""

    day: str
    free: list[SpanAnswer]
    free_minutes: int
    starts: list[StartsAnswer]


class GateAnswer(TypedDict):
    """Everybody who is expected on a site on a day or is there, by start."""

    day: str
    instructions: Named | None
    items: list[GateEntry]
    site: str


class GateEntry(TypedDict):
    """One booking at the gate."""

    arrived_at: str | None
    booking: str
    contact: ContactAnswer | None
    end: str
    left_at: str | None
    organisation: str
    people: list[str]
    plates: list[str]
    resources: list[str]
    start: str
    state: State


class GroupAnswer(TypedDict):
    """A group of notices: how it is told, and how it may be."""

    choice: Choice
    choices: list[Choice]
    group: Group


class HandoverAnswer(TypedDict):
    """A booking offered to another organisation; an offer may be answered until `expires_at`."""

    booking: str
    end: str
    expires_at: str
    giver: str
    id: str
    offered_at: str
    receiver: str
    resource: str
    start: str
    state: Literal["offered", "accepted", "declined", "withdrawn", "over"]


class HandoverPage(TypedDict):
    """A page of hand-overs, the newest first."""

    items: list[HandoverAnswer]
    next: str | None


class HoursAnswer(TypedDict):
    """A window of opening hours: minutes after local midnight; `end_min` may pass 1440."""

    end_min: int
    start_min: int
    weekdays: list[int]


class InstructionsIn(TypedDict):
    """How one enters a site, in both languages; an empty text says nothing."""

    en: str
    ko: str


class KindOfTest(TypedDict):
    """A kind of test: its main need, and the facilities that often go with it."""

    extras: list[NeedAnswer]
    id: str
    name: Named
    need: NeedAnswer


class KindsOfTest(TypedDict):
    """Every kind of test."""

    items: list[KindOfTest]


class LapsingAnswer(TypedDict):
    """A booking to come that lacks papers, and the reasons."""

    booking: str
    missing: list[ReasonAnswer]
    organisation: str
    start: str


class LapsingPage(TypedDict):
    """A page of bookings that lack papers, by start."""

    items: list[LapsingAnswer]
    next: str | None


class LeftAnswer(TypedDict):
    """A date that stayed as it was: by a decision, or because it has begun or is over."""

    code: str | None
    day: str
    decision: DecisionAnswer | None


class LetInIn(TypedDict):
    """Why a booking may start without papers or crew."""

    reason: str


class LineAnswer(TypedDict):
    """What one need is given: a resource over a slot, set-up and clean-up not included.

    `kind`, `site` and `city` are null for a resource that the catalogue no longer has.
    """

    city: str | None
    end: str
    kind: str | None
    mode: Mode
    name: Named
    resource: str
    site: str | None
    start: str
    units: int
    vehicles: int


class Listed(TypedDict):
    """Chosen days."""

    dates: list[str]


class MainNeed(TypedDict):
    """The main need: a resource by its id, or any that fits the rest."""

    kinds: NotRequired[list[str]]
    mode: NotRequired[Mode]
    night: NotRequired[bool]
    odd: NotRequired[list[Term]]
    resource: NotRequired[str | None]
    rules: NotRequired[list[str]]
    type: NeedType
    units: NotRequired[int]
    vehicles: NotRequired[int]


class MeAnswer(TypedDict):
    """Who the token speaks for, and what it permits."""

    email: str
    id: int
    name: str
    organisation: OrganisationAnswer
    role: Role
    scopes: list[Scope]


class MonthAnswer(TypedDict):
    """A month that has a statement; a provisional one is not over."""

    closed: bool
    month: str
    provisional: bool


class MonthPage(TypedDict):
    """A page of months, the newest first."""

    items: list[MonthAnswer]
    next: str | None


class MoveIn(TypedDict):
    """The new wish of a booking."""

    city: NotRequired[str | None]
    earlier_minutes: NotRequired[int]
    extras: NotRequired[list[ExtraNeed]]
    later_minutes: NotRequired[int]
    minutes: int
    need: PresetNeed | MainNeed
    offer: NotRequired[str | None]
    other_city: NotRequired[bool]
    override: NotRequired[list[Literal["booking_too_long", "briefing_ends", "briefing_missing", "closed_hours", "driver_missing", "insurance_ends", "insurance_missing", "lead_too_long", "lead_too_short", "not_at_night", "not_valid_then", "notice_too_short", "open_hours", "papers_not_together", "permit_ends", "permit_missing", "training_ends", "training_missing", "transport_permit_ends", "transport_permit_missing", "vehicle_missing", "weekly_hours"]]]
    override_reason: NotRequired[str]
    start: str


class MovedAnswer(TypedDict):
    """The answer to a wish to move; the booking stands at its new place where it was granted."""

    booking: BookingAnswer
    decision: DecisionAnswer
    fee_change_krw: int | None
    repairs: list[RepairAnswer]
    request: str


class Named(TypedDict):
    """A name in both languages."""

    en: str
    ko: str


class NeedAnswer(TypedDict):
    """A need as it was asked; the main one has no offset and inherits the length."""

    kinds: list[str]
    minutes: int | None
    mode: Mode
    night: bool
    odd: list[TermAnswer]
    offset_minutes: int
    resource: str | None
    rules: list[str]
    type: NeedType
    units: int
    vehicles: int


class NoticesAnswer(TypedDict):
    """How the member is told of each group; `digest_hour` is an hour of the day in Korea."""

    digest_hour: int
    items: list[GroupAnswer]


class NoticesIn(TypedDict):
    """How groups are to be told; what is not named stays as it is. Safety always comes at once."""

    approvals: NotRequired[Literal["at_once", "daily", "never"] | None]
    bookings: NotRequired[Literal["at_once", "daily", "never"] | None]
    organisation: NotRequired[Literal["at_once", "daily", "never"] | None]
    papers: NotRequired[Literal["at_once", "daily", "never"] | None]
    planning: NotRequired[Literal["at_once", "daily", "never"] | None]
    reminders: NotRequired[Literal["at_once", "never"] | None]
    series: NotRequired[Literal["at_once", "daily", "never"] | None]
    together: NotRequired[Literal["at_once", "daily", "never"] | None]
    waitlist: NotRequired[Literal["at_once", "never"] | None]


class OfferAnswer(TypedDict):
    """A way to serve the wish; `offer` names it in a request."""

    charges: list[ChargeAnswer]
    cost: CostAnswer
    end: str
    fee_illustrative: bool
    fee_krw: int | None
    lines: list[LineAnswer]
    offer: str
    rule: str
    start: str
    zone: str


class OpeningAnswer(TypedDict):
    """The calendar of a resource."""

    closed_on_public_holidays: bool
    id: str
    name: Named
    windows: list[HoursAnswer]


class OrganisationAnswer(TypedDict):
    """The organisation for which a member acts."""

    id: str
    name: Named
    type: str


class PairAnswer(TypedDict):
    """A cancelled booking, and the one that took its place anew."""

    again: PlacedAnswer
    cancelled: PlacedAnswer
    organisation: str


class PairPage(TypedDict):
    """Who cancelled and booked again, the latest first."""

    items: list[PairAnswer]
    next: str | None


class PaperAnswer(TypedDict):
    """A paper: only an accepted one counts, from its first to its last local day, both included.

    `covers` are ids of routes, facilities and cities, or "public-roads"; `why` is the reason of a
    rejection; `document` is the name of the file behind it.
    """

    covers: list[str]
    document: str | None
    driver: str | None
    id: str
    kind: PaperKind
    number: str
    organisation: str
    site: str | None
    state: PaperState
    valid_from: str
    valid_until: str
    vehicle: str | None
    version: int
    why: str


class PaperChangeIn(TypedDict):
    """A paper as it is to be; the kind stays."""

    covers: NotRequired[list[str]]
    driver: NotRequired[str | None]
    kind: PaperKind
    number: NotRequired[str]
    site: NotRequired[str | None]
    valid_from: str
    valid_until: NotRequired[str | None]
    vehicle: NotRequired[str | None]
    version: NotRequired[int]


class PaperIn(TypedDict):
    """A paper: what its kind does not have is left out.

    A permit is of a vehicle and names places, a limited-transport permit too, but may be of the
    whole organisation as an insurance may; training and briefing are of a driver, a briefing also
    of a site; without `valid_until` it counts as long as the site's rule says.
    """

    covers: NotRequired[list[str]]
    driver: NotRequired[str | None]
    kind: PaperKind
    number: NotRequired[str]
    site: NotRequired[str | None]
    valid_from: str
    valid_until: NotRequired[str | None]
    vehicle: NotRequired[str | None]


class PaperPage(TypedDict):
    """A page of papers in the order in which they were entered."""

    items: list[PaperAnswer]
    next: str | None


class PartAnswer(TypedDict):
    """What an organisation answered to an invitation."""

    booking: str
    organisation: str
    state: Literal["leads", "invited", "accepted", "declined", "left"]


class PartyAnswer(TypedDict):
    """One organisation of a joint booking, and the vehicles for which it answers."""

    organisation: str
    state: Literal["leads", "invited", "accepted", "declined", "left"]
    vehicles: int


class PlaceAnswer(TypedDict):
    """Where a request stands. Of those ahead only their points are told."""

    ahead: list[FiguresAnswer]
    booking: str | None
    id: str
    of: int
    organisation: str
    own: FiguresAnswer | None
    partial: bool
    passed: int
    position: int
    state: Literal["waiting", "offered", "served", "withdrawn", "lapsed", "unanswered"]
    until: str
    wish: WishAnswer


class PlacePage(TypedDict):
    """Those who hold an offer, then those who wait, the first in rank first."""

    items: list[PlaceAnswer]
    next: str | None


class PlacedAnswer(TypedDict):
    """A booking on its main resource; `at` is when it was cancelled or asked for."""

    at: str
    booking: str
    end: str
    resource: str
    start: str


class PresetNeed(TypedDict):
    """The main need of a kind of test (GET /test-kinds)."""

    mode: NotRequired[Mode]
    test_kind: str
    vehicles: NotRequired[int]


class Problem(TypedDict):
    """An error (RFC 9457); `code` is stable, `detail` is for people."""

    code: str
    detail: str
    errors: NotRequired[list[FieldProblem]]
    instance: str
    status: int
    title: str
    type: str


class ProvenanceAnswer(TypedDict):
    """Where the figures come from: which fields are on record, and by which sources."""

    kind: str
    note: str
    recorded: list[str]
    sources: list[str]


class ReasonAnswer(TypedDict):
    """Why a rule says no; `override` is the role that may overrule it."""

    code: str
    detail: str
    fields: dict[str, Any]
    override: Role | None
    resource: str | None


class ReceiverIn(TypedDict):
    """To whom a booking is offered."""

    organisation: str


class RefusedDate(TypedDict):
    """A date that stood in the way of a whole series."""

    day: str
    decision: DecisionAnswer


class RejectIn(TypedDict):
    """Why it is rejected, and the version that was looked at."""

    reason: str
    version: NotRequired[int]


class ReopenedAnswer(TypedDict):
    """A closure, the bookings that have their place again, and those displaced still."""

    closure: ClosureAnswer
    displaced: list[str]
    restored: list[str]


class RepairAnswer(TypedDict):
    """A changed wish that finds something, and what it finds first; to wait finds nothing yet."""

    changes: list[ChangeAnswer]
    detail: str
    offer: OfferAnswer | None
    price: int
    request: dict[str, Any]


class RequestAnswer(TypedDict):
    """A request and what was decided; `booking` stands where it asked, if any does."""

    booking: str | None
    decision: DecisionAnswer
    id: str
    organisation: str
    submitted_at: str
    wish: WishAnswer


class RequestIn(TypedDict):
    """A request: the best offer within the wish is held, or the offer that is named."""

    apart: NotRequired[list[str]]
    city: NotRequired[str | None]
    earlier_minutes: NotRequired[int]
    extras: NotRequired[list[ExtraNeed]]
    later_minutes: NotRequired[int]
    member: NotRequired[int | None]
    minutes: int
    need: PresetNeed | MainNeed
    offer: NotRequired[str | None]
    organisation: NotRequired[str | None]
    other_city: NotRequired[bool]
    override: NotRequired[list[Literal["booking_too_long", "briefing_ends", "briefing_missing", "closed_hours", "driver_missing", "insurance_ends", "insurance_missing", "lead_too_long", "lead_too_short", "not_at_night", "not_valid_then", "notice_too_short", "open_hours", "papers_not_together", "permit_ends", "permit_missing", "training_ends", "training_missing", "transport_permit_ends", "transport_permit_missing", "vehicle_missing", "weekly_hours"]]]
    override_reason: NotRequired[str]
    partial: NotRequired[bool]
    partners: NotRequired[list[str]]
    start: str
    wait: NotRequired[bool]


class RequestPage(TypedDict):
    """A page of requests, the newest first."""

    items: list[RequestAnswer]
    next: str | None


class ResourcePage(TypedDict):
    """A page of resources, in the order of the catalogue."""

    items: list[ResourceAnswer]
    next: str | None


class Rhythm(TypedDict):
    """A recurrence rule (RFC 5545): by days or weeks, at most 60 dates."""

    rule: str


class RouteAnswer(TypedDict):
    """A route; capacity counts vehicles at once."""

    bookable: bool
    city: str
    corridor: str | None
    fee: FeeAnswer
    id: str
    kind: str
    max_vehicles_exclusive: int
    max_vehicles_shared: int
    modes: list[Mode]
    name: Named
    odd: dict[str, bool | int | float | str | list[str]]
    opening: OpeningAnswer
    provenance: ProvenanceAnswer
    rule: RuleAnswer
    site: str
    site_name: Named
    status: str
    type: NotRequired[Literal["route"]]
    valid_from: str | None
    valid_until: str | None
    zone: str


class RuleAnswer(TypedDict):
    """The rule profile that governs bookings of this resource as the main need."""

    approval_days: int
    approval_silence: str
    approvals: list[str]
    cleanup_min: int
    free_cancel_until_hours: int
    id: str
    late_cancel_counts_as_use: bool
    max_hours_per_org_week: int
    max_lead_days: int
    min_lead_days: int
    name: Named
    setup_min: int
    slot_min: int
    slot_step_min: int


class ScheduleAnswer(TypedDict):
    """The schedule of a local day."""

    day: str
    items: list[UseAnswer]


class SearchIn(TypedDict):
    """A search; `organisation` is for those who act for all."""

    city: NotRequired[str | None]
    earlier_minutes: NotRequired[int]
    extras: NotRequired[list[ExtraNeed]]
    later_minutes: NotRequired[int]
    limit: NotRequired[int]
    minutes: int
    need: PresetNeed | MainNeed
    organisation: NotRequired[str | None]
    other_city: NotRequired[bool]
    override: NotRequired[list[Literal["booking_too_long", "briefing_ends", "briefing_missing", "closed_hours", "driver_missing", "insurance_ends", "insurance_missing", "lead_too_long", "lead_too_short", "not_at_night", "not_valid_then", "notice_too_short", "open_hours", "papers_not_together", "permit_ends", "permit_missing", "training_ends", "training_missing", "transport_permit_ends", "transport_permit_missing", "vehicle_missing", "weekly_hours"]]]
    start: str


class SeriesAnswer(TypedDict):
    """A series with its dates in order."""

    confirmed_at: str | None
    created_at: str
    dates: list[DateAnswer]
    id: str
    name: str
    organisation: str
    pattern: str
    rule: str | None
    skip_holidays: bool
    version: int
    wish: WishAnswer
    zone: str


class SeriesCancelIn(TypedDict):
    """Which dates are given back."""

    day: str
    preview: NotRequired[bool]
    scope: NotRequired[Literal["this", "following", "all"]]


class SeriesEditIn(TypedDict):
    """What is to be otherwise; what is not named stays."""

    at: NotRequired[str | None]
    day: str
    days: NotRequired[int]
    minutes: NotRequired[int | None]
    resource: NotRequired[str | None]
    scope: NotRequired[Literal["this", "following", "all"]]


class SeriesExtendIn(TypedDict):
    """More dates: by its rule until a day, or chosen ones where it has no rule."""

    dates: NotRequired[list[str]]
    until: NotRequired[str | None]


class SeriesIn(TypedDict):
    """A wish that repeats: its start tells the first day and the time of day, at the place."""

    all_or_nothing: NotRequired[bool]
    city: NotRequired[str | None]
    earlier_minutes: NotRequired[int]
    extras: NotRequired[list[ExtraNeed]]
    later_minutes: NotRequired[int]
    minutes: int
    name: NotRequired[str | None]
    need: PresetNeed | MainNeed
    organisation: NotRequired[str | None]
    other_city: NotRequired[bool]
    repeat: Rhythm | Listed
    skip_holidays: NotRequired[bool]
    start: str


class SeriesPage(TypedDict):
    """A page of series, the newest first."""

    items: list[SeriesSummary]
    next: str | None


class SeriesPreview(TypedDict):
    """What would become of every date; nothing is kept."""

    dates: list[ForeseenAnswer]
    pattern: str


class SeriesSummary(TypedDict):
    """A series in a few words."""

    created_at: str
    id: str
    name: str
    organisation: str
    pattern: str
    standing: str


class SessionIn(TypedDict):
    """A session of one vehicle; `vehicle` and `driver` are ids of papers."""

    driver: NotRequired[str | None]
    ended_at: str
    incident: NotRequired[str]
    km: float
    resource: str
    started_at: str
    takeovers: int
    vehicle: NotRequired[str | None]


class ShareIn(TypedDict):
    """How many of the vehicles a partner brings."""

    organisation: str
    vehicles: int


class SharesIn(TypedDict):
    """The vehicles of the partners; the rest are the leading organisation's."""

    shares: list[ShareIn]


class SharingAnswer(TypedDict):
    """The sharing wishes of an organisation."""

    apart: list[str]
    shows_name: bool


class SharingIn(TypedDict):
    """The sharing wishes of an organisation, all of them."""

    apart: NotRequired[list[str]]
    shows_name: NotRequired[bool]


class ShortenIn(TypedDict):
    """The part of the slot that is kept; what is left out stays as it is."""

    end: NotRequired[str | None]
    start: NotRequired[str | None]


class SignatureAnswer(TypedDict):
    """The signature over the canonical text of all the rest."""

    algorithm: Literal["HMAC-SHA256"]
    value: str


class SignedUsage(TypedDict):
    """Records of use, signed by this installation; `testbed usage verify` checks the file."""

    format: str
    organisation: str | None
    records: list[dict[str, Any]]
    signature: SignatureAnswer
    since: str | None
    until: str | None
    written_at: str


class SpanAnswer(TypedDict):
    """A half-open span of time."""

    end: str
    start: str


class StandingAnswer(TypedDict):
    """What ranks an organisation: the least burden is served first."""

    alike: int
    burden: int
    hours: int
    of: int
    organisation: str
    place: int
    rebooks: int
    type_hours: int


class StandingPage(TypedDict):
    """Every organisation, the first to be served first."""

    items: list[StandingAnswer]
    next: str | None


class StartedAnswer(TypedDict):
    """The answer to a series: null where all or nothing was asked and some dates do not fit."""

    refused: list[RefusedDate]
    series: SeriesAnswer | None


class StartsAnswer(TypedDict):
    """Starts that serve: every quarter of an hour from `first` to `last`."""

    first: str
    last: str


class StatementAnswer(TypedDict):
    """The statement of a month; `digest` is the SHA-256 of what was kept when it was closed."""

    by_kind: list[SumAnswer]
    by_state: list[SumAnswer]
    closed_at: str | None
    digest: str | None
    illustrative: bool
    krw: int
    lines: list[EntryAnswer]
    month: str
    organisation: str
    provisional: bool


class StopIn(TypedDict):
    """What is closed at once, for how long (null: until it is reopened), and why."""

    minutes: int | None
    reason: str
    target: str


class StoppedAnswer(TypedDict):
    """A closure, and the ids of the bookings that it ended and displaced."""

    closure: ClosureAnswer
    displaced: list[str]
    ended: list[str]


class SubmittedAnswer(TypedDict):
    """The answer to a request; `booking` is the hold, where it was granted."""

    booking: BookingAnswer | None
    decision: DecisionAnswer
    id: str
    repairs: list[RepairAnswer]


class SumAnswer(TypedDict):
    """What a kind of resource, or a state, comes to."""

    hours: float
    key: str
    krw: int


class TakenOverAnswer(TypedDict):
    """The answer to who takes a booking over: granted, or the reasons why not."""

    decision: DecisionAnswer
    handover: HandoverAnswer
    request: str


class TemplateAnswer(TypedDict):
    """A wish under a name."""

    created_at: str
    id: str
    name: str
    organisation: str
    request: dict[str, Any]
    wish: WishAnswer


class TemplateIn(TypedDict):
    """A wish under a name; the date of its start tells the weekday alone."""

    city: NotRequired[str | None]
    earlier_minutes: NotRequired[int]
    extras: NotRequired[list[ExtraNeed]]
    later_minutes: NotRequired[int]
    minutes: int
    name: str
    need: PresetNeed | MainNeed
    organisation: NotRequired[str | None]
    other_city: NotRequired[bool]
    start: str


class TemplateNameIn(TypedDict):
    """What a template is to be called."""

    name: str


class TemplatePage(TypedDict):
    """A page of templates, by name."""

    items: list[TemplateAnswer]
    next: str | None


class Term(TypedDict):
    """A demand on an ODD attribute (ISO 34503): any or all of a list, min or max, or is."""

    attribute: str
    test: Literal["any", "all", "min", "max", "is"]
    value: bool | float | str | list[str]


class TermAnswer(TypedDict):
    """A demand on an ODD attribute."""

    attribute: str
    test: str
    value: bool | int | float | str | list[str]


class TestSent(TypedDict):
    """The delivery of a test event, which goes out within seconds."""

    delivery: str


class TogetherAnswer(TypedDict):
    """What a booking has to do with others."""

    beside: BesideAnswer
    booked_for: str | None
    booking: str
    handover: HandoverAnswer | None
    parties: list[PartyAnswer]


class UsageAnswer(TypedDict):
    """A session as it is kept; plate and driver as the papers have them."""

    booking: str
    driver: str | None
    driver_name: str
    ended_at: str
    entered_at: str
    id: str
    incident: str
    km: float
    organisation: str
    plate: str
    resource: str
    started_at: str
    takeovers: int
    vehicle: str | None


class UsagePage(TypedDict):
    """A page of records, by start."""

    items: list[UsageAnswer]
    next: str | None


class UseAnswer(TypedDict):
    """One use of a resource; of another organisation only that it is busy."""

    booking: str | None
    city: str
    end: str
    kind: str
    mode: Mode | None
    name: Named
    organisation: str | None
    resource: str
    service: Named | None
    site: str
    start: str
    state: str
    units: int | None
    vehicles: int | None
    zone: str


class VehicleAnswer(TypedDict):
    """A vehicle; a retired one can no longer be named."""

    id: str
    name: str
    organisation: str
    plate: str
    retired: bool
    sae_level: int
    type: VehicleType


class VehicleIn(TypedDict):
    """A vehicle; `type` is that of its temporary operation permit, the level that of SAE J3016."""

    name: str
    plate: str
    sae_level: int
    type: VehicleType


class VehiclePage(TypedDict):
    """A page of vehicles by id."""

    items: list[VehicleAnswer]
    next: str | None


class VisitAnswer(TypedDict):
    """When they came and left; `ending` says how it ended."""

    arrived_at: str | None
    booking: str
    ending: Ending | None
    kept_waiting: bool
    left_at: str | None
    overruns: bool


class WaitAnswer(TypedDict):
    """A booking and what was asked about it, in the last round."""

    approvals: list[ApprovalAnswer]
    booking: BookingAnswer
    silence: Literal["confirmed", "rejected"] | None


class WaitPage(TypedDict):
    """Bookings that wait for approval, the earliest deadline first."""

    items: list[WaitAnswer]
    next: str | None


class WebhookAnswer(TypedDict):
    """A webhook; `events` empty takes all, `organisation` null is the operators' (everybody's)."""

    created_at: str
    disabled_at: str | None
    disabled_why: str | None
    events: list[str]
    id: str
    organisation: str | None
    url: str


class WebhookIn(TypedDict):
    """Where events are sent, and which; none named sends all of them."""

    events: NotRequired[list[str]]
    url: str


class WebhookPage(TypedDict):
    """A page of webhooks, the oldest first."""

    items: list[WebhookAnswer]
    next: str | None


class WebhookSecret(TypedDict):
    """A webhook with the secret that signs its events; no later answer holds it."""

    created_at: str
    disabled_at: str | None
    disabled_why: str | None
    events: list[str]
    id: str
    organisation: str | None
    secret: str
    url: str


class WishAnswer(TypedDict):
    """A wish as it was asked; starts from `earliest` to `latest` serve."""

    city: str | None
    earliest: str
    latest: str
    minutes: int
    needs: list[NeedAnswer]
    offer: str | None
    other_city: bool
    override: list[str]
    start: str
    test_kind: str | None
    wait: bool


Choice: TypeAlias = Literal["at_once", "daily", "never"]

DeliveryState: TypeAlias = Literal["waiting", "retrying", "delivered", "given_up"]

Ending: TypeAlias = Literal["left", "stopped", "not_checked_out"]

Group: TypeAlias = Literal[
    "safety",
    "bookings",
    "reminders",
    "waitlist",
    "approvals",
    "papers",
    "series",
    "together",
    "organisation",
    "planning",
]

Kind: TypeAlias = Literal["member", "organisation", "resource", "city"]

Mode: TypeAlias = Literal["shared", "exclusive", "whole_site"]

NeedType: TypeAlias = Literal["route", "facility"]

PaperKind: TypeAlias = Literal["permit", "transport_permit", "insurance", "training", "briefing"]

PaperState: TypeAlias = Literal["waiting", "accepted", "rejected", "withdrawn"]

Role: TypeAlias = Literal["member", "manager", "operator", "planner", "observer", "administrator"]

Scope: TypeAlias = Literal["read", "book", "operate", "plan", "admin"]

State: TypeAlias = Literal[
    "held",
    "pending",
    "confirmed",
    "checked_in",
    "completed",
    "cancelled",
    "expired",
    "rejected",
    "displaced",
    "no_show",
]

Status: TypeAlias = Literal["queued", "running", "done", "failed", "cancelled"]

VehicleType: TypeAlias = Literal["A", "B", "C"]

ResourceAnswer: TypeAlias = RouteAnswer | FacilityAnswer
