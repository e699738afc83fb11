"""What the reader says of a message: where its numbers stand in a row.

The reader is the sentence model changed a little, so that it says what a message is (bench/fit_reader.py). A row holds
logits for no crisis and for C1 to C5, in the order of bot.safety.detector.OUTCOMES, then the log odds of a need, then,
for a question with its reply, those of an answer.
"""

import numpy as np
from numpy.typing import NDArray

Said = NDArray[np.float32]  # shape (WIDTH,)
HEADS = {"crisis": 6, "need": 1, "answer": 1}  # what it says, and in how many numbers
WIDTH = sum(HEADS.values())
CRISIS, NEED, ANSWER = slice(0, 6), 6, 7
