"""No words of people call anybody on Discord, hide where a link leads, or are read otherwise than they stand."""

import pytest
from discord_rules import calls_nobody

from adapters.discord.outbound import reading, rendered, thread_name
from tests.fakes.probes import PROBES, TURNING, cards


@pytest.mark.parametrize("probe", PROBES)
def test_a_probe_is_neutral_wherever_it_stands(probe: str):
    messages = [rendered(card, lambda _: "https://library.example/") for card in cards(probe)]
    messages += reading(probe, probe, probe, "https://library.example/")
    embedded = [str(embed.get(part, "")) for m in messages for embed in m.embeds for part in ("title", "description")]
    for said in (*(m.content for m in messages), *embedded, thread_name(probe)):
        calls_nobody(said)
        assert not [sign for sign in TURNING if sign in said]
