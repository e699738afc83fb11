"""A member's words taken out of every table. What must be left afterwards is said in forgetting.py."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import datetime

from sqlalchemy import ColumnElement, Table, delete, or_, select, text, update
from sqlalchemy.ext.asyncio import AsyncConnection

from adapters.storage.chat_tables import LOCAL, chat_post, erase_posts, next_change
from adapters.storage.dialect import chunks
from adapters.storage.forgetting import (
    bare,
    blind,
    emptied_draft,
    hashes,
    left_of,
    nobody,
    what_became_of,
)
from adapters.storage.library_tables import draft, embedding, resource, resource_version
from adapters.storage.log_tables import engagement_event
from adapters.storage.people_tables import (
    block,
    browser_session,
    follow,
    follower,
    link_code,
    link_try,
    member,
    sign_in_link,
    skill,
    untold,
    volunteer,
    volunteer_topic,
)
from adapters.storage.post_tables import inbox, outbox
from adapters.storage.question_tables import answer, letter, part, question, suggestion
from adapters.storage.records import member_values, record_of
from adapters.storage.wire import Wire
from bot.curation import Draft
from bot.effects import ShowSuggestions
from knowledge.resources import Resource


class Forget:
    """`done` is called when words were erased: what the database file still holds of them has to be wiped too."""

    def __init__(self, connection: AsyncConnection, wire: Wire, done: Callable[[], None], news: set[str]) -> None:
        self._connection = connection
        self._wire = wire
        self._done = done
        self._news = news

    async def everything_of(self, key: str, now: datetime, person: str) -> list[Resource]:
        """See bot.ports.MemberStore.forget."""
        self._done()
        name = await self._connection.scalar(select(member.c.name).where(member.c.key == key)) or ""
        await self._post_of(key, now)
        if key.startswith(LOCAL) and await erase_posts(self._connection, key.removeprefix(LOCAL), now):
            self._news.add("chat")
        phrases, questions = await self._questions_of(key, person)
        said = await self._answers_of(key)
        drafts = await self._drafts_of(key, questions)
        phrases |= {phrase for d in drafts if d.author != key or d.asks_for for phrase in d.asked_as}
        own = [d for d in drafts if d.author == key]
        changed, stale, gone = await self._resources_of(own, frozenset(phrases), name, now)
        await self._cards_about({*questions, *(d.id for d in own)}, gone, now)
        await self._suggestions(questions, gone)
        texts = [*phrases, *said, *(d.title for d in own), *(d.text for d in own)]
        await self._drop(embedding, embedding.c.hash, stale | hashes(texts, ()))
        await self._record_of(key, person)
        return changed

    async def _post_of(self, key: str, now: datetime) -> None:
        """What they wrote and nobody has handled yet is let go; what was said to them loses its free text."""
        gone = {"payload": "", "author": "", "error": "", "due_at": None, "leased": False, "parked_at": None}
        await self._connection.execute(
            update(inbox).where(inbox.c.author == key, text("author <> ''")).values(**gone, handled_at=now)
        )
        rows = await self._connection.execute(select(outbox.c.id, outbox.c.payload).where(outbox.c.to_member == key))
        for row in rows.all():
            payload = self._wire.encode(bare(self._wire.decode_any(row.payload)))
            await self._connection.execute(
                update(outbox).where(outbox.c.id == row.id).values(payload=payload, error="")
            )

    async def _questions_of(self, key: str, person: str) -> tuple[set[str], set[str]]:
        """(what they asked, the questions' ids)"""
        own = question.c.asker == key
        rows = (await self._connection.execute(select(question.c.id, question.c.text).where(own))).all()
        erased = update(question).where(own).values(text="", asker_person=person, version=question.c.version + 1)
        await self._connection.execute(erased)
        said = {row.text for row in rows}
        for some in chunks(sorted(row.id for row in rows)):
            theirs = part.c.question.in_(some)
            said |= set(await self._connection.scalars(select(part.c.text).where(theirs)))
            await self._connection.execute(update(part).where(theirs).values(text=""))
        return said - {""}, {row.id for row in rows}

    async def _answers_of(self, key: str) -> list[str]:
        texts = (await self._connection.scalars(select(answer.c.text).where(answer.c.member == key))).all()
        for table in (answer, letter):
            await self._connection.execute(update(table).where(table.c.member == key).values(text=""))
        return list(texts)

    async def _drafts_of(self, key: str, questions: set[str]) -> list[Draft]:
        """Their drafts, and those that quote their questions, as they were."""
        found: dict[str, Draft] = {}
        for some in chunks(sorted(questions)) or [[]]:
            wanted = select(draft.c.payload).where(or_(draft.c.author == key, draft.c.question.in_(some)))
            decoded = [self._wire.decode(payload, Draft) for payload in await self._connection.scalars(wanted)]
            found |= {d.id: d for d in decoded}
        for old in found.values():
            new = emptied_draft(old) if old.author == key else replace(old, asked_as=())
            values = {"state": new.state.value, "payload": self._wire.encode(new)}
            await self._connection.execute(update(draft).where(draft.c.id == old.id).values(values))
        return list(found.values())

    async def _resources_of(
        self, drafts: list[Draft], phrases: frozenset[str], name: str, now: datetime
    ) -> tuple[list[Resource], set[str], set[str]]:
        """The changed resources, the hashes of what their old versions said and the new ones do not, and the ids of
        those that are gone."""
        changed, old_ones = [], []
        stored = await self._every(resource)
        gone, cut = what_became_of(drafts, {r.id: r for r in stored})
        for old in stored:
            new = left_of(old, gone, cut, phrases, name)
            if new != old:
                changed.append(replace(new, version=old.version + 1))
        ids = {r.id for r in changed}
        for old in await self._every(resource_version):
            new = left_of(old, gone, cut, phrases, name)
            if new != old:
                old_ones.append(old)
                await self._rewrite(resource_version, new)
        for new in changed:
            self._news.add("library")
            await self._rewrite(resource, new)
            row = {"resource": new.id, "version": new.version, "at": now, "payload": self._wire.encode(new)}
            await self._connection.execute(resource_version.insert().values(row))
        stale = hashes((), [o for o in old_ones if o.id in ids or o.id in gone]) - hashes((), changed)
        return changed, stale, gone

    async def _every(self, table: Table) -> list[Resource]:
        payloads = await self._connection.scalars(select(table.c.payload))
        return [self._wire.decode(payload, Resource) for payload in payloads.all()]

    async def _rewrite(self, table: Table, new: Resource) -> None:
        payload = self._wire.encode(new)
        if table is resource:
            row = update(resource).where(resource.c.id == new.id)
            row = row.values(payload=payload, version=new.version, state=new.state.value)
        else:
            same = (resource_version.c.resource == new.id) & (resource_version.c.version == new.version)
            row = update(resource_version).where(same).values(payload=payload)
        await self._connection.execute(row)

    async def _suggestions(self, questions: set[str], resources: set[str]) -> None:
        await self._drop(suggestion, suggestion.c.question, questions)
        await self._drop(suggestion, suggestion.c.resource, resources)

    async def _cards_about(self, about: set[str], gone: set[str], now: datetime) -> None:
        """What the bot has said of them on the local web, where winwin is the platform too: cards about what they asked
        and gave, and suggestions of theirs that others were shown. On other platforms it is the platform's."""
        shown: set[str] = set()
        for some in chunks(sorted(gone)):
            shown |= set(
                await self._connection.scalars(select(suggestion.c.question).where(suggestion.c.resource.in_(some)))
            )
        ours = select(outbox.c.posted_message).where(outbox.c.posted_platform == "web")
        posts: set[str] = set()
        for some in chunks(sorted(about)):
            posts |= set(await self._connection.scalars(ours.where(outbox.c.about.in_(some))))
        for some in chunks(sorted(shown)):
            suggested = ours.where(outbox.c.about.in_(some), outbox.c.kind == ShowSuggestions.__name__)
            posts |= set(await self._connection.scalars(suggested))
        for post in sorted(p for p in posts if p and p.isdigit()):
            self._news.add("chat")
            there = update(chat_post).where(chat_post.c.id == int(post), chat_post.c.deleted_at.is_(None))
            changed = await next_change(self._connection)
            await self._connection.execute(there.values(text="", card="", deleted_at=now, changed=changed))

    async def _record_of(self, key: str, person: str) -> None:
        """The account goes on as nobody; what it counted stays, under keys that can't be read."""
        await self._drop(volunteer, volunteer.c.member, {key})
        await self._drop(volunteer_topic, volunteer_topic.c.member, {key})
        await self._drop(block, block.c.other, {key})
        for table in (follow, untold, follower, link_code, link_try, sign_in_link, browser_session, skill, block):
            await self._drop(table, table.c.member, {key})
        own = engagement_event.c.member == key
        rows = await self._connection.execute(select(engagement_event.c.id, engagement_event.c.key).where(own))
        for row in rows.all():
            blinded = update(engagement_event).where(engagement_event.c.id == row.id)
            await self._connection.execute(blinded.values(key=blind(row.key)))
        found = (await self._connection.execute(select(member).where(member.c.key == key))).first()
        if found:
            record = nobody(record_of(found), person)
            await self._connection.execute(update(member).where(member.c.key == key).values(member_values(record)))

    async def _drop(self, table: Table, column: ColumnElement[str], values: Iterable[str]) -> None:
        for some in chunks(sorted(values)):
            await self._connection.execute(delete(table).where(column.in_(some)))
