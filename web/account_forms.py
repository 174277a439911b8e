"""The forms of accounts: signing in, passwords, invitations, registrations, tokens.

They check what a person can mend while typing; the service checks everything again.
"""

from collections.abc import Iterable

from flask_babel import lazy_gettext
from flask_wtf import FlaskForm
from wtforms import (
    Field,
    Form,
    PasswordField,
    SelectField,
    SelectMultipleField,
    StringField,
    TextAreaField,
)
from wtforms.validators import InputRequired, Length, Optional, Regexp, ValidationError

from testbed.domain.errors import InvalidRequest
from testbed.domain.parties import Role
from testbed.service import members
from testbed.service.invitations import LONGEST_NAME
from testbed.service.passwords import LONGEST, SHORTEST
from testbed.service.registrations import LONGEST_NAME as LONGEST_ORGANISATION
from testbed.service.registrations import LONGEST_NOTE
from testbed.service.tokens import Scope
from web.labels import ORGANISATION_TYPES, ROLE_HINTS, ROLES, SCOPES
from web.languages import LANGUAGES
from web.present import error_text

LONGEST_EMAIL = 254
_EMAIL = lazy_gettext("E-mail")
_NEW_PASSWORD = lazy_gettext("New password")
_MAILS = lazy_gettext("Language of mails")


def _email(label: object = _EMAIL) -> StringField:
    return StringField(label, [InputRequired(), Length(max=LONGEST_EMAIL)])


def _new_email() -> StringField:
    """An address to which a mail is to go: what is none is said beside the field."""
    return StringField(_EMAIL, [InputRequired(), Length(max=LONGEST_EMAIL), _is_address])


def _is_address(_form: Form, field: Field) -> None:
    try:
        members.checked_email(field.data)
    except InvalidRequest as error:
        raise ValidationError(error_text(error)) from None


def _new_password(label: object) -> PasswordField:
    said = lazy_gettext(
        "A password has %(least)d to %(most)d characters.", least=SHORTEST, most=LONGEST
    )
    return PasswordField(label, [InputRequired(), Length(SHORTEST, LONGEST, said)])


class SpokenForm(FlaskForm):  # type: ignore[misc] # Flask-WTF ships no types
    """A form that also asks in which language mails are to come."""

    language = SelectField(_MAILS)

    def __init__(self, **given: object) -> None:
        super().__init__(**given)
        self.language.choices = list(LANGUAGES.items())


class SignInForm(FlaskForm):  # type: ignore[misc] # as above
    """Who comes, and how they show it."""

    email = _email()
    password = PasswordField(lazy_gettext("Password"), [InputRequired(), Length(max=LONGEST)])


class ForgottenForm(FlaskForm):  # type: ignore[misc] # as above
    """Whose password is forgotten."""

    email = _email()


class ResetForm(FlaskForm):  # type: ignore[misc] # as above
    """The password that stands in for the forgotten one."""

    password = _new_password(_NEW_PASSWORD)


class AcceptForm(SpokenForm):
    """What an invited person says of themselves."""

    name = StringField(lazy_gettext("Your name"), [InputRequired(), Length(max=LONGEST_NAME)])
    password = _new_password(lazy_gettext("Choose a password"))


class ProfileForm(SpokenForm):
    """What members say of themselves later."""

    name = StringField(lazy_gettext("Name"), [InputRequired(), Length(max=LONGEST_NAME)])


class PasswordForm(FlaskForm):  # type: ignore[misc] # as above
    """One's own new password, shown to be one's own by the old one."""

    old = PasswordField(lazy_gettext("Present password"), [InputRequired(), Length(max=LONGEST)])
    new = _new_password(_NEW_PASSWORD)


class InviteForm(SpokenForm):
    """Who is to join, and as what."""

    email = _new_email()
    role = SelectField(lazy_gettext("Role"))

    def offer(self, roles: Iterable[Role]) -> "InviteForm":
        """The form with the roles that may be given."""
        self.role.choices = role_choices(roles)
        return self


class RoleForm(FlaskForm):  # type: ignore[misc] # as above
    """The role that a member is to have."""

    role = SelectField(lazy_gettext("Role"))

    def offer(self, roles: Iterable[Role]) -> "RoleForm":
        """The form with the roles that may be given."""
        self.role.choices = role_choices(roles)
        return self


class RegisterForm(SpokenForm):
    """What an organisation says of itself, and whom to answer."""

    name_ko = StringField(
        lazy_gettext("Name in Korean"), [InputRequired(), Length(max=LONGEST_ORGANISATION)]
    )
    name_en = StringField(
        lazy_gettext("Name in English"), [InputRequired(), Length(max=LONGEST_ORGANISATION)]
    )
    type = SelectField(lazy_gettext("Kind of organisation"))
    city = SelectField(lazy_gettext("City"))
    contact = StringField(
        lazy_gettext("Contact person"), [InputRequired(), Length(max=LONGEST_NAME)]
    )
    email = _email(lazy_gettext("E-mail of the contact"))
    note = TextAreaField(
        lazy_gettext("What do you want to test? (optional)"), [Length(max=LONGEST_NOTE)]
    )

    def offer(self, cities: Iterable[tuple[str, str]]) -> "RegisterForm":
        """The form with the kinds of organisation and the cities to choose from."""
        self.type.choices = list(ORGANISATION_TYPES.items())
        self.city.choices = [("", lazy_gettext("elsewhere")), *cities]
        return self


class ApproveForm(FlaskForm):  # type: ignore[misc] # as above
    """The id under which the new organisation is known to programs."""

    organisation = StringField(
        lazy_gettext("Id (optional)"),
        [
            Optional(),
            Regexp(
                r"[a-z0-9][a-z0-9-]{1,39}$",
                message=lazy_gettext("An id has 2 to 40 small letters, digits and dashes."),
            ),
        ],
    )


class RejectForm(FlaskForm):  # type: ignore[misc] # as above
    """Why an organisation is not let in."""

    reason = TextAreaField(lazy_gettext("Reason"), [InputRequired(), Length(max=LONGEST_NOTE)])


class TokenForm(FlaskForm):  # type: ignore[misc] # as above
    """What a token is called and may do."""

    name = StringField(lazy_gettext("Name"), [InputRequired(), Length(max=LONGEST_NAME)])
    scopes = SelectMultipleField(
        lazy_gettext("It may"), [InputRequired(lazy_gettext("Choose at least one."))]
    )

    def offer(self, scopes: Iterable[Scope]) -> "TokenForm":
        """The form with the scopes of the owner's role, in their usual order."""
        allowed = set(scopes)
        self.scopes.choices = [(each.value, SCOPES[each]) for each in Scope if each in allowed]
        return self


class FeedForm(SpokenForm):
    """What a calendar feed is called and shows, and in which language."""

    name = StringField(lazy_gettext("Name"), [InputRequired(), Length(max=LONGEST_NAME)])
    shows = SelectField(lazy_gettext("It shows"))
    language = SelectField(lazy_gettext("Language"))


def role_choices(roles: Iterable[Role]) -> list[tuple[str, str]]:
    """Roles to choose from, each with what it may do."""
    return [(role.value, f"{ROLES[role]} – {ROLE_HINTS[role]}") for role in roles]
