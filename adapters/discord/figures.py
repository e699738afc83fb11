"""What is counted about Discord, for Prometheus."""

from __future__ import annotations

from prometheus_client import CollectorRegistry, Counter


class Figures:
    """`ambiguous`: messages that may have been posted already when they were to be sent again; `found`: of these, the
    ones that stood there, so that nothing was posted twice; `blind`: sent again without a way to look; `gaps`: new
    sessions, each of which has to be read up on."""

    def __init__(self, registry: CollectorRegistry | None = None) -> None:
        to = registry or CollectorRegistry()
        self.ambiguous = Counter("winwin_discord_ambiguous", "Sends that may have been posted before", registry=to)
        self.found = Counter("winwin_discord_found", "Ambiguous sends that were found posted", registry=to)
        self.blind = Counter("winwin_discord_blind", "Ambiguous sends repeated without a way to look", registry=to)
        self.resumed = Counter("winwin_discord_resumed", "Sessions that went on after a cut", registry=to)
        self.gaps = Counter("winwin_discord_gaps", "Sessions begun anew", registry=to)
        self.backfilled = Counter("winwin_discord_backfilled", "Facts read from the history", registry=to)
