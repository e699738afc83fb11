import re
from pathlib import Path

import pytest

from adapters.settings import (
    Settings,
    SettingsError,
    data_folder,
    has_screen,
    read_settings,
    unknown_variables,
    variable_of,
)
from bot.policy import Mode

OPERATORS = Path(__file__).parents[2] / "docs" / "operators.md"
SECRETS = (
    "SLACK_BOT_TOKEN",
    "SLACK_APP_TOKEN",
    "SLACK_SIGNING_SECRET",
    "SLACK_CLIENT_SECRET",
    "DISCORD_TOKEN",
    "WINWIN_SECRET_KEY",
)
CANARY = "canary-0123456789-0123456789-0123456789"


@pytest.fixture(autouse=True)
def _clean_environment(monkeypatch, tmp_path):
    for name in Settings.model_fields:
        monkeypatch.delenv(variable_of(name), raising=False)
    monkeypatch.chdir(tmp_path)


def documented() -> dict[str, str]:
    """Variable -> default, from the table of docs/operators.md."""
    rows = re.findall(r"^\| `([A-Z_]+)` \| (.*?) \|", OPERATORS.read_text("utf-8"), re.MULTILINE)
    return {name: default.strip("`") for name, default in rows}


def test_every_setting_is_documented_and_everything_documented_is_a_setting():
    assert set(documented()) == {variable_of(name) for name in Settings.model_fields}


def test_the_documented_defaults_are_the_real_ones():
    settings = read_settings(None)
    for name in Settings.model_fields:
        value = getattr(settings, name)
        written = str(value).lower() if isinstance(value, bool) else str(value)
        shown = "none" if value in (None, "", ()) else written
        assert documented()[variable_of(name)] == shown


def test_the_contract_names_are_all_there():
    assert {variable_of(name) for name in Settings.model_fields} >= {
        *SECRETS,
        "DATABASE_URL",
        "SLACK_CLIENT_ID",
        "SLACK_API_URL",
        "DISCORD_API_URL",
        "DISCORD_GATEWAY_URL",
        "WINWIN_HOST",
        "WINWIN_PORT",
        "WINWIN_PUBLIC_URL",
        "WINWIN_MODEL",
        "WINWIN_DEFAULT_MODE",
        "WINWIN_TIME_ZONE",
        "WINWIN_MODERATORS",
        "WINWIN_OWNER",
    }


def test_the_environment_beats_the_file_and_the_file_beats_the_default(monkeypatch, tmp_path):
    (tmp_path / ".env").write_text("WINWIN_PORT=8001\nWINWIN_HOST=0.0.0.0\n")
    monkeypatch.setenv("WINWIN_PORT", "8002")
    settings = read_settings()
    assert (settings.winwin_port, settings.winwin_host, settings.winwin_default_mode) == (8002, "0.0.0.0", Mode.THREAD)
    assert read_settings(winwin_port=8003).winwin_port == 8003


def test_an_empty_variable_is_as_good_as_none(monkeypatch):
    monkeypatch.setenv("SLACK_BOT_TOKEN", "")
    monkeypatch.setenv("WINWIN_PORT", "")
    assert (read_settings(None).slack_bot_token, read_settings(None).winwin_port) == (None, 8000)


def test_moderators_are_parted_by_commas_or_blanks(monkeypatch):
    monkeypatch.setenv("WINWIN_MODERATORS", "U1, U2;U3  U4,")
    assert read_settings(None).winwin_moderators == ("U1", "U2", "U3", "U4")


@pytest.mark.parametrize(
    ("variable", "value", "says"),
    [
        ("WINWIN_PORT", "http", "integer"),
        ("WINWIN_PORT", "70000", "65535"),
        ("WINWIN_DEFAULT_MODE", "loud", "'thread'"),
        ("WINWIN_TIME_ZONE", "Madrid", "like Europe/Madrid"),
        ("WINWIN_TIME_ZONE", "../passwd", "like Europe/Madrid"),
        ("DATABASE_URL", "winwin.db", "sqlite+aiosqlite:///"),
        ("DATABASE_URL", "mysql://x", "postgresql+asyncpg://"),
        ("WINWIN_PUBLIC_URL", "example.org", "https://"),
        ("DISCORD_GATEWAY_URL", "https://example.org", "wss://"),
        ("WINWIN_SECRET_KEY", "short", "32 characters"),
    ],
)
def test_a_wrong_value_is_refused_in_one_line_that_names_the_variable(monkeypatch, variable, value, says):
    monkeypatch.setenv(variable, value)
    with pytest.raises(SettingsError) as refused:
        read_settings(None)
    line = str(refused.value)
    assert line.startswith(f"{variable}: ")
    assert says in line
    assert "\n" not in line


def test_two_wrong_values_are_both_named(monkeypatch):
    monkeypatch.setenv("WINWIN_PORT", "x")
    monkeypatch.setenv("WINWIN_DEFAULT_MODE", "x")
    with pytest.raises(SettingsError, match=r"WINWIN_PORT: .*; WINWIN_DEFAULT_MODE: "):
        read_settings(None)


@pytest.mark.parametrize("variable", SECRETS)
def test_a_secret_is_never_printed(monkeypatch, variable):
    monkeypatch.setenv(variable, CANARY)
    settings = read_settings(None)
    assert CANARY not in repr(settings) + str(settings) + settings.model_dump_json()
    monkeypatch.setenv("WINWIN_PORT", CANARY)
    with pytest.raises(SettingsError) as refused:
        read_settings(None)
    assert CANARY not in str(refused.value)


@pytest.mark.parametrize("scheme", ["postgresql+asyncpg", "postgresql", "postgres"])
def test_a_postgresql_may_be_named_as_people_name_it(scheme):
    settings = read_settings(None, database_url=f"{scheme}://bot@db/winwin")
    assert settings.database_file is None
    with pytest.raises(SettingsError, match=r"DATABASE_URL: write sqlite\+aiosqlite"):
        read_settings(None, database_url="postgresql+psycopg2://bot@db/winwin")


def test_a_database_password_is_not_shown(monkeypatch):
    monkeypatch.setenv("DATABASE_URL", "postgresql+asyncpg://bot:hush@db/winwin")
    assert read_settings(None).database_shown == "postgresql+asyncpg://bot:…@db/winwin"
    assert read_settings(None, database_url="sqlite+aiosqlite:///a.db").database_shown == "sqlite+aiosqlite:///a.db"


def test_slack_needs_a_token_and_a_way_in(monkeypatch):
    monkeypatch.setenv("SLACK_BOT_TOKEN", "xoxb")
    assert read_settings(None).slack is False
    monkeypatch.setenv("SLACK_APP_TOKEN", "xapp")
    assert read_settings(None).slack is True


def test_an_unreadable_settings_file_is_one_clear_line(tmp_path):
    (tmp_path / ".env").write_bytes(b"WINWIN_HOST=\xff\xfe\x00")
    with pytest.raises(SettingsError, match="is not UTF-8 text; correct or remove it"):
        read_settings(tmp_path / ".env")


def test_misspelt_variables_are_found(tmp_path):
    (tmp_path / ".env").write_text("WINWIN_PROT=1\nDATABASE_URL=x\nOTHER=1\n")
    environment = {"SLACK_TOKEN": "x", "WINWIN_PORT": "1", "PATH": "/"}
    assert unknown_variables(tmp_path / ".env", environment) == ("SLACK_TOKEN", "WINWIN_PROT")


def test_a_browser_is_opened_only_where_there_is_a_screen():
    assert has_screen({"DISPLAY": ":0"}, "linux")
    assert has_screen({"WAYLAND_DISPLAY": "w"}, "linux")
    assert not has_screen({"TERM": "xterm"}, "linux")
    assert has_screen({}, "darwin")


def test_data_goes_where_the_platform_keeps_it(tmp_path):
    assert data_folder({"XDG_DATA_HOME": "/x"}, "linux") == Path("/x/winwin")
    assert data_folder({}, "linux") == Path.home() / ".local/share/winwin"
    assert data_folder({}, "darwin").parts[-2:] == ("Application Support", "winwin")
    assert data_folder({"LOCALAPPDATA": "/l"}, "win32") == Path("/l/winwin")


@pytest.mark.parametrize("country", ["Spain", "XX", "EU", "ESP"])
def test_a_country_is_two_letters_of_one_that_there_is(country):
    with pytest.raises(SettingsError, match="WINWIN_COUNTRY: write the two letters of a country, like ES or US"):
        read_settings(None, winwin_country=country)


def test_a_country_is_understood_in_small_letters_and_britain_by_what_people_call_it():
    assert [read_settings(None, winwin_country=c).winwin_country for c in ("es", " US ", "uk", "")] == [
        *("ES", "US", "GB", "")
    ]
