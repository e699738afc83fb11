import os
import re
import shutil
import signal
import socket
import subprocess
import time
import urllib.request

import pytest

from adapters.commands.outcome import Refusal
from adapters.commands.serving import address_of, forget_demo, free_port, only_one, write_address
from tests.fakes.command_line import PROGRAM, heeding_ctrl_c, one_line

HOST = "127.0.0.1"


def busy() -> socket.socket:
    return socket.create_server((HOST, 0))


def test_run_without_a_platform_says_what_is_missing(winwin, tmp_path):
    result = winwin("run")
    assert result.exit_code == 1
    line = one_line(result)
    assert all(name in line for name in ("SLACK_BOT_TOKEN", "SLACK_APP_TOKEN", "DISCORD_TOKEN", "--local"))
    assert list(tmp_path.iterdir()) == []


def test_run_with_half_a_platform_says_which_half_is_missing(winwin, monkeypatch):
    monkeypatch.setenv("SLACK_BOT_TOKEN", "xoxb-hush")
    for order in (["run"], ["run", "--local"]):
        result = winwin(*order)
        assert "SLACK_APP_TOKEN" in one_line(result)
        assert "hush" not in result.output


@pytest.mark.parametrize(
    ("given", "missing"),
    [
        ({"SLACK_APP_TOKEN": "xapp-hush"}, "SLACK_BOT_TOKEN"),
        ({"SLACK_SIGNING_SECRET": "hush"}, "SLACK_BOT_TOKEN"),
        ({"SLACK_CLIENT_ID": "1.2", "SLACK_SIGNING_SECRET": "hush"}, "SLACK_CLIENT_SECRET"),
        ({"SLACK_CLIENT_ID": "1.2", "SLACK_CLIENT_SECRET": "hush"}, "SLACK_SIGNING_SECRET"),
    ],
)
def test_run_with_another_half_of_slack_says_what_is_missing(winwin, monkeypatch, given, missing):
    for name, value in given.items():
        monkeypatch.setenv(name, value)
    result = winwin("run")
    assert missing in one_line(result)
    assert "hush" not in result.output


@pytest.mark.parametrize("order", [["run"], ["run", "--local"]])
def test_run_with_a_slack_that_is_not_there_says_so(winwin, monkeypatch, order):
    with busy() as nobody:
        address = f"http://{HOST}:{nobody.getsockname()[1]}/api/"
    monkeypatch.setenv("SLACK_BOT_TOKEN", "xoxb-hush")
    monkeypatch.setenv("SLACK_APP_TOKEN", "xapp-hush")
    monkeypatch.setenv("SLACK_API_URL", address)
    result = winwin(*order)
    assert result.exit_code == 1
    line = one_line(result)
    assert "Slack does not let the bot in" in line
    assert address in line
    assert "hush" not in result.output


@pytest.mark.parametrize(("order", "warned"), [(["run"], False), (["run", "--local"], True)])
def test_whoever_opens_the_local_community_beside_slack_over_http_is_warned(winwin, monkeypatch, order, warned):
    monkeypatch.setenv("SLACK_BOT_TOKEN", "xoxb-hush")
    monkeypatch.setenv("SLACK_SIGNING_SECRET", "hush")
    with busy() as nobody:
        monkeypatch.setenv("SLACK_API_URL", f"http://{HOST}:{nobody.getsockname()[1]}/api/")
    assert ("pass /slack/ alone" in " ".join(winwin(*order).output.split())) is warned


def test_run_on_a_busy_port_is_refused(winwin, monkeypatch):
    with busy() as other:
        port = other.getsockname()[1]
        monkeypatch.setenv("WINWIN_PORT", str(port))
        result = winwin("run", "--local")
    assert result.exit_code == 1
    assert one_line(result) == (
        f"winwin: port {port} is in use by another program; stop it, or set WINWIN_PORT to another one"
    )


def test_the_demonstration_takes_the_next_free_port():
    with busy() as other, free_port(HOST, other.getsockname()[1], 20) as listening:
        assert 0 < listening.getsockname()[1] - other.getsockname()[1] < 20


@pytest.mark.parametrize(("host", "port", "says"), [("192.0.2.1", 8000, "is not an address of this computer")])
def test_an_address_of_another_computer_is_refused(host, port, says):
    with pytest.raises(Refusal, match=says), free_port(host, port, 1):
        pass


def test_two_programs_never_share_a_database(tmp_path):
    database = tmp_path / "w.db"
    with only_one(database) as held:
        write_address(held, "http://127.0.0.1:8000/")
        with pytest.raises(Refusal, match=r"already, at http://127\.0\.0\.1:8000/; stop it"), only_one(database):
            pass
    with only_one(database):
        pass
    with pytest.raises(Refusal, match="does not exist; create it first"), only_one(tmp_path / "no" / "w.db"):
        pass


def test_a_reset_takes_the_database_and_its_clock_and_nothing_else(tmp_path):
    for name in ("demo.db", "demo.db-wal", "demo.db-shm", "demo.clock", "demo.key", "other.db"):
        (tmp_path / name).write_text("x")
    forget_demo(tmp_path / "demo.db")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["demo.key", "other.db"]


def test_the_address_is_one_a_browser_can_open():
    for host, shown in (("127.0.0.1", "127.0.0.1"), ("0.0.0.0", "127.0.0.1")):
        with free_port(host, 20_000, 20_000) as listening:
            assert re.fullmatch(rf"http://{re.escape(shown)}:\d+/", address_of(listening))


@pytest.mark.process
@pytest.mark.model
@pytest.mark.parametrize(
    ("sign", "first"), [(signal.SIGINT, True), pytest.param(signal.SIGTERM, False, marks=pytest.mark.soak)]
)
def test_the_demonstration_opens_and_ends_in_order(tmp_path, embedded, sign, first):
    """In the midst of the first start, which embeds the samples; and after a later one."""
    if not first:
        (tmp_path / "winwin").mkdir()
        shutil.copy(embedded, tmp_path / "winwin" / "demo.db")
    environment = {**os.environ, "XDG_DATA_HOME": str(tmp_path)}
    command = [*PROGRAM, "demo", "--no-browser"]
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    with subprocess.Popen(
        command, **pipes, text=True, env=environment, cwd=tmp_path, preexec_fn=heeding_ctrl_c
    ) as program:
        address = program.stdout.readline().removeprefix("winwin demo: ").strip()
        assert re.fullmatch(r"http://127\.0\.0\.1:\d+/", address)
        with urllib.request.urlopen(address, timeout=30) as page:
            assert page.status == 200
        time.sleep(0.5)
        program.send_signal(sign)
        _, said = program.communicate(timeout=60)
    assert program.returncode == 0, said
    assert said.rstrip().endswith("Stopped.")
    assert "Traceback" not in said
    assert (tmp_path / "winwin" / "demo.db").is_file()
