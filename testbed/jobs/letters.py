"""The text of mails: a template per kind and language, filled where the mail is sent.

The first line of a template is the subject. Times are shown in the zone of the resource, as
`2026-12-08 (Tue) 10:00–13:00 KST`.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import lru_cache
from importlib.resources import files
from typing import Any

from testbed.domain.catalogue import Catalogue, Name
from testbed.domain.errors import NotFound
from testbed.domain.grid import local_moment, zone
from testbed.service import members
from testbed.service.context import Context
from testbed.service.notices import NOTICES, Group
from testbed.service.outbox import Mail

DEFAULT_ZONE = "Asia/Seoul"
WEEKDAYS = {
    "ko": ("월", "화", "수", "목", "금", "토", "일"),
    "en": ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"),
}
ROLES = {
    "ko": {
        "member": "구성원",
        "manager": "기관 담당자",
        "operator": "운영자",
        "planner": "계획 담당자",
        "observer": "참관자",
        "administrator": "관리자",
    },
    "en": {
        "member": "member",
        "manager": "organisation manager",
        "operator": "operator",
        "planner": "planner",
        "observer": "observer",
        "administrator": "administrator",
    },
}
PARTIES = {
    "ko": {"operator": "시설 운영기관", "city": "관할 시", "road_authority": "도로관리청"},
    "en": {"operator": "operator of the site", "city": "city", "road_authority": "road authority"},
}
PAPERS = {
    "ko": {
        "permit": "임시운행허가증",
        "transport_permit": "한정운수면허",
        "insurance": "보험 증명서",
        "training": "시험운전자 교육 이수증",
        "briefing": "현장 안전교육 확인서",
    },
    "en": {
        "permit": "temporary operation permit",
        "transport_permit": "limited-transport permit",
        "insurance": "insurance",
        "training": "driver training",
        "briefing": "safety briefing",
    },
}
GROUPS = {
    "ko": {
        Group.SAFETY: "안전",
        Group.BOOKINGS: "예약",
        Group.REMINDERS: "시작 알림",
        Group.WAITLIST: "대기",
        Group.APPROVALS: "승인",
        Group.PAPERS: "서류",
        Group.SERIES: "반복 예약",
        Group.TOGETHER: "공동 예약과 넘겨주기",
        Group.ORGANISATION: "기관",
        Group.PLANNING: "실험",
    },
    "en": {
        Group.SAFETY: "Safety",
        Group.BOOKINGS: "Bookings",
        Group.REMINDERS: "Reminders",
        Group.WAITLIST: "Waitlist",
        Group.APPROVALS: "Approvals",
        Group.PAPERS: "Papers",
        Group.SERIES: "Series",
        Group.TOGETHER: "Together",
        Group.ORGANISATION: "Organisation",
        Group.PLANNING: "Experiments",
    },
}
MORE = {"ko": "이 밖에 {more}건이 더 있습니다.", "en": "And {more} more."}
# Where the link of a mail leads, by kind or by what stands before its dot; {} is the ticket or the
# subject.
PAGES = {
    "invitation": "/invitations/{}",
    "password_reset": "/password-reset/{}",
    "series": "/series/{}",
    "reminder": "/bookings/{}",
    "booking": "/bookings/{}",
    "usage_due": "/usage/{}",
    "experiment": "/runs/{}",
    "booking.offered": "/waitlist",
    "waitlist": "/waitlist",
    "handover": "/handovers",
    "approval": "/bookings/{}",
    "approval.asked": "/approvals",
    "approval.due": "/approvals",
    "webhook": "/webhooks/{}",
    "digest": "/account/notices",
    "paper": "/papers/{}",
}
# Fields that hold the id of an organisation.
ORGANISATIONS = frozenset({"organisation", "from", "to"})
# Fields that hold a moment as RFC 3339, and fields that hold a day.
MOMENTS = frozenset({"until", "expires_at", "deadline", "new_end"})
DAYS = frozenset({"day", "valid_until"})


@dataclass(frozen=True, slots=True)
class Letter:
    """A mail as people read it."""

    subject: str
    body: str


def written(ctx: Context, mail: Mail, site_url: str) -> Letter:
    """The letter of a mail."""
    fields = _fields(ctx, mail, site_url)
    if "items" in fields:
        fields["listed"] = "\n\n".join(_listed(ctx, mail, site_url))
    subject, _, body = _template(mail.kind, mail.language).format_map(fields).partition("\n")
    return Letter(" ".join(subject.split()), body.strip() + "\n")


def _fields(ctx: Context, mail: Mail, site_url: str) -> dict[str, object]:
    plain = {"instructions": "", **mail.fields, "link": _link(mail, site_url), "site": site_url}
    return plain | _described(ctx, mail)


def _listed(ctx: Context, mail: Mail, site_url: str) -> Iterator[str]:
    """The items of a digest, a paragraph for each group: their subjects and where they lead."""
    said = GROUPS[mail.language]
    items = [
        Mail(mail.key, item["kind"], mail.recipient, mail.language, item["fields"])
        for item in mail.fields["items"]
    ]
    for group in Group:
        mine = [item for item in items if NOTICES[item.kind].group is group]
        lines = [f"- {_subject(ctx, item, site_url)}\n  {_link(item, site_url)}" for item in mine]
        if lines:
            yield "\n".join([f"{said[group]} ({len(lines)})", *lines])
    if mail.fields["count"] > len(items):
        yield MORE[mail.language].format(more=mail.fields["count"] - len(items))


def _subject(ctx: Context, item: Mail, site_url: str) -> str:
    first = _template(item.kind, item.language).partition("\n")[0]
    return " ".join(first.format_map(_fields(ctx, item, site_url)).split())


@lru_cache
def _template(kind: str, language: str) -> str:
    place = files("testbed.jobs") / "mails" / language / f"{kind}.txt"
    return place.read_text(encoding="utf-8")


def _link(mail: Mail, site_url: str) -> str:
    page = PAGES.get(mail.kind) or PAGES.get(mail.kind.partition(".")[0], "/")
    return site_url + page.format(mail.fields.get("ticket") or mail.fields.get("subject", ""))


def _described(ctx: Context, mail: Mail) -> dict[str, object]:
    """What people want to read in place of ids and grains."""
    fields, language = mail.fields, mail.language
    known = {name for name, value in fields.items() if isinstance(value, str)}
    described: dict[str, object] = {
        name: _moment(datetime.fromisoformat(fields[name]), language) for name in MOMENTS & known
    }
    for name in DAYS & known:
        described[name] = _day(date.fromisoformat(fields[name]), language)
    for name in ORGANISATIONS & known:
        described[name] = _organisation(ctx, fields[name], language)
    if "role" in known:
        described["role"] = ROLES[language][fields["role"]]
    if "kind" in known:
        described["paper"] = PAPERS[language].get(fields["kind"], fields["kind"])
    if "parties" in fields:
        named = (PARTIES[language][party] for party in fields["parties"])
        described |= {"parties": ", ".join(named), "text": fields.get("text") or "–"}
    if "resource" in known:
        described["resource"] = _name_of(ctx.catalogue(), fields["resource"], language)
    return described | _when_and_where(ctx, fields, language)


def _when_and_where(ctx: Context, fields: Mapping[str, Any], language: str) -> dict[str, str]:
    if "lines" in fields:
        return _place_and_time(ctx, fields, language)
    if not {"start", "end"} <= fields.keys():
        return {}
    start, end = (local_moment(fields[name], DEFAULT_ZONE) for name in ("start", "end"))
    return {"when": _span(start, end, language)}


def _place_and_time(ctx: Context, fields: Mapping[str, Any], language: str) -> dict[str, str]:
    catalogue = ctx.catalogue()
    names = [line[0] for line in fields["lines"]]
    zone_name = _zone_of(catalogue, names)
    start, end = local_moment(fields["start"], zone_name), local_moment(fields["end"], zone_name)
    return {
        "what": ", ".join(_name_of(catalogue, name, language) for name in names),
        "when": _span(start, end, language),
    }


def _organisation(ctx: Context, name: str, language: str) -> str:
    """The organisation's name; what is no id of one stays as it is."""
    try:
        return _said(members.organisation(ctx, name).name, language)
    except NotFound:
        return name


def _name_of(catalogue: Catalogue, name: str, language: str) -> str:
    """The resource's name; its id where the catalogue no longer has it."""
    try:
        resource = catalogue.resource(name)
    except NotFound:
        return name
    city = catalogue.cities[resource.city].name
    return f"{_said(resource.name, language)} ({_said(city, language)})"


def _zone_of(catalogue: Catalogue, names: list[str]) -> str:
    try:
        return catalogue.resource(names[0]).zone
    except NotFound:
        return DEFAULT_ZONE


def _said(name: Name, language: str) -> str:
    return name.ko if language == "ko" else name.en


def _span(start: datetime, end: datetime, language: str) -> str:
    begins = f"{_day(start, language)} {start:%H:%M}"
    last = end - timedelta(microseconds=1)
    if last.date() == start.date():
        ends = "24:00" if end.date() != start.date() else f"{end:%H:%M}"
        return f"{begins}–{ends} {start:%Z}"
    return f"{begins} – {_day(end, language)} {end:%H:%M} {end:%Z}"


def _moment(moment: datetime, language: str) -> str:
    local = moment.astimezone(zone(DEFAULT_ZONE))
    return f"{_day(local, language)} {local:%H:%M} {local:%Z}"


def _day(moment: date, language: str) -> str:
    return f"{moment:%Y-%m-%d} ({WEEKDAYS[language][moment.weekday()]})"
