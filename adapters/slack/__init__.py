"""Slack: inbound and outbound are pure, client alone calls its Web API, listener takes what comes."""
