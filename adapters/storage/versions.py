"""Which version a resource gets when it is stored again. Pure."""

from __future__ import annotations

from dataclasses import replace

from knowledge.resources import Resource


def next_version(stored: Resource | None, resource: Resource) -> Resource | None:
    """What is to be stored, or None when nothing has changed."""
    if stored is None:
        return resource
    if replace(resource, version=stored.version) == stored:
        return None
    return replace(resource, version=stored.version + 1)
