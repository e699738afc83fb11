"""Slack: inbound and outbound are pure, client is the only file that speaks to its Web API, listener takes what comes."""
