"""The reader: the default model, changed a little (lora.py), that says what a message is. It is exported together with
the others and runs on ONNX Runtime like them; its numbers are fitted by bench/fit_reader.py.

What it says stands in bot.reading: a logit for each crisis and for none, one for a need, one for an answer.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bot.reading import WIDTH

INPUTS = ("input_ids", "attention_mask", "token_type_ids")
MAX_TOKENS = 96  # of a message, or of a question with a reply
OUT = Path(__file__).parent / "reader.npz"


def changed(bert: Any) -> Any:
    """A module that reads: the model with the learnt changes put into its weights (for good), and the heads."""
    import torch

    from adapters.embedders.lora import put_in

    with np.load(OUT) as numbers:
        put_in(bert, numbers)
        heads = torch.nn.Linear(bert.config.hidden_size, WIDTH)
        with torch.no_grad():
            heads.weight.copy_(torch.from_numpy(numbers["heads.weight"]))
            heads.bias.copy_(torch.from_numpy(numbers["heads.bias"]))

    class Reading(torch.nn.Module):  # type: ignore[misc]  # torch is left out of type checking
        """Mean over the tokens, then the heads."""

        def __init__(self) -> None:
            super().__init__()
            self.bert, self.heads = bert, heads

        def forward(self, input_ids: Any, attention_mask: Any, token_type_ids: Any) -> Any:
            hidden = self.bert(
                input_ids=input_ids, attention_mask=attention_mask, token_type_ids=token_type_ids
            ).last_hidden_state
            kept = attention_mask.unsqueeze(-1).to(hidden.dtype)
            return self.heads((hidden * kept).sum(1) / kept.sum(1).clamp(min=1e-9))

    return Reading().eval()


def padded(encodings: Sequence[Any]) -> dict[str, NDArray[np.int64]]:
    """The inputs of one batch, padded to its longest text."""
    longest = max(len(encoding.ids) for encoding in encodings)
    made = {name: np.zeros((len(encodings), longest), np.int64) for name in INPUTS}
    for row, encoding in enumerate(encodings):
        size = len(encoding.ids)
        made["input_ids"][row, :size] = encoding.ids
        made["attention_mask"][row, :size] = 1
        made["token_type_ids"][row, :size] = encoding.type_ids
    return made
