"""Safety: what every message goes through before anything else is done with it."""
