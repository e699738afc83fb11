"""What a replay says, in words: whom by pseudonym, messages without private details, times where the community is.

Also the whole of it as JSON. A crisis is a code, a place and a time; nothing else of it is known here.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta, tzinfo
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from adapters.exports import Export
    from bot.events import Place
    from bot.replayed import Cry, Decision, Replay
    from knowledge.search import Match

SPARED = ("@somebody", "@here", "@channel", "@everyone", "@role")  # stand for people, and name nobody


@dataclass(slots=True)
class Words:
    """`named`: show people's names instead of pseudonyms."""

    export: "Export"
    replay: "Replay"
    resources: int
    zone: tzinfo
    named: bool = False
    _aliases: dict[str, str] = field(default_factory=dict)

    def who(self, key: str) -> str:
        """p-1 is whoever comes first."""
        alias = self._aliases.setdefault(key, f"p-{len(self._aliases) + 1}")
        return (self.export.names.get(key) or alias) if self.named else alias

    def text(self, text: str) -> str:
        from bot.private_details import without

        return without(text, () if self.named else self._names(), spare=SPARED)

    def channel(self, place: "Place") -> str:
        return self.export.channels.get(place.channel_key) or place.channel

    def moment(self, at: datetime) -> str:
        return f"{at.astimezone(self.zone):%Y-%m-%d %H:%M}"

    def why(self, d: "Decision") -> str:
        """Why it was heard or not, and why the library spoke or not."""
        from bot.replayed import Verdict

        sure, heard, shown = d.judgement.need, self.replay.heard_from, self.replay.shown_from
        if d.verdict is Verdict.UNHEARD:
            had = "The library would have had something." if d.shown else "The library had nothing for it either."
            return f"{sure:.0%} sure that it is a question, and heard from {heard:.0%} on; yet people answered. {had}"
        medical = " About medicines: reviewed resources and clinicians only." if d.judgement.medical else ""
        asked = f"A question: {sure:.0%} sure, heard from {heard:.0%} on."
        if d.verdict is Verdict.SUGGESTED:
            return f"{asked} A resource is shown from {shown:.0%} on.{medical}"
        best = next(iter(d.judgement.matches), None)
        near = f"The nearest is “{best.title}”, {best.confidence:.0%} sure;" if best else "Nothing is near;"
        return f"{asked} {near} shown from {shown:.0%} on.{medical}"

    def happened(self, d: "Decision") -> str:
        if d.answered is not None:
            return f"{self.who(d.answered.by)} answered after {waited(d.answered.at - d.at)}."
        if d.withdrawn_at is not None:
            return f"Its author took it back after {waited(d.withdrawn_at - d.at)}; nobody had answered."
        return "Nobody answered."

    def cry(self, cry: "Cry") -> str:
        return f"A crisis here ({cry.code}): #{self.channel(cry.place)}, {self.moment(cry.at)}"

    def _names(self) -> Iterable[str]:
        whole = {name for name in self.export.names.values() if name.strip()}
        return [*whole, *(part for name in whole for part in name.split())]


def waited(time: timedelta) -> str:
    """`5 min`, `3 h`, `2 days`."""
    minutes = time.total_seconds() / 60
    if minutes < 1:
        return "less than a minute"
    if minutes < 90:
        return f"{minutes:.0f} min"
    return f"{minutes / 60:.0f} h" if minutes < 48 * 60 else f"{minutes / 60 / 24:.0f} days"


def totals(replay: "Replay") -> Mapping[str, object]:
    """Every figure that is told, by its name in JSON."""
    from bot.replayed import Verdict

    questions = replay.questions
    wait = replay.usual_wait
    return {
        "questions": len(questions),
        "suggested": len(replay.of(Verdict.SUGGESTED)),
        "suggested_unanswered": sum(d.left for d in replay.of(Verdict.SUGGESTED)),
        "routed": len(replay.of(Verdict.ROUTED)),
        "answered": sum(d.answered is not None for d in questions),
        "unanswered": sum(d.left for d in questions),
        "withdrawn": sum(d.withdrawn_at is not None for d in questions),
        "median_minutes_to_answer": round(wait.total_seconds() / 60, 1) if wait is not None else None,
        "missed": len(replay.missed),
        "unheard": len(replay.of(Verdict.UNHEARD)),
        "crises": replay.codes,
        "beside_crises": replay.beside,
    }


def in_words(w: Words) -> str:
    """The totals as one paragraph."""
    from bot.replayed import Verdict

    replay, had = w.replay, w.replay.of(Verdict.SUGGESTED)
    first, last = (w.moment(w.export.said[n].posted.at)[:10] for n in (0, -1))
    channels = counted(len({s.posted.place.channel_key for s in w.export.said}), "channel")
    people, messages = counted(replay.people, "person", "people"), counted(replay.messages, "message")
    when = f"On {first}" if first == last else f"From {first} to {last}"
    said = [f"{when}, {people} wrote {messages} in {channels}."]
    if replay.questions:
        said.append(
            f"winwin would have heard {counted(len(replay.questions), 'question')}: to {len(had):,} of them it had "
            f"something to show at once, {len(replay.of(Verdict.ROUTED)):,} would have gone to people, one volunteer "
            "after the other."
        )
        soon = f", half of them within {waited(replay.usual_wait)}" if replay.usual_wait is not None else ""
        said.append(
            f"In reality {sum(d.answered is not None for d in replay.questions):,} were answered by somebody{soon}; "
            f"{sum(d.left for d in replay.questions):,} never were, and for {sum(d.left for d in had):,} of these the "
            "library had something."
        )
    else:
        said.append("winwin would have heard no question.")
    if unheard := len(replay.of(Verdict.UNHEARD)):
        said.append(f"It would have taken {counted(unheard, 'message')} for talk that people answered like a question.")
    if replay.cries:
        said.append(f"{counted(len(replay.cries), 'message')} would have raised an alarm: no word of them is here.")
    return " ".join(said)


def counted(number: int, one: str, many: str = "") -> str:
    return f"{number:,} {one if number == 1 else many or f'{one}s'}"


def as_json(w: Words) -> dict[str, object]:
    export = w.export
    return {
        "export": {
            "platform": export.platform,
            "messages": w.replay.messages,
            "people": w.replay.people,
            "bots": export.bots,
            "other": export.other,
            "edited": export.edited,
            "deleted": export.deleted,
            "left_out": list(export.left_out),
            "bad_files": [{"file": name, "reason": reason} for name, reason in export.bad],
        },
        "resources": w.resources,
        "totals": dict(totals(w.replay)),
        "decisions": [_decision(d, w) for d in w.replay.decisions],
        "crises": [
            {"code": cry.code, "channel": w.channel(cry.place), "at": cry.at.isoformat()} for cry in w.replay.cries
        ],
    }


def _decision(d: "Decision", w: Words) -> dict[str, object]:
    answered = d.answered
    return {
        "id": d.place.key,
        "channel": w.channel(d.place),
        "at": d.at.isoformat(),
        "by": w.who(d.asker),
        "text": w.text(d.text),
        "verdict": d.verdict.value,
        "missed": d.missed,
        "triage": d.judgement.findings[0].code.value if d.judgement.findings else None,
        "question": round(float(d.judgement.need), 4),
        "why": w.why(d),
        "suggestions": [_match(match) for match in d.shown],
        "answered": answered
        and {
            "by": w.who(answered.by),
            "at": answered.at.isoformat(),
            "minutes": round((answered.at - d.at).total_seconds() / 60, 1),
            "text": w.text(answered.text),
            "sure": round(float(answered.sure), 4),
        },
        "withdrawn_at": d.withdrawn_at.isoformat() if d.withdrawn_at is not None else None,
    }


def _match(match: "Match") -> dict[str, object]:
    return {
        "id": match.resource_id,
        "title": match.title,
        "confidence": round(float(match.confidence), 4),
        "why": list(match.why),
    }
