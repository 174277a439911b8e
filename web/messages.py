"""Extraction of the sentences and labels that stand in tables, for the message catalogues."""

import ast
from collections.abc import Iterator
from typing import BinaryIO

Message = tuple[int, str, str, list[str]]


def extract_tables(
    fileobj: BinaryIO,
    keywords: object,  # noqa: ARG001 -- the signature is Babel's
    comment_tags: object,  # noqa: ARG001
    options: object,  # noqa: ARG001
) -> Iterator[Message]:
    """Every text value of a dictionary that a module assigns at its top level."""
    for node in ast.parse(fileobj.read()).body:
        table = getattr(node, "value", None)
        if isinstance(table, ast.Dict):
            for value in table.values:
                if isinstance(value, ast.Constant) and isinstance(value.value, str):
                    yield value.lineno, "", value.value, []
