"""What people ask, as vectors: each model changed a little for questions, so that they fall near what answers them.

Only the side of the questions is changed (bench/fit_asking.py): a resource's vectors are those of the models as they
were published, an index of them needs no rebuilding when the numbers improve. Vectors of multilingual-e5-small all
point much the same way (their mean has length 0.9), so the mean of what was seen while fitting is taken off first, as
in J. Mu and P. Viswanath, All-but-the-Top, 2018: a cosine then says as much as one of all-MiniLM-L6-v2.
"""

from __future__ import annotations

from pathlib import Path

MINILM = Path(__file__).parent / "asking.minilm.npz"
E5 = Path(__file__).parent / "asking.e5.npz"
MEANS = {"asked": "mean.asked", "told": "mean.told"}  # names of the means in E5
MOST_TOKENS = 160  # of a question
E5_PREFIX = {"asked": "query: ", "told": "passage: "}  # what the model was trained to see before a text
E5_MOST_TOKENS = {"asked": MOST_TOKENS, "told": 256}
# How much of what was learnt is put in. A little less than all of it keeps more of what the published models know about
# other subjects, and costs nothing on the learnt ones (M. Wortsman and others, Robust fine-tuning, 2022).
STRENGTH = 0.8
E5_SHARE = 2 / 3  # of the square of a vector's length; the rest is all-MiniLM-L6-v2's
