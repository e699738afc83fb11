"""Which version a resource gets when it is stored again. Pure."""

from __future__ import annotations

from dataclasses import replace

from knowledge.resources import Resource


def next_version(stored: Resource | None, resource: Resource) -> Resource | None:
    """What is to be stored, or None when nothing has changed."""
    if stored is None:
        return resource
    same = replace(resource, version=stored.version)
    if same == stored or (not resource.clinician and replace(same, clinician=stored.clinician) == stored):
        return None  # imported again as it is, it stays what a clinician has read
    return replace(resource, version=stored.version + 1)
