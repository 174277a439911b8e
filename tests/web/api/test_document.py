"""What the document of the API promises of every operation."""

import ast
import enum
import importlib
import inspect
import pkgutil
import textwrap
from collections import defaultdict
from typing import get_args

from pydantic import BaseModel

import web.api
import web.api.answers
from tests.web.api.conftest import API
from web.api.answers.common import Answer
from web.schemas import Body

# They change nothing, so that a second one is the same as the first.
ASK_ONLY = {f"POST {API}/searches", f"POST {API}/series-previews"}
# They set the whole of a thing: sent again they change nothing more.
SET_WHOLE = {f"PUT {API}/sharing"}
# Lists that are bounded by what is asked, or by the catalogue.
WHOLE = {
    f"{API}/availability",
    f"{API}/schedule",
    f"{API}/test-kinds",
    f"{API}/me/notices",
    f"{API}/gate",
}
CHANGING = {"post", "put", "patch", "delete"}


def operations(document):
    """The name, the path, the method and the description of every operation."""
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            yield f"{method.upper()} {path}", path, method, operation


def schema_of(document, content):
    """The schema of a body or an answer, found where it is named."""
    schema = content.get("application/json", {}).get("schema", {})
    name = schema.get("$ref", "").rpartition("/")[2]
    return document["components"]["schemas"][name] if name else schema


def parameters(operation):
    return {each["name"] for each in operation.get("parameters", ())}


def test_every_operation_says_what_it_does_and_how_it_may_fail(document):
    silent = [name for name, _, _, one in operations(document) if not one.get("summary")]
    assert silent == []
    for name, _, method, operation in operations(document):
        needed = {"401", "403", "404", "422"} | (
            {"400", "409", "429"} if method != "get" else set()
        )
        if name not in ASK_ONLY:
            assert needed <= operation["responses"].keys(), name
        assert any(status.startswith("2") for status in operation["responses"]), name


def test_every_operation_that_changes_something_takes_an_idempotency_key(document):
    without = {
        name
        for name, _, method, operation in operations(document)
        if method in CHANGING and "Idempotency-Key" not in parameters(operation)
    }
    assert without == ASK_ONLY | SET_WHOLE


def test_every_view_that_takes_a_key_passes_it_on(pattern):
    """A header that a view names and never looks at would be a promise that nobody keeps."""
    idle = []
    for rule in pattern.url_map.iter_rules():
        view = pattern.view_functions[rule.endpoint]
        if not hasattr(view, "scope") or not {"POST", "PUT", "PATCH", "DELETE"} & rule.methods:
            continue
        source = textwrap.dedent(inspect.getsource(inspect.unwrap(view)))
        tree = ast.parse(source)
        names = {each.id for each in ast.walk(tree) if isinstance(each, ast.Name)}
        if "header" not in names:
            idle.append(rule.rule)
    assert set(idle) == {each.split()[1] for each in ASK_ONLY | SET_WHOLE}


def test_every_list_is_read_by_cursor(document):
    whole = set()
    for _, path, method, operation in operations(document):
        answers = [one for status, one in operation["responses"].items() if status == "200"]
        listed = any(
            "items" in schema_of(document, answer.get("content", {})).get("properties", {})
            for answer in answers
        )
        if method == "get" and listed and not {"cursor", "limit"} <= parameters(operation):
            whole.add(path)
    assert whole == WHOLE


def test_every_body_has_an_example(document):
    without = []
    for name, _, _, operation in operations(document):
        if "requestBody" in operation:
            schema = schema_of(document, operation["requestBody"]["content"])
            if not {"example", "examples"} & schema.keys():
                without.append(name)
    assert without == []


def test_every_name_in_the_document_means_one_thing():
    """The document knows models by their names alone: a second one would replace the first."""
    known = defaultdict(set)
    for package in (web.api, web.api.answers):
        for found in pkgutil.iter_modules(package.__path__, f"{package.__name__}."):
            for value in vars(importlib.import_module(found.name)).values():
                if is_model(value) and issubclass(value, Answer | Body) and value is not Answer:
                    known[value.__name__].add(value)
                    for part in parts_of(value):
                        known[part.__name__].add(part)
    assert len(known) > 100
    assert {name: each for name, each in known.items() if len(each) > 1} == {}


def is_model(value):
    return inspect.isclass(value) and issubclass(value, BaseModel)


def parts_of(model):
    """The enumerations and models of which the fields of a model are made."""
    pending = [field.annotation for field in model.model_fields.values()]
    while pending:
        each = pending.pop()
        if inspect.isclass(each) and issubclass(each, BaseModel | enum.Enum):
            yield each
        pending += get_args(each)
