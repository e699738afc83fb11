"""Events, effects and documents as JSON text and back: `["MessagePosted", {...}]`, the kind by its class name."""

from __future__ import annotations

import json
from typing import Any, TypeVar, get_args

from pydantic import TypeAdapter, ValidationError
from pydantic_core import PydanticSerializationError

from adapters.storage.errors import UnreadableRecord
from bot.cards import Card, Direct, InThread, OnlyFor, Posted
from bot.curation import Draft
from bot.effects import Effect
from bot.events import PlatformEvent, QuestionEvent
from bot.routing import Quiet
from bot.safety.alerts import Alert
from knowledge.resources import Resource

T = TypeVar("T")

KINDS: tuple[type, ...] = (
    *get_args(PlatformEvent),
    *get_args(QuestionEvent),
    *get_args(Effect),
    *(Card, Direct, InThread, OnlyFor, Posted, Draft, Quiet, Alert, Resource),
)


class Wire:
    """Turns values of KINDS into text and back. Adapters are built when a kind is first met (about 1 ms each)."""

    def __init__(self) -> None:
        self._kinds = {kind.__name__: kind for kind in KINDS}
        self._adapters: dict[type, TypeAdapter[Any]] = {}

    def encode(self, value: object) -> str:
        """Raises TypeError for a value that is not of KINDS."""
        kind = type(value)
        if self._kinds.get(kind.__name__) is not kind:
            raise TypeError(f"{kind.__name__} is not a kind of value that is stored; add it to KINDS")
        return f'["{kind.__name__}",{self._dump(self._adapter(kind), value)}]'

    def decode(self, text: str, wanted: type[T]) -> T:
        """The value again. Raises UnreadableRecord (without the text, which may be somebody's words)."""
        value = self.decode_any(text)
        if not isinstance(value, wanted):
            raise UnreadableRecord(f"A stored {wanted.__name__} turned out to be a {type(value).__name__}.")
        return value

    def decode_any(self, text: str) -> Any:
        """Like `decode`, whatever kind it is."""
        name, _, body = text.removeprefix('["').partition('",')
        kind = self._kinds.get(name)
        if not text.startswith('["') or not text.endswith("]"):
            raise UnreadableRecord("A stored value is not in the form it was written in: put back a backup.")
        if kind is None:
            raise UnreadableRecord(f"A stored value is of the unknown kind {name[:60]!r}: update winwin.")
        try:
            return self._adapter(kind).validate_json(body[:-1])
        except ValidationError as error:
            fault = error.errors(include_url=False, include_input=False, include_context=False)[0]
            where = ".".join(map(str, fault["loc"])) or "its JSON"
            raise UnreadableRecord(f"A stored {name} cannot be read: {where} is broken ({fault['type']}).") from None

    def _adapter(self, kind: type) -> TypeAdapter[Any]:
        adapter = self._adapters.get(kind)
        if adapter is None:
            adapter = self._adapters[kind] = TypeAdapter(kind)
        return adapter

    @staticmethod
    def _dump(adapter: TypeAdapter[Any], value: object) -> str:
        try:
            return adapter.dump_json(value).decode()
        except PydanticSerializationError:  # half of a surrogate pair: no encoding holds that
            text = json.dumps(adapter.dump_python(value, mode="json"), ensure_ascii=False)
            return text.encode("utf-8", "replace").decode()
