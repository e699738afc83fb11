"""How the parts are put together, part by part. Only adapters/app.py imports this."""
