"""Discord: inbound and outbound are pure; only client.py speaks to Discord."""
