"""Programs that ask the API: one for each person, with a token of all the scopes they may have."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from testbed.domain.parties import Member, Role
from testbed.service import members, tokens
from testbed.service.actors import SYSTEM
from testbed.service.context import Context
from tests.web.conftest import NOW, PASSWORD

API = "/api/v1"
# A place and a time at which the packaged catalogue is free.
WISH = {
    "start": "2026-12-08T10:00:00+09:00",
    "minutes": 180,
    "need": {"test_kind": "adverse_weather"},
    "city": "hwaseong",
}
OTHERS = (
    Member(0, "org-gyeonggi", "plan@example.org", "Plan", Role.PLANNER),
    Member(0, "demo-narae", "see@example.org", "See", Role.OBSERVER),
)


@dataclass
class Program:
    """A client that sends its token, and asks for English."""

    client: FlaskClient
    token: str

    def get(self, path: str, *, headers: dict[str, str] | None = None, **query) -> TestResponse:
        return self.client.get(API + path, query_string=query, headers=self._headers(headers))

    def post(self, path: str, body=None, *, headers: dict[str, str] | None = None) -> TestResponse:
        sent = {} if body is None else {"json": body}
        return self.client.post(API + path, headers=self._headers(headers), **sent)

    def hold(self, **changed) -> dict:
        """A new hold, as its request was answered."""
        answer = self.post("/requests", {**WISH, **changed})
        assert answer.status_code == 201, answer.text
        assert answer.json["booking"], answer.json
        return answer.json["booking"]

    def _headers(self, more: dict[str, str] | None) -> dict[str, str]:
        return {
            "Authorization": f"Bearer {self.token}",
            "Accept-Language": "en",
            **(more or {}),
        }


@pytest.fixture(scope="session")
def document(pattern: Flask) -> dict[str, Any]:
    """The OpenAPI document as it is served, read without asking: the pattern never answers."""
    plain = json.loads(json.dumps(pattern.api_doc))
    served: dict[str, Any] = json.loads(json.dumps(plain, sort_keys=True))
    return served


Programs = Callable[..., Program]


@pytest.fixture
def program(app: Flask, context: Context) -> Programs:
    """A program of that person; `scopes` are all that the role has unless given."""
    for each in OTHERS:
        members.add(context, each, PASSWORD, NOW, SYSTEM)

    def made(email: str, scopes: list[str] | None = None) -> Program:
        owner = members.by_email(context, email)
        wanted = sorted(tokens.SCOPES_OF[owner.role]) if scopes is None else scopes
        token = tokens.create(context, owner, "test", wanted, NOW)
        return Program(app.test_client(), token.text)

    return made


@pytest.fixture
def narae(program: Programs) -> Program:
    return program("nari@example.org")


@pytest.fixture
def gaon_api(program: Programs) -> Program:
    return program("gaon@example.org")


@pytest.fixture
def desk(program: Programs) -> Program:
    """The operator's program."""
    return program("oh@example.org")


@pytest.fixture
def planner(program: Programs) -> Program:
    return program("plan@example.org")
