"""What has to be made ready before a wish can be shown, and takes a model or a write: done with no transaction open."""

from __future__ import annotations

from bot import effects as do
from bot.digesting import Digests
from bot.effects import Effect
from bot.judging import Judge
from bot.librarian import Librarian
from bot.linking import accounts, make_code
from bot.merging import similar_to
from bot.ports import Clock, Store
from bot.showing.scene import Scene
from knowledge.resources import ReviewState


class Backstage:
    def __init__(
        self, store: Store, clock: Clock, librarian: Librarian, judge: Judge, digests: Digests | None = None
    ) -> None:
        self._store = store
        self._clock = clock
        self._librarian = librarian
        self._judge = judge
        self._digests = digests

    async def scene(self, effect: Effect) -> Scene:
        """The scene with what only this wish needs; the rest is read when it is shown."""
        now = self._clock.now()
        match effect:
            case do.InviteReview():
                return await self._review(effect.draft)
            case do.TellFollower():
                return await self._follower(effect)
            case do.ThankVolunteer():
                return await self._thanks(effect)
            case do.ShowLinkCode():
                return Scene(now, code=await make_code(self._store, self._clock, effect.to))
            case do.PostDigest() if self._digests is not None:
                return Scene(now, digest=await self._digests.saying(effect))
            case do.ShowSuggestions() | do.CloseSuggestions():
                return Scene(now, sure_from=self._judge.speak_at)
            case _:
                return Scene(now)

    async def _review(self, draft_id: str) -> Scene:
        async with self._store.read() as tx:
            draft = await tx.drafts.get(draft_id)
        similar = await similar_to((draft,), self._librarian, self._judge) if draft else {}
        return Scene(self._clock.now(), similar=similar[draft_id][0] if draft_id in similar else None)

    async def _follower(self, effect: do.TellFollower) -> Scene:
        async with self._store.read() as tx:
            found = await tx.resources.get(effect.resources)
            reader = (await tx.members.get([effect.to])).get(effect.to)
            own = [account.key for account in await accounts(reader, tx)] if reader else []
            follows = frozenset([topic for account in own for topic in await tx.follows.of(account)])
        live = {k: r for k, r in found.items() if r.state is ReviewState.PUBLISHED}
        return Scene(self._clock.now(), resources=live, follows=follows)

    async def _thanks(self, effect: do.ThankVolunteer) -> Scene:
        async with self._store.read() as tx:
            settings = await tx.volunteers.get(effect.to)
        return Scene(self._clock.now(), wanted=settings is not None and settings.thanks)
