"""Payload shapes that Slack has sent (from its Java SDK's samples, MIT), filled with ids; and ways to damage them."""

from __future__ import annotations

import copy
import json
from pathlib import Path
from typing import Any

from hypothesis import strategies as st

FOLDER = Path(__file__).parent / "payloads"
NAMES = sorted(path.stem for path in FOLDER.glob("*.json"))
IDS = {
    "team_id": "T1",
    "team": "T1",
    "user": "UANN",
    "channel": "C1",
    "ts": "1700000000.000100",
    "event_ts": "1700000001.000000",
    "deleted_ts": "1700000000.000100",
    "text": "How do we tell the school?",
    "trigger_id": "1.2.3",
    "user_id": "UANN",
    "channel_id": "C1",
    "message_ts": "1700000000.000100",
    "action_ts": "1700000002.000000",
}

Json = dict[str, Any]


def recorded(name: str, **given: Any) -> Json:
    """The shape with plausible ids where it has empty strings; `given` replaces fields of the event, or of the body."""
    body: Json = _filled(json.loads((FOLDER / f"{name}.json").read_text("utf-8")))
    for granted in body.get("authorizations", ()):
        granted |= {"user_id": "UBOT", "is_bot": True, "enterprise_id": None}
    body.get("event", body).update(given)
    return body


def _filled(value: Any, name: str = "") -> Any:
    if isinstance(value, dict):
        return {k: _filled(v, k) for k, v in value.items() if k not in ("bot_id", "enterprise_id", "enterprise")}
    if isinstance(value, list):
        return [_filled(v, name) for v in value]
    if value == "" or value == "0000000000.000000":
        return IDS.get(name, "")
    return value


JUNK = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(),
    st.text(max_size=8),
    st.lists(st.integers(), max_size=2),
    st.dictionaries(st.text(max_size=4), st.integers(), max_size=2),
)


@st.composite
def damaged(draw: st.DrawFn) -> Any:
    """A payload in which something is missing, or is something else."""
    body: Any = recorded(draw(st.sampled_from(NAMES)))
    for _ in range(draw(st.integers(1, 4))):
        body = copy.deepcopy(body)
        place, key = _somewhere(body, draw)
        if place is None:
            return draw(JUNK)
        if draw(st.booleans()):
            place[key] = draw(JUNK)
        else:
            del place[key]
    return body


def _somewhere(body: Any, draw: st.DrawFn) -> tuple[Any, Any]:
    place: Any = body
    for _ in range(8):
        keys = list(place) if isinstance(place, dict) else list(range(len(place)))
        if not keys:
            return None, None
        key = draw(st.sampled_from(keys))
        if not isinstance(place[key], dict | list) or not place[key] or draw(st.integers(0, 3)) == 0:
            return place, key
        place = place[key]
    return None, None
