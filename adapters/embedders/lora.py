"""Low-rank changes to the default model's layers: how they are trained, kept in a file of numbers, and put in.

Each changed layer computes W x + SCALE (x A) B instead of W x (E. Hu and others, LoRA, 2021). The file holds A and B of
every layer and the heads that read the mean of the token vectors, as float16; no word can be read out of it.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

import torch

RANK, SCALE = 16, 2.0
_SELF = ("query", "key", "value")


class LowRank(torch.nn.Module):  # type: ignore[misc]  # torch is left out of type checking
    """A linear layer with a low-rank change beside it, which does nothing before it has learnt."""

    def __init__(self, linear: Any) -> None:
        super().__init__()
        self.linear = linear
        self.a = torch.nn.Parameter(torch.randn(linear.in_features, RANK) / math.sqrt(linear.in_features))
        self.b = torch.nn.Parameter(torch.zeros(RANK, linear.out_features))

    def forward(self, x: Any) -> Any:
        return self.linear(x) + SCALE * ((x @ self.a) @ self.b)


def places(bert: Any) -> Iterator[tuple[str, Any, str]]:
    """(name, module, attribute) of every layer that is changed."""
    for number, layer in enumerate(bert.encoder.layer):
        for name in _SELF:
            yield f"{number}.{name}", layer.attention.self, name
        yield f"{number}.attention", layer.attention.output, "dense"
        yield f"{number}.wide", layer.intermediate, "dense"
        yield f"{number}.narrow", layer.output, "dense"


def prepare(bert: Any) -> None:
    """Freeze the model and put a change that can be trained beside each layer."""
    for parameter in bert.parameters():
        parameter.requires_grad_(False)
    for _, module, attribute in list(places(bert)):
        setattr(module, attribute, LowRank(getattr(module, attribute)))


def learnt(bert: Any) -> dict[str, Any]:
    """A and B of every layer, by name, as float16 arrays."""
    found = {}
    for name, module, attribute in places(bert):
        layer = getattr(module, attribute)
        found[f"{name}.a"] = layer.a.detach().numpy().astype("float16")
        found[f"{name}.b"] = layer.b.detach().numpy().astype("float16")
    return found


def put_in(bert: Any, numbers: Any, strength: float = 1.0) -> None:
    """Add the learnt changes to the weights themselves: afterwards the model costs what it cost before."""
    with torch.no_grad():
        for name, module, attribute in places(bert):
            a, b = (torch.from_numpy(numbers[f"{name}.{part}"].astype("float32")) for part in "ab")
            getattr(module, attribute).weight += strength * SCALE * (a @ b).T
