"""What a platform that does not let us in comes to."""

from __future__ import annotations


class PlatformError(Exception):
    """A platform does not let us in; the message is one line that says what to do."""
