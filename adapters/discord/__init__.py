"""Discord: inbound and outbound are pure, client and gateway alone touch discord.py, listener takes what comes."""
