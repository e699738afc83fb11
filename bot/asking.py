"""Questions asked through a form: in private, or in a channel without a name.

Who fills the form asks: the text is judged like a message, but it is a question whatever listening makes of it. One
without a name is posted by the bot under a pseudonym of its own, and begins when the post is there (QuestionPosted).
Nobody can flood a channel that way: what comes too often is kept for its asker, who may have it asked in private.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import timedelta

from bot.cards import Form
from bot.community import MemberRecord, QuestionFilter
from bot.effects import Notify
from bot.events import FormSubmitted, Place, PlatformEvent
from bot.hearing import Hearing, suggestions_of
from bot.judging import Judgement
from bot.linking import accounts
from bot.news import Notice
from bot.policy import Mode
from bot.question import Question
from bot.safety.findings import Code, Finding
from bot.steps import Steps, new_id
from bot.typed import InvalidForm, kept_text, own_names, say_to
from bot.wording import Say

A_DAY = timedelta(days=1)

# Words that English and Spanish share, so that a pseudonym reads the same to everybody.
_KIND_WORDS = (
    "Acacia",
    "Alpaca",
    "Azalea",
    "Begonia",
    "Coral",
    "Iguana",
    "Impala",
    "Iris",
    "Kiwi",
    "Koala",
    "Llama",
    "Magnolia",
    "Mango",
    "Mimosa",
    "Panda",
    "Papaya",
)


def pseudonym_for(question_id: str) -> str:
    """One per question: nothing links two questions of the same person."""
    digest = hashlib.sha256(f"pseudonym:{question_id}".encode()).digest()
    return f"{_KIND_WORDS[digest[0] % len(_KIND_WORDS)]}-{10 + int.from_bytes(digest[1:3]) % 90}"


def is_ask(event: PlatformEvent) -> bool:
    return isinstance(event, FormSubmitted) and event.form == Form.ASK


class Asking:
    def __init__(self, hearing: Hearing, default_mode: Mode, community: str) -> None:
        self._hearing = hearing
        self._default_mode = default_mode
        self._community = community

    async def form(
        self, event: FormSubmitted, judgement: Judgement | None, findings: Sequence[Finding], steps: Steps
    ) -> None:
        who = (await steps.tx.members.get([event.by.key])).get(event.by.key)
        try:
            await self._asked(event, who, judgement, findings, steps)
        except InvalidForm as invalid:
            await steps.say((Notify(event.by.key, Notice.INVALID, str(invalid)),), event.key)

    async def _asked(
        self,
        event: FormSubmitted,
        who: MemberRecord | None,
        judgement: Judgement | None,
        findings: Sequence[Finding],
        steps: Steps,
    ) -> None:
        say = say_to(who)
        question_id = new_id("q", event.key)
        nameless = event.values.get("how") == "anonymous"
        place = await self._place(event, steps, say) if nameless else _nowhere(event)
        names = own_names(who) if nameless else ()
        text = kept_text(event.values.get("text", ""), say("Please write your question first."), names)
        if judgement is None or await steps.tx.questions.get(question_id) is not None:
            return
        held_back = nameless and await self._often(event, who, steps)
        if held_back:
            place = _nowhere(event)
        question = Question(
            id=question_id,
            community=self._community,
            place=place,
            asker=event.by.key,
            asker_person=who.person if who else event.by.key,
            text=text,
            language=judgement.language,
            topics=judgement.topics,
            medical=judgement.medical,
            urgent=judgement.urgent,
            private=not nameless,
            asked_at=event.at,
            suggested=tuple(m.resource_id for m in judgement.suggested),
            pseudonym=pseudonym_for(question_id) if nameless else "",
        )
        doubtful = any(f.code is Code.M2 for f in findings)
        question, why = await self._hearing.led(question, judgement, steps)
        steps.known.vectors.keep(question.id, judgement.vector)
        await steps.begin(question, suggestions_of(judgement), why, doubtful=doubtful, held_back=held_back)

    async def _often(self, event: FormSubmitted, who: MemberRecord | None, steps: Steps) -> bool:
        """Whether the person had questions posted without a name so often, or so shortly before, that one more would
        crowd the channel. From whichever of their accounts."""
        mine = [m.key for m in await accounts(who, steps.tx)] if who else [event.by.key]
        since = event.at - A_DAY
        asked = [
            q.asked_at
            for account in mine
            for q in await steps.tx.questions.find(QuestionFilter(asker=account, asked_from=since))
            if q.pseudonym and q.asked_at > since
        ]
        policy = steps.policy
        return len(asked) >= policy.nameless_a_day or any(at > event.at - policy.nameless_pause for at in asked)

    async def _place(self, event: FormSubmitted, steps: Steps, say: Say) -> Place:
        """The channel, when the bot may speak there. A form can be forged: it must be one of the asker's own space."""
        key = event.values.get("channel", "")
        channel = await steps.tx.channels.get(key)
        mode = channel.mode if channel else self._default_mode
        here = f"{event.by.platform}:{event.by.space}:"
        if not key.startswith(here) or key == here or mode is Mode.OFF or (channel is not None and channel.gone):
            raise InvalidForm(say("I can't post in that channel. Please choose another one, or ask me in private."))
        return Place(event.by.platform, event.by.space, key.removeprefix(here), "", "")


def _nowhere(event: FormSubmitted) -> Place:
    """A private question stands in no channel; its place says only on which platform it was asked."""
    return Place(event.by.platform, event.by.space, "", "", "")
