"""No words of people call anybody on Slack, hide where a link leads, or are read otherwise than they stand."""

from collections.abc import Iterator
from typing import Any

import pytest
from slack_rules import calls_nobody, texts

from adapters.slack.outbound import rendered
from tests.fakes.probes import PROBES, TURNING, cards


def marked(value: Any) -> Iterator[str]:
    """Every text in which Slack reads markup; in labels it reads none."""
    if isinstance(value, dict) and value.get("type") == "mrkdwn":
        yield value["text"]
    for part in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        yield from marked(part)


@pytest.mark.parametrize("probe", PROBES)
def test_a_probe_is_neutral_wherever_it_stands(probe: str):
    for card in cards(probe):
        shown = rendered(card, lambda _: "https://library.example/")
        for said in (shown.text, *marked(shown.blocks)):
            calls_nobody(said)
        for said in (shown.text, *texts(shown.blocks)):
            assert not [sign for sign in TURNING if sign in said]
