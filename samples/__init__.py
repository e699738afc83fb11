"""A community that does not exist: what `winwin demo` shows. See README.md here."""
