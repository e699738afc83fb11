"""Graphs of the models, made with torch: what export.py keeps."""

from __future__ import annotations

import copy
import logging
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import torch
from onnxruntime.transformers import optimizer
from onnxruntime.transformers.fusion_options import FusionOptions
from torch.nn.functional import normalize
from transformers import AutoModel
from transformers.utils import logging as transformers_logging

from adapters.embedders import asking, e5, lora, reading
from adapters.embedders.packaged import DIMENSION

HEADS = 12  # of attention, in both models
TOKENS, VECTORS = ("input_ids", "attention_mask"), ("inputs_embeds", "attention_mask")


def modules(source: Path, weights: e5.Weights) -> Iterator[tuple[str, Any, Sequence[str]]]:
    """(graph, module, names of its inputs), one after the other: only one is in memory."""
    transformers_logging.disable_progress_bar()
    logging.getLogger("onnxruntime.transformers").setLevel(logging.ERROR)
    plain = AutoModel.from_pretrained(source, attn_implementation="eager", local_files_only=True).eval()
    yield "told", Sentence(plain), TOKENS
    yield "read", reading.changed(copy.deepcopy(plain)), reading.INPUTS
    with np.load(asking.MINILM) as numbers:
        lora.put_in(plain, numbers, asking.STRENGTH)
    yield "asked", Sentence(plain), TOKENS
    other = e5.bert(weights, words=False)
    with np.load(asking.E5) as numbers:
        told, asked = (torch.from_numpy(numbers[asking.MEANS[kind]]) for kind in ("told", "asked"))
        yield "e5.told", Centred(other, told), VECTORS
        lora.put_in(other, numbers, asking.STRENGTH)
        yield "e5.asked", Centred(other, asked), VECTORS


class Sentence(torch.nn.Module):  # type: ignore[misc]  # torch is left out of type checking
    """Mean over the tokens, then length 1: what the model's own pooling does."""

    def __init__(self, bert: Any) -> None:
        super().__init__()
        self.bert = bert

    def forward(self, input_ids: Any, attention_mask: Any) -> Any:
        kinds = torch.zeros_like(input_ids)
        hidden = self.bert(input_ids=input_ids, attention_mask=attention_mask, token_type_ids=kinds).last_hidden_state
        return normalize(_mean(hidden, attention_mask), dim=1)


class Centred(torch.nn.Module):  # type: ignore[misc]  # torch is left out of type checking
    """The same from the vectors of the words, less the mean of what was seen while fitting."""

    def __init__(self, bert: Any, mean: Any) -> None:
        super().__init__()
        self.bert = bert
        self.register_buffer("mean", mean)

    def forward(self, inputs_embeds: Any, attention_mask: Any) -> Any:
        hidden = self.bert(inputs_embeds=inputs_embeds, attention_mask=attention_mask).last_hidden_state
        return normalize(normalize(_mean(hidden, attention_mask), dim=1) - self.mean, dim=1)


def _mean(hidden: Any, mask: Any) -> Any:
    kept = mask.unsqueeze(-1).to(hidden.dtype)
    return (hidden * kept).sum(1) / kept.sum(1).clamp(min=1e-9)


def to_onnx(module: Any, file: Path, inputs: Sequence[str], weights: str) -> None:
    """Trace, then fuse attention, layer norms and GELU (exact, about a quarter faster)."""
    shape = {0: "text", 1: "token"}
    given = {name: torch.ones(2, 7, dtype=torch.long) for name in inputs}
    if "inputs_embeds" in given:
        given["inputs_embeds"] = torch.ones(2, 7, DIMENSION)
    with torch.no_grad():
        torch.onnx.export(
            module,
            tuple(given.values()),
            str(file),
            dynamo=False,
            opset_version=17,
            input_names=list(inputs),
            output_names=["said"],
            dynamic_axes={**dict.fromkeys(inputs, shape), "said": {0: "text"}},
        )
    options = FusionOptions("bert")
    fused = optimizer.optimize_model(
        str(file), model_type="bert", num_heads=HEADS, hidden_size=DIMENSION, opt_level=0, optimization_options=options
    )
    onnx.save_model(fused.model, str(file), save_as_external_data=True, location=weights, size_threshold=1024)
