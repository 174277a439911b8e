"""The settings: arguments before environment before file, and every unknown key an error.

Each section is one frozen model; config.toml lists every setting with its unit and default.
"""

import os
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import asdict, fields
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, SecretStr, ValidationError
from pydantic_core import ErrorDetails, InitErrorDetails, PydanticCustomError
from pydantic_settings import (
    BaseSettings,
    EnvSettingsSource,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
)

from testbed.domain.errors import InvalidFile, Mistake
from testbed.domain.policy import Policy

PREFIX = "TESTBED_"
SEPARATOR = "__"
CONFIG_VARIABLE = "TESTBED_CONFIG"
DATABASE_VARIABLE = "TESTBED_DATABASE_URL"
DEFAULT_FILE = Path("config.toml")

Tree = dict[str, Any]


class Section(BaseModel):
    """A table of config.toml; its keys are fixed."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Database(Section):
    """Where bookings are kept; `synchronous` matters for SQLite only."""

    url: str = Field(
        default="sqlite:///var/testbed.db", pattern=r"^(sqlite:///|postgresql\+psycopg://).+"
    )
    synchronous: Literal["FULL", "NORMAL"] = "FULL"


class Server(Section):
    """Where the pages are served, by how many threads, and which proxy is believed."""

    host: str = Field(default="127.0.0.1", min_length=1)
    port: int = Field(default=8000, ge=1, le=65535)
    threads: int = Field(default=128, ge=1, le=1024)
    live_clients: int = Field(default=64, ge=1, le=1024)
    trusted_proxy: str = ""


class CatalogueSettings(Section):
    """What an empty database is filled with: `packaged:NAME` or the path of a catalogue file."""

    source: str = Field(default="packaged:gyeonggi", min_length=1)


class Security(Section):
    """Sign-in sessions; the secret is made on the first start, readable by the owner alone."""

    secret_file: Path = Path("var/secret.key")
    session_hours: int = Field(default=12, ge=1, le=24 * 30)
    secure_cookies: bool = False


class Jobs(Section):
    """How often the background sweeps run; a late one never blocks a booking."""

    background: bool = True
    lease_seconds: int = Field(default=30, ge=3, le=3600)
    expire_seconds: int = Field(default=30, ge=1, le=3600)
    release_no_shows: bool = True
    no_show_seconds: int = Field(default=60, ge=1, le=3600)
    visit_seconds: int = Field(default=60, ge=1, le=3600)
    waitlist_seconds: int = Field(default=60, ge=1, le=3600)
    approval_minutes: int = Field(default=5, ge=1, le=24 * 60)
    approval_hours: int = Field(default=24, ge=1, le=24 * 14)
    standing_minutes: int = Field(default=60, ge=1, le=24 * 60)
    remind_minutes: int = Field(default=10, ge=1, le=24 * 60)
    remind_hours: int = Field(default=24, ge=1, le=24 * 14)
    series_minutes: int = Field(default=30, ge=1, le=24 * 60)
    reconfirm_minutes: int = Field(default=30, ge=1, le=24 * 60)
    paper_hours: int = Field(default=6, ge=1, le=24)
    paper_warn_days: int = Field(default=30, ge=1, le=365)
    paper_warn_again_days: int = Field(default=7, ge=1, le=365)
    mail_seconds: int = Field(default=10, ge=1, le=3600)
    webhook_seconds: int = Field(default=10, ge=1, le=3600)
    digest_minutes: int = Field(default=10, ge=1, le=24 * 60)
    digest_hour: int = Field(default=8, ge=0, le=23)
    experiment_seconds: int = Field(default=5, ge=1, le=3600)
    experiment_processes: int = Field(default=1, ge=1, le=256)


class Day(Section):
    """The day on the sites: when visits end by themselves, and how long its records are kept."""

    check_out_hours: int = Field(default=12, ge=1, le=24 * 14)
    overrun_minutes: int = Field(default=60, ge=15, le=24 * 60)
    report_due_days: int = Field(default=14, ge=1, le=365)
    contact_days: int = Field(default=30, ge=1, le=3650)


class Papers(Section):
    """The files behind papers."""

    document_kilobytes: int = Field(default=4096, ge=16, le=5632)


class MailSettings(Section):
    """Where mails go: an SMTP server, or files where no host is named."""

    host: str = ""
    port: int = Field(default=587, ge=1, le=65535)
    encryption: Literal["none", "starttls", "tls"] = "starttls"
    user: str = ""
    password: SecretStr = SecretStr("")
    sender: str = Field(default="testbeds@localhost", pattern=r"^[^@\s]+@[^@\s]+$")
    directory: Path = Path("var/mail")
    site_url: str = Field(default="", pattern=r"^(https?://[^\s]+[^/\s])?$")


class Limits(Section):
    """How often one member or visitor may ask; `storage` is where the counts are kept."""

    search: str = Field(default="120 per minute", min_length=1)
    submit: str = Field(default="30 per minute", min_length=1)
    sign_in: str = Field(default="10 per 10 minutes", min_length=1)
    sign_in_address: str = Field(default="50 per 10 minutes", min_length=1)
    ask: str = Field(default="10 per hour", min_length=1)
    invite: str = Field(default="60 per hour", min_length=1)
    feed: str = Field(default="60 per 10 minutes", min_length=1)
    storage: str = Field(default="memory://", min_length=1)


class Health(Section):
    """What watches the service, and from when on it complains."""

    worker_silent_seconds: int = Field(default=120, ge=10, le=24 * 3600)
    metrics_token: SecretStr = SecretStr("")


class Log(Section):
    """What is logged, and how."""

    level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = "INFO"
    format: Literal["text", "json"] = "text"


# Papers are asked for where people book; a simulation models none.
IN_SERVICE = Policy(eligibility=True)


def _checked_policy(value: object) -> object:
    """All that is wrong with the table: a key that is none, or a figure below zero.

    Every figure of the policy is a weight, a limit or a count.
    """
    table = value if isinstance(value, Mapping) else {}
    wrong = [
        InitErrorDetails(type=problem, loc=(key,), input=given)
        for key, given in table.items()
        if (problem := _problem(key, given))
    ]
    if wrong:
        raise ValidationError.from_exception_data("policy", wrong)
    return {**asdict(IN_SERVICE), **value} if isinstance(value, Mapping) else value


def _problem(key: str, given: object) -> PydanticCustomError | None:
    if key not in {each.name for each in fields(Policy)}:
        return PydanticCustomError("extra_forbidden", "No such setting")
    if str(given).strip().startswith("-"):
        return PydanticCustomError("greater_than_equal", "Input should be 0 or more")
    return None


class Settings(BaseSettings):
    """All settings of one process, frozen."""

    model_config = SettingsConfigDict(
        env_prefix=PREFIX,
        env_nested_delimiter=SEPARATOR,
        extra="forbid",
        frozen=True,
    )

    database: Database = Database()
    server: Server = Server()
    policy: Annotated[Policy, BeforeValidator(_checked_policy)] = IN_SERVICE
    catalogue: CatalogueSettings = CatalogueSettings()
    security: Security = Security()
    jobs: Jobs = Jobs()
    day: Day = Day()
    papers: Papers = Papers()
    mail: MailSettings = MailSettings()
    limits: Limits = Limits()
    health: Health = Health()
    log: Log = Log()

    @property
    def site_url(self) -> str:
        """Where people reach the pages: as set for mails, else where they are served."""
        host = f"[{self.server.host}]" if ":" in self.server.host else self.server.host
        return self.mail.site_url or f"http://{host}:{self.server.port}"

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],  # noqa: ARG003 -- the names are the library's
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,  # noqa: ARG003
        dotenv_settings: PydanticBaseSettingsSource,  # noqa: ARG003
        file_secret_settings: PydanticBaseSettingsSource,  # noqa: ARG003
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Only what `load` has put together: the order of the sources stands in one place."""
        return (init_settings,)


def load(
    file: Path | None = None, arguments: Mapping[str, Mapping[str, Any]] | None = None
) -> Settings:
    """The settings of this process: arguments, then environment, then file, then defaults.

    Without `file` it is the one TESTBED_CONFIG names, else config.toml where it exists. Raises
    InvalidFile with every mistake, each named by the argument, variable or key that brought it.
    """
    path = _file(file)
    given = arguments or {}
    unknown = _unknown_variables()
    try:
        settings = Settings(**_merged(_read(path), _environment(), given))
    except ValidationError as error:
        found = [_mistake(each, path, given) for each in error.errors()]
        raise InvalidFile(str(path), [*unknown, *found]) from None
    if unknown:
        raise InvalidFile("environment", unknown)
    return settings


def policy_of(settings: Settings) -> Policy:
    """The policy that the allocator decides by."""
    return settings.policy


def environment_of(settings: Settings) -> dict[str, str]:
    """Variables under which another process loads the same settings, whatever its file says."""
    return {
        f"{PREFIX}{section}{SEPARATOR}{key}".upper(): _as_variable(value)
        for section in Settings.model_fields
        for key, value in _values(getattr(settings, section))
    }


def _values(section: object) -> Iterable[tuple[str, object]]:
    if isinstance(section, Section):
        return section
    return ((each.name, getattr(section, each.name)) for each in fields(Policy))


def _as_variable(value: object) -> str:
    return value.get_secret_value() if isinstance(value, SecretStr) else str(value)


def _file(file: Path | None) -> Path:
    return file or Path(os.environ.get(CONFIG_VARIABLE) or DEFAULT_FILE)


def _read(path: Path) -> Tree:
    """The tables of the file; a file that nobody named may be absent."""
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        if path == DEFAULT_FILE:
            return {}
        raise InvalidFile(str(path), [Mistake(str(path), "file_missing")]) from None
    except (OSError, ValueError) as error:
        mistake = Mistake(str(path), "file_unreadable", {"detail": str(error)})
        raise InvalidFile(str(path), [mistake]) from None


def _environment() -> Tree:
    """What TESTBED_SECTION__KEY variables and TESTBED_DATABASE_URL set."""
    found: Tree = EnvSettingsSource(Settings)()
    if url := os.environ.get(DATABASE_VARIABLE):
        found["database"] = {**found.get("database", {}), "url": url}
    return found


def _unknown_variables() -> list[Mistake]:
    """Variables that look like settings of a section that does not exist."""
    sections = {f"{PREFIX}{name}{SEPARATOR}".upper() for name in Settings.model_fields}
    return [
        Mistake(name, "unknown_key", {"key": name})
        for name in sorted(os.environ)
        if name.startswith(PREFIX)
        and SEPARATOR in name
        and not any(name.startswith(section) for section in sections)
    ]


def _merged(*sources: Mapping[str, Any]) -> Tree:
    """The sources section by section, a later one before an earlier one."""
    merged: Tree = {}
    for source in sources:
        for section, values in source.items():
            both = isinstance(values, Mapping) and isinstance(merged.get(section), Mapping)
            merged[section] = {**merged[section], **values} if both else values
    return merged


def _mistake(error: ErrorDetails, path: Path, given: Mapping[str, Mapping[str, Any]]) -> Mistake:
    keys = [str(each) for each in error["loc"]]
    place = _place(keys, path, given)
    if error["type"] == "extra_forbidden":
        return Mistake(place, "unknown_key", {"key": keys[-1]})
    return Mistake(place, "bad_setting", {"value": error["input"], "detail": error["msg"]})


def _place(keys: list[str], path: Path, given: Mapping[str, Mapping[str, Any]]) -> str:
    """Where the value came from: argument, variable, or the key in the file."""
    section, key = keys[0], keys[1] if len(keys) > 1 else ""
    if key in given.get(section, {}):
        return f"--{key}"
    if keys[:2] == ["database", "url"] and os.environ.get(DATABASE_VARIABLE):
        return DATABASE_VARIABLE
    variable = f"{PREFIX}{SEPARATOR.join(keys[:2])}".upper()
    return variable if variable in os.environ else f"{path}: {'.'.join(keys)}"
