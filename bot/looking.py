"""What is true now of what a wish is about: the scene from which it is shown."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from bot import effects as do
from bot.answering import answer_of
from bot.community import Role, Suggestion
from bot.crisis_effects import AnswerCrisis, ClosePage, FoldPage, PageSafety, ReadAgain, SaySorry
from bot.crossing import at_home, confined, spaces_of
from bot.earlier import earlier_now
from bot.effects import Effect
from bot.news import OfferEnd
from bot.policy import Answering, Mode
from bot.ports import Transaction
from bot.post import OutboxRow
from bot.rights_effects import AskSecond, ShowAsker, TellRole, TellSeen
from bot.safety.helplines import Helpline, helplines_for_all
from bot.safety.whereabouts import whereabouts
from bot.showing.scene import Scene
from bot.standing import card_up
from bot.unmasking import around_unmasking
from knowledge.resources import Resource, ReviewState


class Looking:
    """`returned` are words on their way back to who wrote them; `country` is where members live of whom nothing is
    known."""

    def __init__(
        self, helplines: tuple[Helpline, ...], default_mode: Mode, country: str, returned: Mapping[str, str]
    ) -> None:
        self._helplines = helplines
        self._default_mode = default_mode
        self._country = country
        self._returned = returned

    async def scene(self, tx: Transaction, row: OutboxRow, scene: Scene) -> Scene:
        effect = row.wish.effect
        match effect:
            case do.AskConsent() | do.InviteReview() | do.TellPublished():
                scene = await _draft_scene(effect.draft, scene, tx)
            case AnswerCrisis() | PageSafety() | ClosePage() | FoldPage() | SaySorry() | ReadAgain():
                scene = replace(scene, alert=await tx.alerts.get(effect.alert))
            case do.NudgePrivacy() | do.ReviewPost() | do.Notify():
                pass
            case do.WelcomeChannel() | do.AskMode():
                scene = replace(scene, channel=await tx.channels.get(row.wish.about))
            case do.PassOn() | do.RelayAnswer() | do.PostAnswer():
                scene = await self._question_scene(tx, scene, effect, effect.question)
            case TellRole():
                scene = replace(scene, appointment=await tx.appointments.get(effect.member, Role(effect.role)))
            case AskSecond() | ShowAsker() | TellSeen():
                scene = await around_unmasking(effect.unmasking, scene, tx)
            case do.GiveBack():
                scene = replace(scene, returned=self._returned.get(effect.id, ""))
            case do.TellFollower() | do.ThankVolunteer() | do.ShowLinkCode() | do.PostDigest():
                pass  # made ready backstage
            case _:
                scene = await self._question_scene(tx, scene, effect, row.wish.about)
        scene = replace(scene, posted=await card_up(effect, row.wish.about, tx))
        return await self._people(tx, scene, row)

    async def _question_scene(self, tx: Transaction, scene: Scene, effect: Effect, question_id: str) -> Scene:
        q = await tx.questions.get(question_id)
        if q is None:
            return scene
        channel = await tx.channels.get(q.place.channel_key)
        mode, gone = (channel.mode, channel.gone) if channel else (self._default_mode, False)
        answering = channel.answering if channel else Answering.THREAD
        scene = replace(scene, question=q, mode=mode, answering=answering, gone=gone, confined=confined(q, channel))
        if isinstance(effect, do.ShowSuggestions | do.CloseSuggestions):
            suggestions = await tx.suggestions.of(q.id)
            scene = replace(scene, suggestions=tuple(suggestions), resources=await live(suggestions, tx))
        if isinstance(effect, do.ShowEarlier | do.CloseEarlier):
            scene = replace(scene, earlier=await earlier_now(q, tx))
        if isinstance(effect, do.RelayAnswer | do.PostAnswer):
            scene = replace(scene, answer=await answer_of(effect, tx))
        if isinstance(effect, do.PassOn):
            letter = await tx.letters.get(effect.letter)
            scene = replace(scene, letter=letter, answer=await tx.answers.at(effect.letter))
        if scene.answer is not None or scene.letter is not None:
            by = scene.answer.member if scene.answer else scene.letter.member if scene.letter else ""
            scene = replace(scene, appointment=await tx.appointments.get(by, Role.CLINICIAN))
        if isinstance(effect, do.CloseOffer) and effect.end is OfferEnd.ACCEPTED and q.private:
            written = [letter for letter in await tx.letters.of(q.id) if letter.member == q.asker]
            scene = replace(scene, letters=tuple(written))
        return scene

    async def _people(self, tx: Transaction, scene: Scene, row: OutboxRow) -> Scene:
        keys = {row.wish.to}
        if scene.question is not None:
            keys |= {scene.question.asker, scene.question.claimed_by, getattr(row.wish.effect, "about", "")}
            keys.add(scene.question.handed_by)
        if scene.letter is not None:
            keys.add(scene.letter.member)
        if isinstance(row.wish.effect, do.AskMode):
            keys.add(row.wish.effect.chosen_by)
        if scene.draft is not None:
            keys |= {scene.draft.author, scene.draft.saved_by}
        if scene.alert is not None:
            keys |= {scene.alert.author, scene.alert.taken_by, scene.alert.ended_by}
        if scene.answer is not None:
            keys.add(scene.answer.member)
        if isinstance(row.wish.effect, TellRole):
            keys |= {row.wish.effect.member, row.wish.effect.by}
        if scene.appointment is not None:
            keys.add(scene.appointment.by)
        if scene.unmasking is not None:
            keys |= {scene.unmasking.by, scene.unmasking.second}
        members = await tx.members.get(sorted(k for k in keys if k))
        scene = replace(scene, members=members)
        if scene.question is not None and row.wish.to and not at_home(row.wish.to, scene.question.place):
            scene = replace(scene, spaces=await spaces_of(members.get(row.wish.to), tx))
        if isinstance(row.wish.effect, AnswerCrisis) and scene.alert is not None:
            author = members.get(scene.alert.author)
            lines = helplines_for_all(scene.alert.found, whereabouts(author, self._country), self._helplines)
            scene = replace(scene, helplines=lines)
        return scene


async def _draft_scene(draft_id: str, scene: Scene, tx: Transaction) -> Scene:
    draft = await tx.drafts.get(draft_id)
    asked_for = [draft.asks_for] if draft is not None and draft.asks_for else []
    return replace(scene, draft=draft, resources=await tx.resources.get(asked_for))


async def live(suggestions: Sequence[Suggestion], tx: Transaction) -> dict[str, Resource]:
    """The resources that may still be shown: one may have been retired a second ago."""
    found = await tx.resources.get([s.resource for s in suggestions])
    return {key: r for key, r in found.items() if r.state is ReviewState.PUBLISHED}
