"""No crisis message ever gets a suggestion, a public quote or a row in a report: over conversations made by chance, on
the core and on the platforms, with the rules of triage that people are protected by."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import pytest
from hypothesis import Phase, example, given, settings

from bot.safety.triage import Triage, is_crisis
from tests.dialogues.conversations import Act, Watched, conversations, crises, play, verify
from tests.dialogues.core_stage import CoreStage
from tests.dialogues.discord_stage import DiscordStage
from tests.dialogues.slack_stage import SlackStage
from tests.dialogues.web_stage import WebStage
from tests.reliability import Reached

STAGES: dict[str, tuple[Callable[[], Watched], int, int]] = {  # how many conversations: quickly, and for long
    "core": (CoreStage, 20, 2_000),
    "slack": (SlackStage, 3, 150),
    "discord": (DiscordStage, 3, 150),
    "web": (WebStage, 3, 150),
}
DIE = "I am going to kill myself tonight."
ASKED = "How do infusion days count as absence at school?"
TRICKY = [  # what a conversation made by chance seldom comes to
    Act("post", "dana", ASKED),
    Act("reply", "tess", "Yes, ask the clinic for a letter, ours wrote one the same day."),
    Act("edit", "tess", f"{DIE} {ASKED}"),
    Act("post", "olu", ASKED),
    Act("reply", "ben", "Yes, ask the clinic for a letter, ours wrote one the same day."),
    Act("edit", "ben", "I have a gun and I am going to kill them all."),
    Act("nameless", "ben", f"{DIE} {ASKED}"),
    Act("edit", "dana", f"{DIE} {ASKED}", which=3),
    Act("Resolved", "mara"),
    Act("edit", "dana", ASKED, which=3),
    Act("post", "ben", f"My dad hits me every night. {ASKED}"),
    Act("restart"),
    Act("Not a crisis", "moda"),
    Act("wait"),
    Act("post", "tess", "We have our first infusion on tuesday"),
    Act("post", "tess", "What do we pack? And separately: does anybody know how to appeal an insurance denial?"),
    Act("post", "tess", "he is nine btw"),
    Act("edit", "tess", DIE),
    Act("post", "tess", "and does it hurt?"),
    Act("edit", "tess", f"{DIE} {ASKED}", which=2),
]


@pytest.fixture(scope="module")
def triage() -> Triage:
    return Triage.load()


def converse(stage_of: Callable[[], Watched], acts: list[Act], triage: Triage) -> None:
    async def whole() -> None:
        stage = stage_of()
        try:
            await verify(stage, await play(stage, acts, triage))
        finally:
            await stage.close()

    asyncio.run(whole())


def tried(stage: str, count: int, triage: Triage, *, searching: bool) -> None:
    stage_of = STAGES[stage][0]
    phases = (Phase.explicit, Phase.generate, Phase.shrink) if searching else (Phase.explicit, Phase.generate)

    @settings(max_examples=count, phases=phases, derandomize=not searching, database=None, deadline=None)
    @example(acts=TRICKY)
    @given(acts=conversations)
    def never(acts: list[Act]) -> None:
        converse(stage_of, acts, triage)

    never()


@pytest.mark.parametrize("stage", STAGES)
def test_no_crisis_is_ever_suggested_to_quoted_or_reported(stage: str, triage: Triage, reached: Reached):
    count = STAGES[stage][1]
    tried(stage, count, triage, searching=False)
    reached("crisis", f"conversations, {stage}", "nothing of a crisis anywhere", f"nothing in {count}")


@pytest.mark.soak
@pytest.mark.parametrize("stage", STAGES)
def test_no_crisis_is_ever_suggested_to_quoted_or_reported_in_many_conversations(
    stage: str, triage: Triage, reached: Reached
):
    count = STAGES[stage][2]
    tried(stage, count, triage, searching=True)
    reached("crisis", f"conversations, {stage}", "nothing of a crisis anywhere", f"nothing in {count}")


def test_what_is_written_there_is_a_crisis_to_the_rules(triage: Triage):
    found: list[bool] = []

    @settings(max_examples=60, derandomize=True, database=None, deadline=None)
    @given(text=crises)
    def read(text: str) -> None:
        found.append(is_crisis(triage.check(f"{text} zq001x")))

    read()
    assert sum(found) >= 0.9 * len(found)
