"""The reader's language: what they chose, else what their browser asks for, else Korean."""

import flask_babel
from babel import negotiate_locale
from flask import Flask, g, has_request_context, request, session
from flask_babel import Babel, get_locale

from testbed.domain.catalogue import Name

LANGUAGES = {"ko": "한국어", "en": "English"}
DEFAULT = "ko"
_CHOICE = "lang"


def speak(app: Flask) -> None:
    """Give the application its languages; `?lang=` on any page is remembered."""
    Babel(app, default_locale=DEFAULT, locale_selector=language)
    app.before_request(_remember_choice)
    app.jinja_env.globals.update(language=language, languages=LANGUAGES)
    app.jinja_env.filters["name"] = text


def language() -> str:
    """The language of this request."""
    if not has_request_context():
        return DEFAULT
    chosen = g.get(_CHOICE) or session.get(_CHOICE)
    if chosen in LANGUAGES:
        return str(chosen)
    wanted = [tag.replace("-", "_") for tag, quality in request.accept_languages if quality]
    return negotiate_locale(wanted, list(LANGUAGES)) or DEFAULT


def gettext(message: str, **fields: object) -> str:
    """The message in the reader's language, with its fields filled in."""
    return str(flask_babel.gettext(message, **fields))


def ngettext(singular: str, plural: str, num: int) -> str:
    """The message for so many, in the reader's language; `%(num)d` shows the number."""
    return str(flask_babel.ngettext(singular, plural, num))


def text(name: Name) -> str:
    """A catalogue name in the reader's language."""
    return name.ko if str(get_locale()) == "ko" else name.en


def _remember_choice() -> None:
    chosen = request.args.get(_CHOICE)
    if chosen in LANGUAGES:
        g.lang = chosen
        session[_CHOICE] = chosen
