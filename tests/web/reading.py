"""Reading pages as a person does: forms, their fields, and what is written."""

import re
from html import unescape
from html.parser import HTMLParser

from flask.testing import FlaskClient
from werkzeug.datastructures import FileStorage
from werkzeug.test import TestResponse, encode_multipart

WISH = {
    "kind": "adverse_weather",
    "city": "hwaseong",
    "elsewhere": "y",
    "day": "2026-12-08",
    "at": "10:00",
    "hours": "3",
    "flex": "3",
    "vehicles": "1",
    "mode": "shared",
}


Fields = dict[str, str | list[str]]


class Forms(HTMLParser):
    """Collects the forms of a page: action, and the fields that a click would send."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.found: list[tuple[str, Fields]] = []
        self.feed(page)

    def handle_starttag(self, tag, attrs):
        given = {name: value or "" for name, value in attrs}
        if tag == "form":
            self.found.append((given.get("action", ""), {}))
        elif tag == "input" and self.found and given.get("type") == "hidden":
            self._keep(self.found[-1][1], given["name"], given.get("value", ""))

    def _keep(self, fields, name, value):
        """A name that comes again holds all its values."""
        before = fields.get(name)
        if before is not None:
            value = [*(before if isinstance(before, list) else [before]), value]
        fields[name] = value


def token_of(page: str) -> str:
    found = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', page)
    assert found, "the page carries no token"
    return found[1]


def text_of(answer: TestResponse) -> str:
    """What is written on the page, without tags."""
    body = re.sub(r"<(script|style).*?</\1>", "", answer.text, flags=re.DOTALL)
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", body)).split())


def search(browser: FlaskClient, **changed: object) -> TestResponse:
    return browser.get("/find", query_string={**WISH, **changed})


def offers(answer: TestResponse) -> list[tuple[str, Fields]]:
    """The forms behind the offers' buttons."""
    return [form for form in Forms(answer.text).found if "way_start" in form[1]]


def take(browser: FlaskClient, answer: TestResponse, which: int = 0) -> TestResponse:
    """Press the button of an offer."""
    action, fields = offers(answer)[which]
    return browser.post(action, data=fields)


def held(browser: FlaskClient, **changed: object) -> str:
    """Hold the first offer of a search; the address of the booking."""
    answer = take(browser, search(browser, **changed))
    assert answer.status_code == 303, text_of(answer)
    return answer.headers["Location"]


def press(browser: FlaskClient, address: str, step: str) -> TestResponse:
    """Press a button of a booking's page."""
    token = token_of(browser.get(address).text)
    return browser.post(f"{address}/{step}", data={"csrf_token": token})


def sent(browser: FlaskClient, path: str, **fields: object) -> TestResponse:
    """Send a form with files, each a pair of a stream and its name.

    The client's own way leaves the temporary file open in which it writes long forms.
    """
    parts = {
        name: FileStorage(*value) if isinstance(value, tuple) else value
        for name, value in fields.items()
    }
    boundary, body = encode_multipart(parts)
    kind = f"multipart/form-data; boundary={boundary}"
    return browser.post(path, data=body, content_type=kind)
