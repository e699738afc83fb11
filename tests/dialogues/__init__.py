"""Dialogues: what people say and press, and what the bot shows. Every platform can be asked to play them."""
