"""What a community's talk was, from a file: a Slack export, or what DiscordChatExporter writes.

opening.py    a zip, a folder or one file as named JSON, with bounds: nothing is unpacked to disk
records.py    what comes out: `Export`, every message as the bot would have heard it
slack.py  discord.py    one kind each, by the platform's own translation (adapters/slack, adapters/discord)

Nothing is written and nothing is asked of a platform. What is of no use as a whole raises ExportError with one line; a
file that cannot be read does not hold up the others.
"""

from adapters.exports.reading import read_export
from adapters.exports.records import Export, ExportError

__all__ = ["Export", "ExportError", "read_export"]
