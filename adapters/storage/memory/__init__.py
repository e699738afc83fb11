"""The ports of bot.ports in memory: what tests and simulations run on. Supported code, not a mock."""

from adapters.storage.memory.store import MemoryStore

__all__ = ["MemoryStore"]
