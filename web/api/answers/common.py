"""What every document of the API is made of.

Slots are half-open; their moments carry the offset of the place, every other moment is in UTC.
Names stand in both languages; `detail` is a sentence in the language that the caller reads.
"""

from datetime import datetime
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

Moment = Annotated[datetime, Field(examples=["2026-12-08T10:00:00+09:00"])]
Value = bool | int | float | str | list[str]
# A reason and a document of an experiment hold what their kind needs.
Details = dict[str, object]
Next = Annotated[str | None, Field(description="`cursor` of the next page; null on the last one")]


class Answer(BaseModel):
    """A JSON object of the API; new keys may come with a new version of the product."""

    model_config = ConfigDict(frozen=True)


class Named(Answer):
    """A name in both languages."""

    en: str
    ko: str


class FieldProblem(Answer):
    """One mistake in what was sent: the part, a JSON pointer (RFC 6901) into it, code, sentence."""

    part: Literal["path", "query", "header", "body"] = Field(alias="in")
    pointer: str
    code: str
    detail: str


class Problem(Answer):
    """An error (RFC 9457); `code` is stable, `detail` is for people."""

    type: str
    title: str
    status: int
    code: str
    detail: str
    instance: str
    errors: list[FieldProblem] = Field(default=[], description="Every mistake, where there are any")
