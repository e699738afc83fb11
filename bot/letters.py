"""Writing to and fro through the bot: the asker of a private question or one without a name writes back, and the
replies under a question without a name are brought to its asker. Letters hold the words; wishes only their ids."""

from __future__ import annotations

from bot.community import Letter, MemberRecord
from bot.effects import Notify, PassOn
from bot.events import FormSubmitted, MessageEdited, MessagePosted, PersonRequested, Place
from bot.news import Notice
from bot.pressing import load_question
from bot.private_details import without
from bot.question import Question, Refused, Status
from bot.steps import Steps, new_id
from bot.typed import MAX_TEXT, kept_text, own_names, say_to


async def write_back(event: FormSubmitted, who: MemberRecord | None, steps: Steps) -> None:
    """To whoever has or had the question; without a name: into the thread. Where a settled question has nobody left,
    it is opened again; where somebody is still looked for, the letter waits for whoever takes it."""
    question, by = await load_question(event.subject, steps), event.by.key
    if question.asker != by:
        raise Refused(Notice.NOT_YOURS)
    if not question.nameless or not question.text:
        raise Refused(Notice.GONE)
    say, names = say_to(who), own_names(who) if question.pseudonym else ()
    text = kept_text(event.values.get("text", ""), say("Please write a few words first."), names)
    letter = Letter(new_id("l", event.key), question.id, by, text, event.at)
    await steps.tx.letters.put(letter)
    holders = await _holders(question, steps)
    if question.private:
        wishes = tuple(PassOn(question.id, letter.id, member) for member in holders)
    else:
        wishes = (PassOn(question.id, letter.id),)
    await steps.say(wishes, f"{letter.id}:on", question.place)
    notice = Notice.BROUGHT_OVER if wishes else Notice.KEPT_FOR_LATER
    await steps.say((Notify(by, notice),), event.key)
    if not holders and question.status in (Status.ANSWERED, Status.CLOSED):
        await steps.befall(question, PersonRequested(by), by)


async def _holders(question: Question, steps: Steps) -> list[str]:
    """Who has taken it and who has answered, as far as their accounts are still there and the asker wants them."""
    keys = dict.fromkeys(k for k in (question.claimed_by, *question.answered_by) if k)
    records = await steps.tx.members.get(list(keys))
    blocked = await steps.tx.members.blocked(question.asker_person)
    there = [records[k] for k in keys if k in records and not records[k].deactivated]
    return [m.key for m in there if m.person not in blocked]


async def bring_reply(event: MessagePosted | MessageEdited, question: Question, steps: Steps) -> None:
    """Somebody wrote under a question without a name: its asker gets it in private, also when it is edited."""
    text = without(event.text, ())[:MAX_TEXT]
    await steps.tx.letters.put(Letter(event.place.key, question.id, event.author.key, text, event.at))
    await steps.say((PassOn(question.id, event.place.key),), f"{event.key}:on", question.place)


async def reply_gone(place: Place, question: Question, steps: Steps, stem: str) -> None:
    """What was written there was taken back: it also goes from where it was brought to."""
    if await steps.tx.letters.get(place.key) is not None:
        await steps.tx.letters.remove(place.key)
        await steps.say((PassOn(question.id, place.key),), f"{stem}:gone", question.place)
