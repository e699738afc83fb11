"""A start: what it begins with, and what it does not import."""

import gc
import subprocess
import sys
from threading import Event

import pytest

from adapters import embedders
from adapters.commands.ahead import RARELY, collecting_rarely, model_under_way
from adapters.embedders import ModelError
from adapters.settings import read_settings
from adapters.stopwatch import Stopwatch
from tests.fakes.command_line import ROOT


def test_garbage_is_collected_rarely_until_it_is_open_and_as_usual_from_then_on():
    usual = gc.get_threshold()
    with collecting_rarely() as opened:
        assert gc.get_threshold() == RARELY != usual
        opened()
        assert gc.get_threshold() == usual
        assert gc.get_freeze_count() > 0
    gc.unfreeze()


def test_a_start_that_fails_leaves_the_collector_as_it_was():
    usual = gc.get_threshold()
    with pytest.raises(OSError, match="no"), collecting_rarely():
        raise OSError("no")
    assert gc.get_threshold() == usual


def test_the_model_is_loaded_once_while_something_else_is_done(monkeypatch):
    begun, go, made = Event(), Event(), []

    def load(name):
        begun.set()
        assert go.wait(5)
        made.append(name)
        return "the engine"

    monkeypatch.setattr(embedders, "load_embedder", load)
    watch = Stopwatch()
    wait = model_under_way(read_settings(None, winwin_model="some/model"), watch)
    assert begun.wait(5)
    go.set()
    assert (wait(), wait(), made) == ("the engine", "the engine", ["some/model"])
    assert [step["name"] for step in watch.told()][1:] == ["model loaded"]


def test_what_loading_raised_is_raised_to_whoever_waits(monkeypatch):
    def broken(_name):
        raise ModelError("the model cannot be used")

    monkeypatch.setattr(embedders, "load_embedder", broken)
    wait = model_under_way(read_settings(None), Stopwatch())
    with pytest.raises(ModelError, match="cannot be used"):
        wait()


def test_a_community_without_slack_imports_nothing_of_slack_nor_what_only_some_commands_need():
    heavy = ("slack_sdk", "slack_bolt", "aiohttp", "matplotlib", "torch", "httpx", "onnx", "sentence_transformers")
    asked = f"import sys, adapters.app; print([name for name in {heavy!r} if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", asked], capture_output=True, text=True, cwd=ROOT, check=True)
    assert done.stdout.strip() == "[]"
