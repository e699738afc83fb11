"""The local web community: a small chat server with the bot in it, and the pages around it."""
