"""One small fake per port of bot.ports, and makers of values. Fakes, not mocks: they behave like the real thing."""
