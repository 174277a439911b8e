"""Write a typed client of the API from its OpenAPI document, with the standard library alone.

    python generate.py openapi.json > testbed_client.py
    curl -s http://127.0.0.1:8000/api/v1/openapi.json | python generate.py - > testbed_client.py

A method is called after its address: `GET /bookings` is `bookings`, `GET /bookings/{id}` is
`bookings_get`, `POST /bookings/{id}/check-in` is `bookings_check_in`. What a JSON schema says of
lengths and patterns is left to the server, which names every mistake.
"""

import json
import keyword
import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

Json = dict[str, Any]

PREFIX = "/api/v1"
WIDTH = 100
VERBS = {"patch": "change", "put": "set", "delete": "delete"}
PLAIN = {
    "string": "str",
    "integer": "int",
    "number": "float",
    "boolean": "bool",
    "null": "None",
    "object": "dict[str, Any]",
}
HEAD = Path(__file__).with_name("head.py.txt")


@dataclass(frozen=True)
class Operation:
    """One address with one method."""

    path: str
    method: str
    about: Json
    # Whether the same address is read by GET, so that the name alone would not do.
    of_post: bool = False

    @property
    def name(self) -> str:
        """What the method of the client is called."""
        parts = self.path.strip("/").split("/")
        said = [each.replace("-", "_") for each in parts if not each.startswith("{")]
        return "_".join([*said, *self._verb(parts), *(["post"] if self.of_post else [])])

    def _verb(self, parts: list[str]) -> list[str]:
        of_one = parts[-1].startswith("{")
        if self.method == "get":
            return ["get"] if of_one else []
        if self.method == "post":
            return ["answer"] if of_one else ["create"] if len(parts) == 1 else []
        return [VERBS[self.method]]

    def named(self, place: str) -> list[Json]:
        """The parameters of that place."""
        return [each for each in self.about.get("parameters", []) if each["in"] == place]

    @property
    def takes_key(self) -> bool:
        """Whether a repetition is told apart by a key."""
        return any(each["name"] == "Idempotency-Key" for each in self.named("header"))

    @property
    def takes_match(self) -> bool:
        """Whether the step may be bound to what was seen."""
        return any(each["name"] == "If-Match" for each in self.named("header"))


def operations(document: Json) -> list[Operation]:
    """Every operation, by address; two of one name are an error."""
    found = [
        Operation(path.removeprefix(PREFIX), method, about)
        for path, methods in sorted(document["paths"].items())
        for method, about in sorted(methods.items())
    ]
    read = {each.name for each in found if each.method == "get"}
    found = [replace(each, of_post=each.method == "post" and each.name in read) for each in found]
    names = [each.name for each in found]
    twice = {name for name in names if names.count(name) > 1}
    if twice:
        raise ValueError(f"operations of one name: {', '.join(sorted(twice))}")
    return found


# -- types -----------------------------------------------------------------------------------


def type_of(schema: Json) -> str:
    """The Python type of a schema, as an annotation."""
    if "$ref" in schema:
        return str(schema["$ref"].rpartition("/")[2])
    if "const" in schema:
        return f"Literal[{literal(schema['const'])}]"
    if "enum" in schema:
        return f"Literal[{', '.join(literal(each) for each in schema['enum'])}]"
    several = schema.get("anyOf") or schema.get("oneOf")
    if several:
        return " | ".join(dict.fromkeys(type_of(each) for each in several))
    return _structured(schema)


def _structured(schema: Json) -> str:
    if schema.get("type") == "array":
        return f"list[{type_of(schema.get('items', {}))}]"
    values = schema.get("additionalProperties")
    if schema.get("type") == "object" and isinstance(values, dict):
        return f"dict[str, {type_of(values)}]"
    return PLAIN.get(str(schema.get("type")), "Any")


def literal(value: object) -> str:
    """A constant as Python writes it, in double quotes."""
    return json.dumps(value, ensure_ascii=False) if isinstance(value, str) else repr(value)


def component(name: str, schema: Json) -> Iterator[str]:
    """A named schema: a dictionary of fixed keys, or another name for a type."""
    if "properties" not in schema:
        yield from _as_alias(name, schema)
        return
    required = set(schema.get("required", ()))
    fields = [
        (key, type_of(about) if key in required else f"NotRequired[{type_of(about)}]")
        for key, about in schema["properties"].items()
    ]
    plain = all(key.isidentifier() and not keyword.iskeyword(key) for key, _ in fields)
    yield from _as_class(name, schema, fields) if plain else _as_call(name, fields)


def _as_alias(name: str, schema: Json) -> Iterator[str]:
    line = f"{name}: TypeAlias = {type_of(schema)}"
    if len(line) <= WIDTH or "enum" not in schema:
        yield line
    else:
        yield f"{name}: TypeAlias = Literal["
        yield from (f"    {literal(each)}," for each in schema["enum"])
        yield "]"
    yield ""


def _as_class(name: str, schema: Json, fields: list[tuple[str, str]]) -> Iterator[str]:
    yield f"class {name}(TypedDict):"
    yield f"    {quoted(schema.get('description') or name)}"
    yield ""
    for key, said in fields:
        yield f"    {key}: {said}"
    yield ""
    yield ""


def _as_call(name: str, fields: list[tuple[str, str]]) -> Iterator[str]:
    yield f"{name} = TypedDict("
    yield f'    "{name}",'
    yield "    {"
    for key, said in fields:
        yield f"        {literal(key)}: " + (f"'{said}'," if '"' in said else f'"{said}",')
    yield "    },"
    yield ")"
    yield ""
    yield ""


def quoted(text: str) -> str:
    """A docstring."""
    said = text.strip().replace("\\", "\\\\").replace('"""', "'''")
    if "\n" not in said:
        return f'"""{said}"""'
    indented = [f"    {line}".rstrip() for line in said.splitlines()]
    return "\n".join([f'"""{said.splitlines()[0]}', *indented[1:], '    """'])


# -- methods ---------------------------------------------------------------------------------


def method(operation: Operation) -> Iterator[str]:
    """The method of an operation."""
    answer = answer_of(operation.about)
    yield f"    def {operation.name}("
    for each in ["self", *arguments(operation)]:
        yield f"        {each},"
    yield f"    ) -> {answer}:"
    yield f"        {quoted(operation.about['summary'])}"
    yield "        self._send(" if answer == "None" else "        found = self._send("
    for sent in [literal(operation.method.upper()), address(operation.path), *given(operation)]:
        yield f"            {sent}" + ("" if sent.endswith(("{", ",")) else ",")
    yield "        )"
    if answer != "None":
        yield f"        return cast({literal(answer)}, found)"
    yield ""


def arguments(operation: Operation) -> Iterator[str]:
    """What the method takes: ids first, then the body, everything else by name."""
    for each in operation.named("path"):
        yield f"{each['name']}: str"
    body = body_of(operation.about)
    if body:
        yield f"body: {body}"
    optional = list(options(operation))
    if optional:
        yield "*"
        yield from optional


def options(operation: Operation) -> Iterator[str]:
    """Parameters by name; one that is left out is not sent."""
    for each in operation.named("query"):
        said = type_of(each["schema"])
        yield f"{each['name']}: {said}" + ("" if each.get("required") else " | None = None")
    if operation.takes_match:
        yield "if_match: str | None = None"
    if operation.takes_key:
        yield "key: str | None = None"


def given(operation: Operation) -> Iterator[str]:
    """What is handed on."""
    asked = [each["name"] for each in operation.named("query")]
    if asked:
        yield "query={"
        for each in asked:
            yield f"    {literal(each)}: {each},"
        yield "}"
    if body_of(operation.about):
        yield "body=body"
    if operation.takes_match:
        yield "if_match=if_match"
    if operation.takes_key:
        yield "key=key or new_key()"


def address(path: str) -> str:
    """The path as an f-string whose holes are filled safely."""
    filled = re.sub(r"\{(\w+)\}", r"{_part(\1)}", path)
    return f'f"{filled}"' if "{" in filled else f'"{filled}"'


def body_of(about: Json) -> str:
    """The type of the body, empty where there is none."""
    content = about.get("requestBody", {}).get("content", {}).get("application/json")
    return type_of(content["schema"]) if content else ""


def answer_of(about: Json) -> str:
    """The type of what comes back when all is well."""
    for status, answer in sorted(about["responses"].items()):
        content = answer.get("content", {})
        if status.startswith("2") and content:
            found = content.get("application/json")
            return type_of(found["schema"]) if found else "bytes"
    return "None"


def client(document: Json) -> str:
    """The text of the module."""
    lines = [HEAD.read_text(encoding="utf-8").rstrip("\n"), ""]
    for operation in operations(document):
        lines += method(operation)
    lines += ["", "# -- the documents of the API " + "-" * 70, "", ""]
    schemas = sorted(document["components"]["schemas"].items(), key=_aliases_last)
    for name, schema in schemas:
        lines += component(name, schema)
    return "\n".join(lines).rstrip("\n") + "\n"


def _aliases_last(named: tuple[str, Json]) -> tuple[int, str]:
    """An alias is read where it stands, so that what it names must come before it."""
    name, schema = named
    is_union = "anyOf" in schema or "oneOf" in schema
    return (0 if "properties" in schema else 2 if is_union else 1, name)


def main() -> None:
    """Read a document from a file, or from standard input, and write the client."""
    source = sys.argv[1] if len(sys.argv) > 1 else "-"
    text = sys.stdin.read() if source == "-" else Path(source).read_text(encoding="utf-8")
    sys.stdout.write(client(json.loads(text)))


if __name__ == "__main__":
    main()
