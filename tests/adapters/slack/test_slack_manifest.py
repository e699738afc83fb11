"""The app's manifest: Slack takes it, and it asks for what the code uses and nothing more."""

import json
import re
from pathlib import Path

import jsonschema
import yaml

from adapters.slack import scopes
from adapters.slack.scopes import EVENTS, SCOPES

ROOT = Path(__file__).parents[3]
MANIFEST = yaml.safe_load(scopes.MANIFEST.read_text("utf-8"))
SCHEMA = json.loads((Path(__file__).parent / "manifest.schema.2.0.0.json").read_text("utf-8"))


def test_it_fits_slacks_schema():
    jsonschema.validators.validator_for(SCHEMA)(SCHEMA).validate(MANIFEST)


def test_it_asks_for_the_scopes_and_events_of_the_code():
    assert tuple(MANIFEST["oauth_config"]["scopes"]["bot"]) == SCOPES
    assert tuple(MANIFEST["settings"]["event_subscriptions"]["bot_events"]) == EVENTS


def test_every_command_and_shortcut_is_heard():
    source = (ROOT / "adapters" / "slack" / "inbound_commands.py").read_text("utf-8")
    heard = set(re.findall(r'case "([a-z_]+)":', source))
    commands = {c["command"].lstrip("/") for c in MANIFEST["features"]["slash_commands"]}
    shortcuts = {s["callback_id"] for s in MANIFEST["features"]["shortcuts"]}
    assert commands | shortcuts <= heard


def test_every_event_is_read():
    from adapters.slack.inbound import _READERS

    assert {e.partition(".")[0] for e in EVENTS} <= set(_READERS)
