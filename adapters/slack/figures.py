"""What is counted about Slack, for Prometheus."""

from __future__ import annotations

from prometheus_client import CollectorRegistry, Counter


class Figures:
    """`ambiguous`: messages that may have been posted already when they were to be sent again; `found`: of these, the
    ones that stood there, so that nothing was posted twice; `blind`: sent again without a way to look."""

    def __init__(self, registry: CollectorRegistry | None = None) -> None:
        to = registry or CollectorRegistry()
        self.ambiguous = Counter("winwin_slack_ambiguous", "Sends that may have been posted before", registry=to)
        self.found = Counter("winwin_slack_found", "Ambiguous sends that were found posted", registry=to)
        self.blind = Counter("winwin_slack_blind", "Ambiguous sends repeated without a way to look", registry=to)
        self.limited = Counter("winwin_slack_limited", "Calls that Slack wanted later", ["method"], registry=to)
        self.reconnected = Counter("winwin_slack_reconnected", "Connections replaced", ["why"], registry=to)
        self.backfilled = Counter("winwin_slack_backfilled", "Facts read from the history", registry=to)
