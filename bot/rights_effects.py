"""Wishes about rights: what became of a role somebody was given, and of a wish to see who asked without a name."""

from __future__ import annotations

from dataclasses import dataclass

from bot.news import RoleNews


@dataclass(frozen=True, slots=True)
class TellRole:
    """What became of a role that `member` was given; also for those who may give it again."""

    to: str
    member: str
    role: str
    news: RoleNews
    by: str = ""


@dataclass(frozen=True, slots=True)
class AskSecond:
    """Somebody wants to see who asked a question without a name: a second person has to agree."""

    unmasking: str
    to: str


@dataclass(frozen=True, slots=True)
class ShowAsker:
    """Both have agreed: who asked it, once, to each of them. The wish holds no name."""

    unmasking: str
    to: str


@dataclass(frozen=True, slots=True)
class TellSeen:
    """Tell the asker that two people have seen who they are, and why."""

    unmasking: str


RightsEffect = TellRole | AskSecond | ShowAsker | TellSeen
