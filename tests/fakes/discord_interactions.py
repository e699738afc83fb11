"""Presses, choices, forms and commands on the project's own Discord: what is sent for them, and their answers.

An interaction has to be answered within three seconds, once; for fifteen minutes it can be followed up.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from tests.fakes.discord_guild import Realm
from tests.fakes.discord_payloads import BOT, DM, EPHEMERAL, EVERYTHING, GUILD, Json, Refuses, invalid, parts_of

WITHIN, LIVES = 3.0, 900.0  # seconds
COMMAND, COMPONENT, AUTOCOMPLETE, FORM = 2, 3, 4, 5
SHOWS, DEFERS, DEFERS_QUIETLY, CHANGES, SUGGESTS, OPENS = 4, 5, 6, 7, 8, 9


@dataclass(eq=False)
class Interaction:
    """`answer` is the type of the first answer; `shown` what came of it, the messages for one person alone among it;
    `modal` the form it opened."""

    body: Json
    made_at: float
    answered: asyncio.Event = field(default_factory=asyncio.Event)
    answer: int = 0
    answered_after: float = 0.0
    shown: list[Json] = field(default_factory=list)
    deferred: bool = False  # an answer was promised
    original: Json | None = None
    modal: Json | None = None
    choices: list[Json] = field(default_factory=list)

    @property
    def user(self) -> str:
        return str((self.body.get("member") or self.body)["user"]["id"])

    @property
    def alone(self) -> list[Json]:
        """What only the person sees."""
        return [m for m in self.shown if m["flags"] & EPHEMERAL]


class Interactions:
    def __init__(self, realm: Realm) -> None:
        self.realm = realm
        self.all: list[Interaction] = []

    def begin(self, kind: int, user: str, channel: str, data: Mapping[str, Any], **more: object) -> Interaction:
        room = self.realm.channels[channel]
        direct = room["type"] == DM
        who: Json = {"user": self.realm.users[user]} if direct else {"member": self.realm.members[user]}
        body: Json = {
            "id": self.realm.snowflake(),
            "application_id": BOT,
            "type": kind,
            "token": f"token-{len(self.all) + 1}",
            "version": 1,
            "channel_id": channel,
            "channel": room,
            "data": dict(data),
            "locale": self.realm.locales.get(user, "en-US"),
            "app_permissions": EVERYTHING,
            "entitlements": [],
            "attachment_size_limit": 10_000_000,
            "authorizing_integration_owners": {"0": GUILD},
            "context": 1 if direct else 0,
            **who,
            **({} if direct else {"guild_id": GUILD, "guild_locale": "en-US"}),
            **more,
        }
        made = Interaction(body, self.realm.now())
        self.all.append(made)
        return made

    # --- what they are about ------------------------------------------------------------------------------

    def press(self, user: str, message: Json, label: str) -> Interaction:
        button = buttons(message)[label]
        data = {"component_type": 2, "custom_id": button["custom_id"]}
        return self.begin(COMPONENT, user, message["channel_id"], data, message=message)

    def choose(self, user: str, message: Json, custom_id: str, values: list[str]) -> Interaction:
        part = next(p for p in parts_of(message["components"]) if p.get("custom_id") == custom_id)
        data: Json = {"component_type": part["type"], "custom_id": custom_id, "values": values}
        return self.begin(COMPONENT, user, message["channel_id"], data | self._resolved(part, values), message=message)

    def submit(self, opened: Interaction, values: Mapping[str, Any]) -> Interaction:
        """The form that an interaction opened, filled in: by custom id a word, or a list of what was chosen."""
        assert opened.modal is not None
        rows = [self._filled(row, values) for row in opened.modal["components"]]
        data = {"custom_id": opened.modal["custom_id"], "components": rows} | self._roles_in(rows)
        message = {"message": opened.body["message"]} if "message" in opened.body else {}
        return self.begin(FORM, opened.user, opened.body["channel_id"], data, **message)

    def _roles_in(self, rows: list[Json]) -> Json:
        """The roles that were chosen, as they are now."""
        known = {role["id"]: role for role in self.realm.guild()["roles"]}
        chosen = [v for p in parts_of(rows) if p.get("type") == 6 for v in p["values"]]
        return {"resolved": {"roles": {role: known[role] for role in chosen}}} if chosen else {}

    def _filled(self, row: Json, values: Mapping[str, Any]) -> Json:
        if "component" in row:
            return {"type": row["type"], "component": self._value(row["component"], values)}
        return {"type": row["type"], "components": [self._value(c, values) for c in row.get("components") or ()]}

    def _value(self, part: Json, values: Mapping[str, Any]) -> Json:
        name = part["custom_id"]
        if part["type"] == 4:
            return {"type": 4, "custom_id": name, "value": values.get(name, part.get("value") or "")}
        usual = [o["value"] for o in part.get("options") or () if o.get("default")]
        usual += [o["id"] for o in part.get("default_values") or ()]
        return {"type": part["type"], "custom_id": name, "values": list(values.get(name, usual))}

    def _resolved(self, part: Json, values: list[str]) -> Json:
        if part["type"] not in (5, 7):
            return {}
        return {"resolved": {"users": {v: self.realm.users[v] for v in values if v in self.realm.users}}}

    def command(self, user: str, channel: str, name: str, **options: object) -> Interaction:
        """`name` is one of a command, or of a part of one (`winwin home`)."""
        kinds = {str: 3, int: 4, bool: 5}
        given: list[Json] = [{"name": n, "type": kinds[type(v)], "value": v} for n, v in options.items()]
        name, _, inner = name.partition(" ")
        if inner:
            given = [{"name": inner, "type": 1, "options": given}]
        data = {"id": self.realm.snowflake(), "name": name, "type": 1, "options": given}
        return self.begin(COMMAND, user, channel, data)

    def context(self, user: str, message: Json, name: str) -> Interaction:
        """A command from a message's own menu."""
        resolved = {"messages": {message["id"]: message}}
        data = {"id": self.realm.snowflake(), "name": name, "type": 3, "target_id": message["id"], "resolved": resolved}
        return self.begin(COMMAND, user, message["channel_id"], data)

    # --- how they are answered ----------------------------------------------------------------------------

    def respond(self, number: str, token: str, asked: Mapping[str, Any]) -> None:
        found = next((i for i in self.all if (i.body["id"], i.body["token"]) == (number, token)), None)
        if found is None or self.realm.now() - found.made_at > WITHIN:
            raise Refuses(404, 10062, "Unknown interaction")
        if found.answer:
            raise Refuses(400, 40060, "Interaction has already been acknowledged.")
        kind, data = int(asked["type"]), asked.get("data") or {}
        match kind:
            case 4:
                found.original = self._show(found, data)
            case 5:
                found.deferred = True
                found.original = {"flags": data.get("flags") or 0}
            case 6 | 7 if found.body["type"] in (COMPONENT, FORM):
                found.original = found.body.get("message")
                if kind == CHANGES:
                    self._change(found, found.original, data)
            case 8:
                found.choices = list(data.get("choices") or ())
            case 9 if found.body["type"] != FORM:
                found.modal = _modal(data)
            case _:
                raise invalid("type", "This interaction cannot be answered so.")
        found.answer, found.answered_after = kind, self.realm.now() - found.made_at
        found.answered.set()

    def follow_up(self, token: str, asked: Mapping[str, Any]) -> Json:
        found = self._living(token)
        if found.deferred and found.original is not None and "id" not in found.original:
            found.deferred = False  # the first one takes the place of what was promised
            found.original = self._show(found, {**asked, "flags": found.original["flags"]})
            return found.original
        return self._show(found, asked)

    def revise(self, token: str, which: str, asked: Mapping[str, Any]) -> Json:
        found = self._living(token)
        if which == "@original" and found.original is not None and "id" not in found.original:
            return self.follow_up(token, asked)
        return self._change(found, self.message(token, which), asked)

    def message(self, token: str, which: str) -> Json:
        found = self._living(token)
        message = found.original if which == "@original" else next((m for m in found.shown if m["id"] == which), None)
        if message is None or "id" not in message:
            raise Refuses(404, 10008, "Unknown Message")
        return message

    def delete(self, token: str, which: str) -> None:
        message = self.message(token, which)
        if message["flags"] & EPHEMERAL:
            self._living(token).shown = [m for m in self._living(token).shown if m is not message]
        else:
            self.realm.delete(message["channel_id"], message["id"])

    def _living(self, token: str) -> Interaction:
        found = next((i for i in self.all if i.body["token"] == token), None)
        if found is None or self.realm.now() - found.made_at > LIVES:
            raise Refuses(401, 50027, "Invalid Webhook Token")
        if not found.answer:
            raise Refuses(404, 10015, "Unknown Webhook")
        return found

    def _show(self, found: Interaction, data: Mapping[str, Any]) -> Json:
        channel = found.body["channel_id"]
        if (data.get("flags") or 0) & EPHEMERAL:
            message = self.realm.shown(channel, BOT, data)
        else:
            message = self.realm.post(channel, BOT, data)
        found.shown.append(message)
        return message

    def _change(self, found: Interaction, message: Json | None, data: Mapping[str, Any]) -> Json:
        if message is None:
            raise Refuses(404, 10008, "Unknown Message")
        if message["flags"] & EPHEMERAL:
            message |= {k: data[k] for k in ("content", "embeds", "components") if k in data}
            found.shown.append(message)
            return message
        return self.realm.edit(message["channel_id"], message["id"], data)


def _modal(data: Mapping[str, Any]) -> Json:
    rows = data.get("components") or []
    if not 1 <= len(rows) <= 5 or not 1 <= len(data.get("title") or "") <= 45:
        raise invalid("data", "A form has a title of at most 45 and 1 to 5 components.")
    if not 1 <= len(data.get("custom_id") or "") <= 100:
        raise invalid("data.custom_id", "Must be between 1 and 100 in length.")
    if any(len(r.get("label") or "") > 45 or len(r.get("description") or "") > 100 for r in rows):
        raise invalid("data.components", "label: Must be 45 or fewer in length.")
    if any(row["type"] not in (1, 10, 18) for row in rows):
        raise invalid("data.components", "A form is made of labels.")
    return dict(data)


def buttons(message: Mapping[str, Any]) -> dict[str, Json]:
    """The buttons of a message by their label."""
    return {p["label"]: dict(p) for p in parts_of(message.get("components") or ()) if p["type"] == 2 and "label" in p}
