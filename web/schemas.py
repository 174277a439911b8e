"""What the API takes: the models of bodies, queries and headers, strict and self-describing.

A body is read strictly (no text for a number, no number for a time). What stands in a model is also
what the OpenAPI document says: a value that passes the document's schema passes the model.
"""

import re
from datetime import date, datetime
from typing import Annotated, Any, Literal

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Discriminator,
    Field,
    StringConstraints,
    Tag,
    WithJsonSchema,
    model_validator,
)
from pydantic.config import JsonDict
from pydantic_core import PydanticCustomError

from testbed.domain.catalogue import Mode
from testbed.domain.grid import GRAIN_MINUTES, grain_of
from testbed.domain.requests import NeedType
from testbed.domain.rules import OVERRIDES

LONGEST_MINUTES = 31 * 24 * 60
FARTHEST_MINUTES = 60 * 24 * 60
MOST_EXTRAS = 5
MOST_TERMS = 20
MOST_UNITS = 1000
MOST_OFFERS = 20
MOST_PER_PAGE = 200
MOST_DAYS = 31

ID = r"^[A-Za-z0-9][A-Za-z0-9._-]{0,79}$"
OFFER = r"^20[0-9]{6}T[0-9]{4}Z(~[A-Za-z0-9][A-Za-z0-9._-]{0,79}){1,6}$"
# Text without control characters; a NUL is refused here.
PLAIN = r"^[^\x00-\x1f\x7f]*$"
KEY = r"^[!-~]{1,200}$"
CURSOR = r"^[A-Za-z0-9_-]{8,200}$"
# Every day that a year of this century has.
DAY = (
    r"20[0-9]{2}-((0[13578]|1[02])-(0[1-9]|[12][0-9]|3[01])|(0[469]|11)-(0[1-9]|[12][0-9]|30)"
    r"|02-(0[1-9]|1[0-9]|2[0-8]))|20([02468][048]|[13579][26])-02-29"
)
OFFSET = r"(Z|[+-](0[0-9]|1[0-4]):(00|15|30|45))"
ON_GRID = rf"^({DAY})T([01][0-9]|2[0-3]):(00|15|30|45):00{OFFSET}$"
MOMENT = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]{1,6})?(Z|[+-][0-9]{2}:[0-9]{2})?"
)


def _read_grain(value: object) -> int:
    """The grain that begins at an RFC 3339 moment; only text is looked at."""
    moment = _moment(value) if isinstance(value, str) and MOMENT.fullmatch(value) else None
    if moment is None or moment.year // 100 != 20:
        raise PydanticCustomError("bad_moment", "{value} is no moment", {"value": value})
    if moment.tzinfo is None:
        raise PydanticCustomError("naive_time", "{value} names no zone", {"value": value})
    if not re.fullmatch(ON_GRID, str(value)):
        fields = {"value": value, "minutes": GRAIN_MINUTES}
        raise PydanticCustomError("off_grain", "{value} is not on the grid", fields)
    return grain_of(moment)


def _moment(text: str) -> datetime | None:
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        return None


def _read_day(value: object) -> date:
    if not isinstance(value, str) or not re.fullmatch(DAY, value):
        raise PydanticCustomError("bad_date", "{value} is no date", {"value": value})
    return date.fromisoformat(value)


def _read_number(value: object) -> object:
    """A number of a query: digits and nothing else."""
    if isinstance(value, str) and re.fullmatch(r"-?[0-9]{1,9}", value):
        return int(value)
    fields = {"expected": "int", "found": "text"}
    raise PydanticCustomError("wrong_type", "{found} is no {expected}", fields)


def _whole(value: object) -> object:
    """A whole number of a body as an int: JSON does not tell 15 from 15.0."""
    return int(value) if isinstance(value, float) and value.is_integer() else value


def _read_switch(value: object) -> object:
    """A switch of a query: the words true and false."""
    if value in ("true", "false"):
        return value == "true"
    raise PydanticCustomError("wrong_type", "no bool", {"expected": "bool", "found": "text"})


Id = Annotated[str, StringConstraints(pattern=ID)]
Word = Annotated[str, StringConstraints(min_length=1, max_length=80, pattern=PLAIN)]
Number = Annotated[float, Field(ge=-1e9, le=1e9, allow_inf_nan=False)]
# Bounds come before the reading: so they stand in the document too.
_UNITS = Field(ge=1, le=MOST_UNITS)
_MINUTES = Field(ge=GRAIN_MINUTES, le=LONGEST_MINUTES, multiple_of=GRAIN_MINUTES)
_MARGIN = Field(ge=0, le=FARTHEST_MINUTES, multiple_of=GRAIN_MINUTES)
_OFFSET = Field(ge=-LONGEST_MINUTES, le=LONGEST_MINUTES, multiple_of=GRAIN_MINUTES)
WHOLE = BeforeValidator(_whole)
Units = Annotated[int, _UNITS, BeforeValidator(_whole)]
Minutes = Annotated[int, _MINUTES, BeforeValidator(_whole)]
Margin = Annotated[int, _MARGIN, BeforeValidator(_whole)]
Offset = Annotated[int, _OFFSET, BeforeValidator(_whole)]
Offers = Annotated[int, Field(ge=1, le=MOST_OFFERS), BeforeValidator(_whole)]
Rule = Annotated[
    str,
    StringConstraints(pattern=rf"^({'|'.join(sorted(OVERRIDES))})$"),
    WithJsonSchema({"type": "string", "enum": sorted(OVERRIDES)}),
]
Rules = Annotated[list[Rule], Field(max_length=20)]
Why = Annotated[str, StringConstraints(max_length=500, pattern=PLAIN)]
OfferId = Annotated[str, StringConstraints(pattern=OFFER)]
# A grain, read from a moment on the grid.
Start = Annotated[
    int,
    BeforeValidator(_read_grain),
    WithJsonSchema({"type": "string", "pattern": ON_GRID, "example": "2026-12-08T10:00:00+09:00"}),
]
Day = Annotated[
    date,
    BeforeValidator(_read_day),
    WithJsonSchema({"type": "string", "pattern": rf"^({DAY})$", "example": "2026-12-08"}),
]
PageSize = Annotated[int, Field(ge=1, le=MOST_PER_PAGE), BeforeValidator(_read_number)]
DayCount = Annotated[int, Field(ge=1, le=MOST_DAYS), BeforeValidator(_read_number)]
MinutesAsked = Annotated[int, _MINUTES, BeforeValidator(_read_number)]
UnitsAsked = Annotated[int, _UNITS, BeforeValidator(_read_number)]
Switch = Annotated[bool, BeforeValidator(_read_switch)]
Type = Annotated[NeedType, Field(strict=False)]
Use = Annotated[Mode, Field(strict=False)]


class Body(BaseModel):
    """A JSON object with fixed keys, read strictly."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


def _without_null(schema: dict[str, Any]) -> None:
    """Say of optional parameters what they are when they are sent: null has no text."""
    for name, about in schema["properties"].items():
        if about.get("default", 0) is None:
            del about["default"]
            given = [each for each in about.pop("anyOf") if each != {"type": "null"}]
            schema["properties"][name] = {**about, **given[0]}


class Parameters(BaseModel):
    """Parameters of a query, path or header; every value comes as text."""

    model_config = ConfigDict(extra="forbid", frozen=True, json_schema_extra=_without_null)


# -- needs and wishes ------------------------------------------------------------------------


def _kind_of_value(value: object) -> str | None:
    kinds = {bool: "a switch", int: "a number", float: "a number", str: "a word", list: "a list"}
    return kinds.get(type(value))


Words = Annotated[list[Word], Field(max_length=MOST_TERMS)]
OddValue = Annotated[
    Annotated[bool, Tag("a switch")]
    | Annotated[Number, Tag("a number")]
    | Annotated[Word, Tag("a word")]
    | Annotated[Words, Tag("a list")],
    Discriminator(_kind_of_value),
]


class Term(Body):
    """A demand on an ODD attribute (ISO 34503): any or all of a list, min or max, or is."""

    attribute: Id
    test: Literal["any", "all", "min", "max", "is"]
    value: OddValue


class AnyNeed(Body):
    """What every need may say."""

    type: Type
    odd: Annotated[list[Term], Field(max_length=MOST_TERMS)] = []
    rules: Annotated[list[Id], Field(max_length=MOST_TERMS, description="Rule profiles")] = []
    night: bool = Field(default=False, description="Inside 21:00 to 06:00 local time")
    units: Units = Field(default=1, description="Units of a facility")
    vehicles: Units = Field(default=1, description="Vehicles on a route")
    mode: Use = Mode.SHARED


class MainNeed(AnyNeed):
    """The main need: a resource by its id, or any that fits the rest."""

    resource: Id | None = None
    kinds: Annotated[list[Id], Field(max_length=MOST_TERMS, description="Any of these")] = []


class PresetNeed(Body):
    """The main need of a kind of test (GET /test-kinds)."""

    test_kind: Id
    vehicles: Units = 1
    mode: Use = Mode.SHARED


class ExtraNeed(AnyNeed):
    """What is needed beside the main need: a resource by its id, or any of some kinds."""

    model_config = ConfigDict(
        json_schema_extra={"anyOf": [{"required": ["resource"]}, {"required": ["kinds"]}]}
    )

    resource: Id = Field(default="", validate_default=False)
    kinds: Annotated[list[Id], Field(min_length=1, max_length=MOST_TERMS)] = Field(
        default=[], description="Any of these"
    )
    offset_minutes: Offset = Field(default=0, description="After the main start; may be negative")
    minutes: Minutes | None = Field(default=None, description="As long as the main need if null")

    @model_validator(mode="after")
    def _names_something(self) -> "ExtraNeed":
        if not self.resource and not self.kinds:
            raise PydanticCustomError("missing_key", "no kinds", {"key": "kinds"})
        return self


def _kind_of_need(need: object) -> str:
    """Which kind of main need this is, by the key that only one has."""
    return "a preset" if isinstance(need, dict) and "test_kind" in need else "a need"


Need = Annotated[
    Annotated[PresetNeed, Tag("a preset")] | Annotated[MainNeed, Tag("a need")],
    Discriminator(_kind_of_need),
]
# What the validator names in the place of a mistake, and is no key of the body.
TAGS = frozenset(
    {"a switch", "a number", "a word", "a list", "a preset", "a need", "a rhythm", "chosen days"}
)


EXAMPLE: JsonDict = {
    "start": "2026-12-08T10:00:00+09:00",
    "minutes": 180,
    "later_minutes": 4320,
    "need": {"test_kind": "adverse_weather"},
    "extras": [{"type": "facility", "kinds": ["control_desk"]}],
    "city": "hwaseong",
}


class Wish(Body):
    """What is wished, when, and how far from it still serves."""

    model_config = ConfigDict(json_schema_extra={"example": EXAMPLE})

    start: Start = Field(description="Wished start, with its offset, on a quarter of an hour")
    minutes: Minutes = Field(description="Wished length; rounded up to the steps of the rule")
    earlier_minutes: Margin = Field(default=0, description="How much earlier still serves")
    later_minutes: Margin = Field(default=0, description="How much later still serves")
    need: Need
    extras: Annotated[list[ExtraNeed], Field(max_length=MOST_EXTRAS)] = []
    city: Id | None = Field(default=None, description="Preferred city")
    other_city: bool = Field(default=True, description="Whether other cities serve")


class Eased(Wish):
    """A wish for which an operator may set rules aside."""

    override: Rules = Field(default=[], description="Rules set aside, by code; operators only")


class SearchIn(Eased):
    """A search; `organisation` is for those who act for all."""

    organisation: Id | None = None
    limit: Offers = 10


class Reasoned(Eased):
    """A wish that is decided and kept; rules are set aside for a written reason."""

    override_reason: Why = Field(default="", description="Asked for beside `override`")


class RequestIn(Reasoned):
    """A request: the best offer within the wish is held, or the offer that is named."""

    organisation: Id | None = Field(default=None, description="For those who act for all")
    wait: bool = Field(default=False, description="Wait when nothing fits")
    partial: bool = Field(default=False, description="While waiting, a part serves as well")
    offer: OfferId | None = Field(default=None, description="Judge this offer of a search only")
    partners: Annotated[list[Id], Field(max_length=5)] = Field(
        default=[], description="Organisations that take part, each with its own vehicles"
    )
    apart: Annotated[list[Id], Field(max_length=50)] = Field(
        default=[], description="Organisations beside whom this shares no route or corridor"
    )
    member: Annotated[int, Field(ge=1, le=2**31 - 1), BeforeValidator(_whole)] | None = Field(
        default=None, description="The member for whom an operator asks, and who is told"
    )


class MoveIn(Reasoned):
    """The new wish of a booking."""

    offer: OfferId | None = Field(default=None, description="Judge this offer of a search only")


# -- paths, queries and headers --------------------------------------------------------------


class Named(Parameters):
    """The id in the path."""

    id: Id


class Paged(Parameters):
    """A page of a list."""

    limit: PageSize = 50
    cursor: str | None = Field(
        default=None, pattern=CURSOR, description="`next` of the page before"
    )


class Conditional(Parameters):
    """A read that is spared where nothing has changed."""

    if_none_match: str | None = Field(default=None, alias="If-None-Match", max_length=1000)


class Once(Parameters):
    """A change that may be sent twice."""

    idempotency_key: str | None = Field(
        default=None,
        alias="Idempotency-Key",
        pattern=KEY,
        description="The same key with the same body is answered as before",
    )


class Careful(Once):
    """A change that is made only to what the client has seen."""

    if_match: str | None = Field(
        default=None,
        alias="If-Match",
        max_length=1000,
        description="ETag of the booking that was seen",
    )
