"""The sentences the bot says, by language. Made anew with `pybabel extract -k say` (see docs/architecture.md)."""
