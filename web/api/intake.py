"""Reading what was sent: path, query, headers and body, with every mistake at once."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, get_origin, get_type_hints

from flask import request
from pydantic import BaseModel, ValidationError
from pydantic.fields import FieldInfo
from pydantic_core import ErrorDetails
from werkzeug.exceptions import UnsupportedMediaType

from testbed.domain.errors import InvalidRequest, Mistake
from web.problems import InvalidFields
from web.schemas import ID, TAGS

PARTS = ("path", "query", "header", "body")
SHOWN = 80

Models = Mapping[str, type[BaseModel]]


def models_of(view: Any) -> Models:
    """The models that a view asks for, by the part of the request they read."""
    hints = get_type_hints(view)
    return {part: hints[part] for part in PARTS if part in hints}


def read(models: Models, path: Mapping[str, str]) -> dict[str, BaseModel]:
    """The parts of this request.

    Raises InvalidFields with every mistake of every part; UnsupportedMediaType and
    InvalidRequest("bad_json") for a body that is no JSON.
    """
    read_parts: dict[str, BaseModel] = {}
    mistakes: list[Mistake] = []
    for part, model in models.items():
        try:
            read_parts[part] = _read(part, model, path)
        except ValidationError as error:
            mistakes += [_mistake(part, each) for each in error.errors(include_url=False)]
        except InvalidFields as invalid:
            mistakes += invalid.mistakes
    if mistakes:
        raise InvalidFields("invalid_fields", mistakes)
    return read_parts


def _read(part: str, model: type[BaseModel], path: Mapping[str, str]) -> BaseModel:
    if part == "body":
        return _read_body(model)
    if part == "path":
        return model.model_validate(dict(path))
    return model.model_validate(_query(model) if part == "query" else _headers(model))


def _read_body(model: type[BaseModel]) -> BaseModel:
    if not request.is_json:
        raise UnsupportedMediaType
    try:
        return model.model_validate_json(request.get_data())
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        if first["type"] == "json_invalid":
            raise InvalidRequest("bad_json", detail=first["ctx"]["error"]) from None
        raise


def _query(model: type[BaseModel]) -> dict[str, Any]:
    """The query as the model takes it: a list where it has one, else one value.

    Raises InvalidFields for a value that is given twice.
    """
    given = dict(request.args.lists())
    fields = model.model_fields
    twice = [
        Mistake(f"query/{name}", "duplicate_value", {"value": name})
        for name, values in given.items()
        if len(values) > 1 and not (name in fields and _is_list(fields[name]))
    ]
    if twice:
        raise InvalidFields("invalid_fields", twice)
    return {
        name: values if name in fields and _is_list(fields[name]) else values[0]
        for name, values in given.items()
    }


def _is_list(field: FieldInfo) -> bool:
    return get_origin(field.annotation) is list


def _headers(model: type[BaseModel]) -> dict[str, str]:
    """The headers that the model names; others are none of its business."""
    names = [str(field.alias) for field in model.model_fields.values()]
    return {name: request.headers[name] for name in names if name in request.headers}


# -- mistakes --------------------------------------------------------------------------------


def _mistake(part: str, error: ErrorDetails) -> Mistake:
    code, fields = _told(error)
    return Mistake("/".join([part, *_pointer(error["loc"])]), code, fields)


def _pointer(steps: Iterable[int | str]) -> Iterator[str]:
    """The steps of a JSON pointer (RFC 6901), without the names of alternatives."""
    for step in steps:
        if step not in TAGS:
            yield str(step).replace("~", "~0").replace("/", "~1")


# What the validator calls a mistake, and the code by which the product knows it.
_CODES = {
    "missing": "missing_key",
    "extra_forbidden": "unknown_key",
    "literal_error": "unknown_value",
    "enum": "unknown_value",
    "multiple_of": "not_multiple",
    "string_too_short": "too_short",
    "string_too_long": "too_long",
    "too_short": "too_short",
    "too_long": "too_long",
    "greater_than_equal": "too_small",
    "less_than_equal": "too_large",
    "finite_number": "bad_shape",
    "string_pattern_mismatch": "bad_shape",
}
OWN_CODES = frozenset(
    {"bad_moment", "naive_time", "off_grain", "bad_date", "wrong_type", "missing_key"}
)
_TYPES = {
    "int": "int",
    "float": "number",
    "string": "text",
    "bool": "bool",
    "list": "list",
    "model": "table",
    "dict": "table",
}


def _told(error: ErrorDetails) -> tuple[str, dict[str, object]]:
    """The product's code for a mistake, and the fields of its sentence."""
    kind, context = error["type"], error.get("ctx", {})
    fields: dict[str, object] = {"value": _shown(error["input"])}
    if kind in OWN_CODES:
        return kind, {**fields, **{key: _shown(value) for key, value in context.items()}}
    if kind in ("missing", "extra_forbidden"):
        fields["key"] = error["loc"][-1]
    if kind == "string_pattern_mismatch" and context.get("pattern") == ID:
        return "bad_id", fields
    if kind in _CODES:
        return _CODES[kind], {**fields, **_limits(context)}
    return "wrong_type", {"expected": _expected(kind), "found": _found(error["input"])}


def _limits(context: Mapping[str, Any]) -> dict[str, object]:
    """The bounds that the validator names, by the words of our sentences."""
    words = {
        "ge": "least",
        "min_length": "least",
        "le": "most",
        "max_length": "most",
        "multiple_of": "step",
        "expected": "allowed",
    }
    return {words[key]: value for key, value in context.items() if key in words}


def _expected(kind: str) -> str:
    return _TYPES.get(kind.partition("_")[0], "another value")


def _found(value: object) -> str:
    names = {dict: "table", str: "text", float: "number", type(None): "null"}
    return names.get(type(value), type(value).__name__)


def _shown(value: object) -> str:
    """A value as a sentence can show it: short, and nothing but what can be shown."""
    text = "".join(
        each if each.isprintable() else "\N{REPLACEMENT CHARACTER}" for each in str(value)
    )
    return text if len(text) <= SHOWN else f"{text[:SHOWN]}…"
