"""The pages, one subject a file: each gives a router."""
