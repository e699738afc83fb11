"""In the browser words of people stay text, and nothing but an address of the web is a link, shown in full."""

import pytest

from adapters.web.outbound import card_view, web_address
from tests.fakes.probes import PROBES, cards


@pytest.mark.parametrize("probe", PROBES)
def test_a_probe_becomes_no_link_to_anywhere_else(probe: str):
    for card in cards(probe):
        for block in card_view(card).blocks:
            url = getattr(block, "url", "")
            assert url in ("", probe) or url.startswith(("https://library.example/", "/"))
            assert not url or url.lower().startswith(("http://", "https://", "/"))


@pytest.mark.parametrize(
    "url", ["javascript:alert(1)", "data:text/html,x", "//evil.example", "https:", " https:/x", "vbscript:x"]
)
def test_what_is_no_address_of_the_web_is_none(url: str):
    assert web_address(url) == ""
