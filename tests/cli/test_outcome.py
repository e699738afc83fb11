import errno

import pytest
import typer
from typer.testing import CliRunner

from adapters.commands.outcome import Refusal, command, in_words
from adapters.settings import SettingsError


def ended(error: BaseException):
    @command
    def breaks() -> None:
        """A command that breaks."""
        raise error

    app = typer.Typer()
    app.command()(breaks)
    return CliRunner().invoke(app, [])


@pytest.mark.parametrize("error", [Refusal("do this"), SettingsError("do\nthis")])
def test_our_own_errors_are_one_line_and_end_with_1(error):
    result = ended(error)
    assert (result.exit_code, result.stderr) == (1, "winwin: do this\n")


def test_ctrl_c_ends_with_130_and_says_so():
    result = ended(KeyboardInterrupt())
    assert result.exit_code == 130
    assert result.stderr == "winwin: stopped; what was not finished has not been written\n"


@pytest.mark.parametrize(
    ("error", "says"),
    [
        (OSError(errno.ENOSPC, "No space left on device", "a.db"), "the disk is full a.db; make room"),
        (PermissionError(errno.EACCES, "Permission denied", "a.db"), "no permission for a.db; choose another place"),
        (FileNotFoundError(errno.ENOENT, "No such file", "a.db"), "no such file: a.db"),
        (RuntimeError("secret words"), "something broke that should not have (RuntimeError at test_outcome.py:"),
    ],
)
def test_what_nobody_foresaw_is_one_line_too(error, says):
    result = ended(error)
    assert result.exit_code == 1
    assert says in result.stderr
    assert result.stderr.count("\n") == 1
    assert "Traceback" not in result.output
    assert "secret words" not in result.output


def test_a_reader_that_went_away_is_no_fault():
    result = ended(BrokenPipeError())
    assert (result.exit_code, result.output) == (1, "")


def test_an_error_without_words_is_named():
    with pytest.raises(Refusal) as raised:
        raise Refusal
    assert "Refusal at test_outcome.py" in in_words(raised.value)
