"""Where everything is kept: the ports of bot.ports on a SQL database (database.py) and in memory (memory/).

`Database` is what a community runs on; `MemoryStore` keeps the same promises for tests and simulations. Both go
through one contract suite (tests/contracts/storage).
"""
