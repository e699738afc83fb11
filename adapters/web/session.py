"""Who is looking: the signed cookie, the person a visitor is just now, and the token that every form carries."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from starlette.datastructures import FormData
from starlette.requests import Request

from adapters.web.people import Person, member_of
from bot.community import MemberRecord
from bot.events import Member
from bot.showing.rights import role_name

COOKIE = "winwin"
KEPT = 30 * 24 * 3600  # seconds


class Forged(Exception):  # noqa: N818 -- reads as what happened
    """A form without the token of this visitor's cookie."""


@dataclass(frozen=True, slots=True)
class Visit:
    """One visitor in one request."""

    person: Person
    member: Member
    csrf: str
    welcomed: bool  # has put the first-visit strip away


@dataclass(frozen=True, slots=True)
class Fields:
    """What a form held; several values of one name are kept."""

    values: Mapping[str, tuple[str, ...]]

    def one(self, name: str) -> str:
        return self.values.get(name, ("",))[0]

    def many(self, name: str) -> tuple[str, ...]:
        return self.values.get(name, ())


def visit(request: Request, people: Sequence[Person], secret_key: str) -> Visit:
    """The visitor; a new one begins as the first of the people."""
    session = request.session
    person = next((p for p in people if p.id == session.get("person")), people[0])
    return Visit(person, member_of(person.id), own_token(request, secret_key), bool(session.get("welcomed")))


def visit_of(request: Request, record: MemberRecord, secret_key: str) -> Visit:
    """Of somebody who is signed in."""
    role = ", ".join(role_name(role, str) for role in sorted(record.held)) or "member"
    person = Person(record.key, record.name or "You", role)
    return Visit(person, Member.from_key(record.key), own_token(request, secret_key), welcomed=True)


def own_token(request: Request, secret_key: str) -> str:
    """What every form on this visitor's pages carries."""
    session = request.session
    if "id" not in session:
        session["id"] = secrets.token_urlsafe(18)
    return csrf_token(str(session["id"]), secret_key)


def known_member(request: Request, people: Sequence[Person]) -> Member | None:
    """Whoever the cookie says is looking; a program that asks has none."""
    chosen = request.session.get("person")
    return next((member_of(p.id) for p in people if p.id == chosen), None)


def csrf_token(session_id: str, secret_key: str) -> str:
    return hmac.new(secret_key.encode(), f"csrf|{session_id}".encode(), hashlib.sha256).hexdigest()


async def read_form(request: Request, csrf: str) -> Fields:
    """The form of a POST. Raises Forged unless it carries the visitor's token."""
    form = await request.form(max_files=0, max_fields=200)
    fields = _fields(form)
    if not hmac.compare_digest(fields.one("csrf").encode(), csrf.encode()):
        raise Forged
    return fields


def _fields(form: FormData) -> Fields:
    found: dict[str, tuple[str, ...]] = {}
    for name, value in form.multi_items():
        if isinstance(value, str):
            found[name] = (*found.get(name, ()), value)
    return Fields(found)


def new_press() -> str:
    """The id of one press of one button as it stands on one page."""
    return secrets.token_urlsafe(12)
