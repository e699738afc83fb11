"""The same need was asked before, and people answered: which thread somebody is led to, and whether they still may be.

Resources go first. What is shown of the earlier question is where it stands and when it was asked, never its words; so
it must stand where whoever reads the link may read it (docs/decisions/0013), and everybody who asked or answered there
must still want to be there. What is about medicines is for clinicians and reviewed resources, and led nowhere.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from bot.community import MemberRecord
from bot.ports import Transaction
from bot.question import Outcome, Question, Status
from bot.recollection import Recollection
from bot.safety.alerts import AlertState
from bot.safety.findings import Code, Finding, is_crisis
from bot.showing.scene import Earlier
from knowledge.sameness import Likeness, sameness

LOOKED_AT = 5  # nearest answered questions that are compared
MEDICAL = frozenset({Code.M1, Code.M2})

Check = Callable[[str], Sequence[Finding]]


@dataclass(frozen=True, slots=True)
class Found:
    """`earlier`: the id of the question to link to. `why`: for the journal."""

    earlier: str = ""
    why: str = ""


NOTHING = Found()


async def find_earlier(
    q: Question, vector: bytes, findings: Sequence[Finding], check: Check, known: Recollection, tx: Transaction
) -> Found:
    """For a question to which the library has nothing. `check`: what rules find in the earlier one's words."""
    if q.suggested or q.medical or any(f.code in MEDICAL for f in findings):
        return NOTHING
    for question_id, cosine in known.past.nearest(vector, LOOKED_AT):
        earlier = await tx.questions.get(question_id)
        if earlier is None or not known.past.is_of(earlier.id, earlier.text):
            known.past.drop(question_id)
            continue
        like = sameness().of(q.text, earlier.text, cosine, q.language)
        if like.same and not _careful(check(earlier.text)) and await may_be_linked(earlier, q, tx):
            return Found(earlier.id, _why(like))
    return NOTHING


def _careful(findings: Sequence[Finding]) -> bool:
    return is_crisis(findings) or any(f.code in MEDICAL for f in findings)


def _why(like: Likeness) -> str:
    return (
        f"asked before: {like.cosine * 100:.0f} % alike in meaning, {like.share * 100:.0f} % of the words shared: "
        "a link is shown"
    )


async def may_be_linked(earlier: Question, q: Question, tx: Transaction) -> bool:
    """Whether `q` may be answered with a link to the earlier one, as things are now."""
    if earlier.id == q.id or earlier.asker_person == q.asker_person or not _settled(earlier):
        return False
    if not await _may_read(earlier, q, tx):
        return False
    return not await _in_care(earlier, tx) and await _all_willing(earlier, q, tx)


def _settled(earlier: Question) -> bool:
    """Asked in a channel in somebody's own name, answered, and still there."""
    if earlier.status not in (Status.ANSWERED, Status.CLOSED) or not earlier.text or earlier.nameless:
        return False
    return earlier.outcome not in (Outcome.WITHDRAWN, Outcome.NOT_HELPED) and not earlier.medical


async def _in_care(earlier: Question, tx: Transaction) -> bool:
    """Whether people look after somebody there, or it was ever taken for a cry for help."""
    if any(a.state is not AlertState.NOT_A_CRISIS for a in await tx.alerts.ever(earlier.place)):
        return True
    return any(a.place.thread_key == earlier.place.thread_key for a in await tx.alerts.open())


async def _may_read(earlier: Question, q: Question, tx: Transaction) -> bool:
    """Who reads the link can open it: in the same channel, or in one of the same space that is open to everybody."""
    if not q.private and earlier.place.channel_key == q.place.channel_key:
        return True
    there, here = earlier.place, q.place
    if (there.platform, there.space) != (here.platform, here.space):
        return False
    channel = await tx.channels.get(there.channel_key)
    asker = (await tx.members.get([q.asker])).get(q.asker)
    return channel is not None and channel.public and not channel.gone and not (asker is not None and asker.guest)


async def _all_willing(earlier: Question, q: Question, tx: Transaction) -> bool:
    """A person has answered, and nobody of that thread has been forgotten, opted out, or is unwanted by the asker."""
    answers = await tx.answers.of(earlier.id)
    standing = [a for a in answers if not a.on_its_way]
    if not standing or not all(a.text for a in answers):  # somebody's words were taken out
        return False
    keys = {earlier.asker, *earlier.answered_by, *(a.member for a in answers)}
    members = await tx.members.get(sorted(keys))
    unwanted = await tx.members.blocked(q.asker_person)
    return not any(_out(members[key], unwanted) for key in keys if key in members)


def _out(member: MemberRecord, unwanted: frozenset[str]) -> bool:
    return member.opted_out or member.bot or member.person in unwanted


async def earlier_now(q: Question, tx: Transaction) -> Earlier | None:
    """Where the question's link leads, as long as it may be shown."""
    earlier = await tx.questions.get(q.earlier) if q.earlier else None
    if earlier is None or q.medical or not await may_be_linked(earlier, q, tx):
        return None
    if earlier.place.channel_key == q.place.channel_key:
        return Earlier(earlier.place, earlier.asked_at)
    channel = await tx.channels.get(earlier.place.channel_key)
    return Earlier(earlier.place, earlier.asked_at, f"#{channel.name}" if channel and channel.name else "")
