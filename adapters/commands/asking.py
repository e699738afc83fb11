"""`winwin ask` and `winwin explain`: what the bot would do about a text. The same code as the running bot decides."""

import asyncio
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated

import typer

from adapters.commands.outcome import Refusal, command
from adapters.commands.screen import as_json, progress, say, show_json
from adapters.commands.session import AsJson, Database, in_community, settings_for

if TYPE_CHECKING:
    from adapters.app import Community
    from bot.judging import Judgement


@command
def ask(
    text: Annotated[str, typer.Argument(help="A question, as somebody would write it.", show_default=False)],
    database: Database = None,
    json_: AsJson = False,
) -> None:
    """Ask the library, as in private: what the bot would suggest, or silence."""
    _not_empty(text)

    async def work(c: "Community") -> None:
        await _ready(c)
        [judged] = await judge(c, [text], addressed=True)
        _show_answer(judged, json_, c.judge.speak_at)

    in_community(settings_for(database), work)


def _show_answer(judged: "Judgement", json_: bool, sure_from: float) -> None:
    if json_:
        show_json({"action": judged.action.value, "suggestions": _matches(judged.suggested)})
        return
    silences = {
        "crisis": "This reads like a crisis: no suggestion. The bot answers with helplines and pages people.",
        "route": "Silence: nothing in the library fits well enough. A volunteer would be asked.",
        "ignore": "Silence: this does not read like a need.",
    }
    if not judged.suggested:
        say(silences[judged.action.value])
    if judged.suggested and judged.suggested[0].confidence < sure_from:
        say("Perhaps related. Only the asker would see it; where everybody reads along the bot would be silent:")
    for match in judged.suggested:
        say(f"{match.title}  ({match.confidence:.0%} sure, {match.resource_id})")
        if match.why:
            say(f"    because of: {', '.join(match.why)}")


@command
def explain(
    text: Annotated[
        str, typer.Argument(help='A text, or - to read {"id","text"} lines from stdin.', show_default=False)
    ],
    database: Database = None,
    json_: Annotated[bool, typer.Option("--json", help="One line of JSON (always so with -).")] = False,
) -> None:
    """Show the whole decision about a text: triage, question or not, matches, action."""
    settings = settings_for(database)
    if text == "-":
        in_community(settings, _explain_stdin)
        return
    _not_empty(text)

    async def work(c: "Community") -> None:
        await _ready(c)
        [judged] = await judge(c, [text])
        found = decision(None, judged)
        if json_:
            say(as_json(found))
        else:
            show_json(found)

    in_community(settings, work)


async def _explain_stdin(c: "Community") -> None:
    """One line of JSON out for each line in, in order, as soon as it is judged. A bad line gets an `error`."""
    from adapters.commands.stream import answers

    await _ready(c)

    async def decided(texts: Sequence[str]) -> list[dict[str, object]]:
        return [decision(None, judged) for judged in await judge(c, texts)]

    async for batch in answers(sys.stdin.buffer, decided):
        sys.stdout.write("".join(as_json(answer) + "\n" for answer in batch))
        sys.stdout.flush()


def _not_empty(text: str) -> None:
    if not text.strip():
        raise Refusal("the text is empty; write a question in quotes")


# --- the decision ---------------------------------------------------------------------------------------


async def judge(c: "Community", texts: Sequence[str], *, addressed: bool = False) -> list["Judgement"]:
    """The judgements of the running bot. `addressed`: written to the bot itself in private, as with /ask."""
    read = (c.judge.heard(text, addressed=addressed, thorough=not addressed, whispered=addressed) for text in texts)
    return await c.judge.judge(await asyncio.gather(*read))


async def _ready(c: "Community") -> None:
    """The library and the model loaded. Raises ModelError and StorageError."""
    with progress("Loading the library") as shown:
        await c.librarian.open(shown)
    await c.model.embedder()


def decision(identity: object, judged: "Judgement") -> dict[str, object]:
    """The decision in the shape other programs rely on (docs/operators.md)."""
    return {
        "id": identity,
        "triage": judged.findings[0].code.value if judged.findings else None,
        "question": round(float(judged.need), 4),
        "is_question": bool(judged.is_question),
        "matches": _matches(judged.matches),
        "action": judged.action.value,
    }


def _matches(matches: Sequence[object]) -> list[dict[str, object]]:
    from knowledge.search import Match

    return [
        {
            "id": match.resource_id,
            "title": match.title,
            "score": round(float(match.score), 4),
            "confidence": round(float(match.confidence), 4),
            "why": list(match.why),
        }
        for match in matches
        if isinstance(match, Match)
    ]
