"""The settings: the only place that reads the environment and `.env`. docs/operators.md documents every one."""

import os
import re
import sys
from collections.abc import Mapping
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import Field, SecretStr, ValidationError, field_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from bot.policy import Mode
from bot.safety.whereabouts import country_named

ENV_FILE = Path(".env")
SECRET_KEY_LENGTH = 32  # characters at least
PREFIXES = ("WINWIN_", "SLACK_", "DISCORD_")
LARGE = 100_000  # passages up to which a library is searched in memory
SECRETS = "WINWIN_SECRETS"  # read before the others: it says where they may stand

_DATABASE = re.compile(r"(?:sqlite\+aiosqlite:///.+|postgres(?:ql)?(?:\+asyncpg)?://.+)", re.DOTALL)
_PASSWORD = re.compile(r"(?<=://)([^:/@]*):.*(?=@)", re.DOTALL)  # up to the last @, also where one is not written %40
_PASSWORD_AFTER = re.compile(r"(?<=[?&])((?:ssl)?password|passphrase)=[^&]*", re.IGNORECASE)
_NAME_IN_ADDRESS = re.compile(r"\w+://[^/?#]*@")


class IndexAt(StrEnum):
    """Where the index of the library is kept."""

    AUTO = "auto"
    MEMORY = "memory"
    PGVECTOR = "pgvector"


class SettingsError(Exception):
    """A setting is wrong; the message is one line that names it and says what to do. It never holds a secret."""


class Settings(BaseSettings):
    """Every setting with its default. Field names are the variables' names in lower case."""

    model_config = SettingsConfigDict(
        frozen=True, extra="ignore", env_file_encoding="utf-8", env_ignore_empty=True, hide_input_in_errors=True
    )

    database_url: str = Field("sqlite+aiosqlite:///winwin.db", validation_alias="DATABASE_URL", repr=False)
    slack_bot_token: SecretStr | None = Field(None, validation_alias="SLACK_BOT_TOKEN")
    slack_app_token: SecretStr | None = Field(None, validation_alias="SLACK_APP_TOKEN")
    slack_signing_secret: SecretStr | None = Field(None, validation_alias="SLACK_SIGNING_SECRET")
    slack_client_id: str = Field("", validation_alias="SLACK_CLIENT_ID")
    slack_client_secret: SecretStr | None = Field(None, validation_alias="SLACK_CLIENT_SECRET")
    slack_api_url: str = Field("https://slack.com/api/", validation_alias="SLACK_API_URL")
    discord_token: SecretStr | None = Field(None, validation_alias="DISCORD_TOKEN")
    discord_api_url: str = Field("https://discord.com/api", validation_alias="DISCORD_API_URL")
    discord_gateway_url: str = Field("wss://gateway.discord.gg", validation_alias="DISCORD_GATEWAY_URL")
    discord_sharded: bool = Field(False, validation_alias="DISCORD_SHARDED")
    winwin_host: str = Field("127.0.0.1", validation_alias="WINWIN_HOST", min_length=1)
    winwin_port: int = Field(8000, validation_alias="WINWIN_PORT", ge=1, le=65535)
    winwin_public_url: str = Field("", validation_alias="WINWIN_PUBLIC_URL")
    winwin_secret_key: SecretStr | None = Field(None, validation_alias="WINWIN_SECRET_KEY")
    winwin_api_token: SecretStr | None = Field(None, validation_alias="WINWIN_API_TOKEN")
    winwin_model: str = Field("", validation_alias="WINWIN_MODEL")
    winwin_index: IndexAt = Field(IndexAt.AUTO, validation_alias="WINWIN_INDEX")
    winwin_default_mode: Mode = Field(Mode.THREAD, validation_alias="WINWIN_DEFAULT_MODE")
    winwin_moderators: Annotated[tuple[str, ...], NoDecode] = Field((), validation_alias="WINWIN_MODERATORS")
    winwin_time_zone: str = Field("UTC", validation_alias="WINWIN_TIME_ZONE")
    winwin_owner: str = Field("", validation_alias="WINWIN_OWNER")
    winwin_country: str = Field("", validation_alias="WINWIN_COUNTRY")
    winwin_helplines: str = Field("", validation_alias="WINWIN_HELPLINES")
    winwin_glossary: str = Field("", validation_alias="WINWIN_GLOSSARY")
    winwin_drill_weekly: bool = Field(False, validation_alias="WINWIN_DRILL_WEEKLY")
    winwin_scan_opted_out: bool = Field(True, validation_alias="WINWIN_SCAN_OPTED_OUT")
    winwin_secrets: str = Field("", validation_alias=SECRETS)

    @field_validator("database_url")
    @classmethod
    def _known_database(cls, value: str) -> str:
        if not _DATABASE.fullmatch(value):
            raise ValueError("write sqlite+aiosqlite:///winwin.db (a file) or postgresql+asyncpg://user@host/name")
        if value.startswith("postgres") and value.partition("?")[0].count("@") > 1:
            raise ValueError("write an @ in the password as %40: what comes after it would be taken for the host")
        return value

    @field_validator("winwin_public_url", "slack_api_url", "discord_api_url")
    @classmethod
    def _web_address(cls, value: str) -> str:
        if value and not re.match(r"https?://[^\s/]", value):
            raise ValueError("write a web address that starts with https://")
        return _nameless(value)

    @field_validator("discord_gateway_url")
    @classmethod
    def _socket_address(cls, value: str) -> str:
        if not re.match(r"wss?://[^\s/]", value):
            raise ValueError("write an address that starts with wss://")
        return _nameless(value)

    @field_validator("winwin_secret_key", "winwin_api_token")
    @classmethod
    def _long_enough(cls, value: SecretStr | None) -> SecretStr | None:
        if value is not None and len(value.get_secret_value()) < SECRET_KEY_LENGTH:
            raise ValueError(
                f"use {SECRET_KEY_LENGTH} characters or more, for example what `openssl rand -hex 32` says"
            )
        return value

    @field_validator("winwin_time_zone")
    @classmethod
    def _known_zone(cls, value: str) -> str:
        try:
            ZoneInfo(value)
        except (ZoneInfoNotFoundError, ValueError, OSError):
            raise ValueError("write a time zone like Europe/Madrid") from None
        return value

    @field_validator("winwin_country")
    @classmethod
    def _known_country(cls, value: str) -> str:
        country = country_named(value)
        if value and (len(value.strip()) != 2 or not country):
            raise ValueError("write the two letters of a country, like ES or US")
        return country

    @field_validator("winwin_moderators", mode="before")
    @classmethod
    def _parted_by_commas(cls, value: object) -> object:
        return tuple(filter(None, re.split(r"[\s,;]+", value))) if isinstance(value, str) else value

    @property
    def helplines_file(self) -> Path | None:
        """The community's own list of helplines, if it has one."""
        return Path(self.winwin_helplines) if self.winwin_helplines else None

    def in_database(self, passages: int) -> bool:
        """Whether a library of so many passages is searched there."""
        if self.winwin_index is IndexAt.AUTO:
            return self.database_file is None and passages > LARGE
        return self.winwin_index is IndexAt.PGVECTOR

    @property
    def glossary_file(self) -> Path | None:
        """The community's own glossary: the file that is named, or glossary.yaml beside its database if it is there."""
        if self.winwin_glossary:
            return Path(self.winwin_glossary)
        beside = (self.database_file or data_folder() / "winwin").with_name("glossary.yaml")
        return beside if beside.is_file() else None

    @property
    def database_shown(self) -> str:
        """DATABASE_URL without a password."""
        return _PASSWORD_AFTER.sub(r"\1=…", _PASSWORD.sub(r"\1:…", self.database_url))

    @property
    def database_file(self) -> Path | None:
        """The file of an SQLite database."""
        scheme, _, rest = self.database_url.partition(":///")
        return Path(rest) if scheme.startswith("sqlite") else None

    @property
    def slack_installs(self) -> bool:
        """Whether other workspaces can install the bot by themselves (OAuth)."""
        return bool(self.slack_client_id and self.slack_client_secret and self.slack_signing_secret)

    @property
    def slack(self) -> bool:
        """Whether Slack is configured: a way to speak (a bot token, or OAuth), and a way in (socket mode or signed
        requests)."""
        if self.slack_bot_token is None:
            return self.slack_installs
        return (self.slack_app_token or self.slack_signing_secret) is not None

    @property
    def slack_lacks(self) -> str:
        """What is missing where Slack is set up halfway, and what to do; empty when nothing is."""
        if bool(self.slack_client_id) != (self.slack_client_secret is not None):
            return "SLACK_CLIENT_ID and SLACK_CLIENT_SECRET belong together; one of them is missing"
        if self.slack_client_id and self.slack_signing_secret is None:
            return "SLACK_CLIENT_ID is set; SLACK_SIGNING_SECRET is missing, and installing works over HTTP only"
        if self.slack_bot_token is not None and not self.slack:
            return "SLACK_BOT_TOKEN is set; SLACK_APP_TOKEN (socket mode) or SLACK_SIGNING_SECRET (HTTP) is missing"
        if self.slack_bot_token is None and (self.slack_app_token or self.slack_signing_secret) and not self.slack:
            return "SLACK_BOT_TOKEN is missing; it stands in the app's settings under OAuth & Permissions"
        return ""

    @property
    def discord(self) -> bool:
        return self.discord_token is not None


def read_settings(env_file: Path | None = ENV_FILE, **given: object) -> Settings:
    """Settings from the environment, then `env_file` (if there is one), files in WINWIN_SECRETS, and the defaults.

    `given` beats them all, by field name (`winwin_port=8001`). Raises SettingsError.
    """
    by_variable = {variable_of(name): value for name, value in given.items()}
    try:
        # pydantic-settings takes `_env_file` besides the fields; its types do not say so to mypy.
        build: Any = Settings
        settings: Settings = build(_env_file=env_file, _secrets_dir=_secrets_folder(env_file), **by_variable)
    except ValidationError as error:
        raise SettingsError(_in_one_line(error)) from None
    except (OSError, UnicodeDecodeError) as error:
        reason = "is not UTF-8 text" if isinstance(error, UnicodeDecodeError) else "cannot be read"
        raise SettingsError(f"the settings file {env_file} {reason}; correct or remove it") from None
    return settings


def _secrets_folder(env_file: Path | None) -> Path | None:
    """The folder with a file for each secret, as containers are given them. Raises SettingsError."""
    from dotenv import dotenv_values

    written = dotenv_values(env_file) if env_file and env_file.is_file() else {}
    named = os.environ.get(SECRETS) or written.get(SECRETS)
    if named and not Path(named).is_dir():
        raise SettingsError(f"{SECRETS}: there is no folder {named}; name the one that the files with secrets are in")
    return Path(named) if named else None


def variable_of(field: str) -> str:
    """The environment variable of a field."""
    return str(Settings.model_fields[field].validation_alias)


def unknown_variables(env_file: Path | None = ENV_FILE, environment: Mapping[str, str] = os.environ) -> tuple[str, ...]:
    """Variables that look like ours and are none: most likely misspelt."""
    from dotenv import dotenv_values

    known = {variable_of(name) for name in Settings.model_fields}
    written = dotenv_values(env_file) if env_file and env_file.is_file() else {}
    names = {name.upper() for name in (*environment, *written)}
    return tuple(sorted(name for name in names - known if name.startswith(PREFIXES)))


def data_folder(environment: Mapping[str, str] = os.environ, platform: str = sys.platform) -> Path:
    """Where this user's programs keep their data (not made here): what the platform's own rules say."""
    if platform == "win32":
        return Path(environment.get("LOCALAPPDATA") or Path.home() / "AppData" / "Local") / "winwin"
    if platform == "darwin":
        return Path.home() / "Library" / "Application Support" / "winwin"
    return Path(environment.get("XDG_DATA_HOME") or Path.home() / ".local" / "share") / "winwin"


def has_screen(environment: Mapping[str, str] = os.environ, platform: str = sys.platform) -> bool:
    """Whether a browser with windows can be opened here: on a server only a text browser would take the terminal."""
    if platform in ("win32", "darwin"):
        return True
    return bool(environment.get("DISPLAY") or environment.get("WAYLAND_DISPLAY"))


def _nameless(address: str) -> str:
    """Addresses are told when nobody answers there, so none may hold a password."""
    if _NAME_IN_ADDRESS.match(address):
        raise ValueError("write the address without a name and password")
    return address


def _in_one_line(error: ValidationError) -> str:
    faults = []
    for fault in error.errors(include_input=False, include_url=False):
        name = str(fault["loc"][0]) if fault["loc"] else "settings"
        faults.append(f"{name}: {fault['msg'].removeprefix('Value error, ')}")
    return "; ".join(faults) + ". Correct it in the environment or in .env (docs/operators.md lists every setting)."
