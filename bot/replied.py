"""What others write under a question: an answer to it or none, brought to who asked without a name, and taken back."""

from __future__ import annotations

from collections.abc import Sequence

from bot.answering import is_clinician
from bot.around import Judged, Message
from bot.belonging import answered
from bot.community import Answer
from bot.effects import RelayAnswer
from bot.events import AnswerRetracted, MessageEdited, Place, Replied
from bot.letters import bring_reply, reply_gone
from bot.private_details import without
from bot.question import Question
from bot.safety.notes import from_strings
from bot.safety.triage import Code
from bot.steps import Steps


async def replied(event: Message, judged: Judged, here: Sequence[Question], steps: Steps, needed: float) -> None:
    """`here`: what was asked there. `needed`: the probability at which it counts as an answer."""
    question = answered(here, event.author.key, event.text, judged.answers, needed)
    probability = judged.answers.get(question.id, 0.0)
    doubtful = await _must_not_count(event, judged, question, steps)
    if question.pseudonym and not question.private:
        await _to_the_asker(event, judged, question, steps, doubtful=doubtful)
    fails = probability < needed or doubtful
    if isinstance(event, MessageEdited):
        before = await steps.tx.answers.at(event.place.key)
        if before is not None and (fails or before.question != question.id):
            await answer_gone(event.place, steps)
    if fails:
        return
    text = without(event.text, ())
    answer = Answer(event.place, question.id, event.author.key, text, probability, event.at)
    await steps.tx.answers.put(answer)
    await steps.befall(question, Replied(event.author.key, answers=True), event.author.key)


async def _must_not_count(event: Message, judged: Judged, question: Question, steps: Steps) -> bool:
    """Talk of a cure must not end the search, nor may what anybody but a clinician says on medicines: their words
    stay where they wrote them, and the search goes on."""
    if any(f.code is Code.M2 for f in from_strings(judged.row.arrival.findings)):
        return True
    author = event.author.key
    return question.medical and not is_clinician((await steps.tx.members.get([author])).get(author))


async def _to_the_asker(event: Message, judged: Judged, question: Question, steps: Steps, *, doubtful: bool) -> None:
    """A reply under a question without a name. Not the words of somebody who opted out, and nothing doubtful: no
    talk of a cure, and on medicines a clinician's words alone."""
    author = judged.context.author if judged.context else None
    if doubtful:
        await reply_gone(event.place, question, steps, event.key)
    elif author is None or not author.opted_out:
        await bring_reply(event, question, steps)


async def answer_gone(place: Place, steps: Steps) -> None:
    """What stood there is no answer any more. Somebody with another answer in the thread has still answered."""
    answer = await steps.tx.answers.at(place.key)
    question = await steps.tx.questions.get(answer.question) if answer else None
    if answer is None or question is None:
        return
    await steps.tx.answers.remove(place.key)
    if answer.relay and question.pseudonym:  # it was brought to its asker in private too
        await steps.say((RelayAnswer(question.id, answer.relay),), f"{answer.relay}:gone", place)
    left = await steps.tx.answers.of(question.id)
    if all(a.member != answer.member for a in left):
        await steps.befall(question, AnswerRetracted(answer.member, len(left)), answer.member)
