"""Fit adapters/embedders/asking.*.npz: `python -m bench.fit_asking minilm|e5 [--judge FOLDER ...] [--write]`.

Each of the two packaged models learns to read what people ask: a low-rank change in every layer (adapters/embedders/
lora.py) moves a question towards what answers it. What resources say is read by the models as they were published. It
learns from the libraries in bench/communities, written for this project by many hands: a question's own resources
against all others of its library (softmax over cosines), and, with less weight, any resource at all against none
(near misses, chatter and what no resource is about). Questions are disguised now and then: slips, no punctuation, a
kind word before or after. Only numbers are written. `--judge` shows hit@1 and hit@3 on sets that it does not learn
from. About twenty minutes for e5 and ten for minilm on two quiet cores.
"""

from __future__ import annotations

import argparse
import random
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch.nn.functional import normalize
from transformers import AutoModel

from adapters.embedders import asking, e5
from adapters.embedders.lora import learnt, prepare
from adapters.embedders.packaged import DIMENSION, e5_file, packaged_folder
from adapters.embedders.serving import in_batches, padded
from bench.disguises import typo
from bench.sets import read_lines

HERE = Path(__file__).parent
HELD = ("autism", "crohns", "fostering", "kidney", "lungs", "rare")  # of bench/communities: for fit_confidence
EPOCHS, BATCH, SEED = 2, 32, 1
RATE, SCALE_RATE, WARM = 6e-4, 5e-3, 40  # of learning: layers, scale and bar; steps until it is reached
WITH_NONE = 0.3  # weight of "one of them, or none" beside "which of them"
STAY = 0.3  # weight of staying near what the published model says
TITLE_ALONE = 0.15  # share of batches that see titles only, as a library of short entries has them
KEPT_MEAN = 0.9  # share of the mean that is taken off: see asking.py
KIND_WORDS = (HERE / "phrases" / "kind_words.txt").read_text("utf-8").splitlines()


@dataclass(frozen=True, slots=True)
class Question:
    """`right`: places of the resources that answer it, among those of its library; none: nothing there does."""

    text: str
    right: tuple[int, ...]
    kind: str


@dataclass(frozen=True, slots=True)
class Shelf:
    """One library: vectors of its titles and of its titles with texts, both of shape (n, d)."""

    titles: Any
    fulls: Any
    questions: list[Question]

    def scores(self, asked: Any) -> Any:
        """Half the cosine to the title with the text, half that to the nearer of both: as knowledge.index has it."""
        fulls = asked @ self.fulls.T
        return 0.5 * fulls + 0.5 * torch.maximum(fulls, asked @ self.titles.T)


class Model(torch.nn.Module):  # type: ignore[misc]  # torch is left out of type checking
    """One of the packaged models, with the means that are taken off its vectors (zero for all-MiniLM-L6-v2)."""

    def __init__(self, kind: str) -> None:
        super().__init__()
        self.kind = kind
        self.means = {side: torch.zeros(DIMENSION) for side in ("asked", "told")}
        if kind == "e5":
            weights = e5.Weights(e5_file())
            self.bert, self._pieces = e5.bert(weights), _e5_pieces(weights)
        else:
            from adapters.embedders.serving import _tokenizer

            self.bert = AutoModel.from_pretrained(packaged_folder(), local_files_only=True)
            self._pieces = _tokenizer(e5_most("told"))

    def tokens(self, texts: Sequence[str], side: str) -> list[list[int]]:
        most = e5_most(side)
        if self.kind == "e5":
            return [self._pieces.of(asking.E5_PREFIX[side] + text, most) for text in texts]
        found = [encoding.ids for encoding in self._pieces.encode_batch(list(texts))]
        return [ids if len(ids) <= most else [*ids[: most - 1], ids[-1]] for ids in found]

    def forward(self, tokens: Sequence[Sequence[int]], side: str) -> Any:
        ids, mask = (torch.from_numpy(part) for part in padded(tokens))
        hidden = self.bert(input_ids=ids, attention_mask=mask).last_hidden_state
        kept = mask.unsqueeze(-1).float()
        mean = normalize((hidden * kept).sum(1) / kept.sum(1), dim=1)
        return normalize(mean - self.means[side], dim=1)

    def vectors(self, texts: Sequence[str], side: str) -> NDArray[np.float32]:
        """Without learning from it."""
        self.eval()
        with torch.no_grad():
            return in_batches(self.tokens(texts, side), lambda tokens: self(tokens, side).numpy())


def e5_most(side: str) -> int:
    """Word pieces that are read of a text."""
    return asking.MOST_TOKENS if side == "asked" else asking.E5_MOST_TOKENS["told"]


def _e5_pieces(weights: e5.Weights) -> e5.Pieces:
    import tempfile

    with tempfile.TemporaryDirectory() as folder:
        e5.write_pieces(weights, Path(folder) / "pieces")
        return e5.Pieces(Path(folder) / "pieces")


def full(row: dict[str, object]) -> str:
    return f"{row['title']}. {row['text']}" if row["text"] else str(row["title"])


def shelf(model: Model, folder: Path) -> Shelf:
    rows = read_lines(folder / "resources.jsonl")
    place = {str(row["id"]): at for at, row in enumerate(rows)}
    questions = []
    for row in read_lines(folder / "queries.jsonl"):
        right = tuple(place[i] for i in row["relevant"] if i in place)  # type: ignore[attr-defined]
        questions.append(Question(str(row["text"]), right, str(row.get("kind", ""))))
    if (folder / "asked.jsonl").exists():
        more = read_lines(folder / "asked.jsonl")
        questions += [Question(str(row["text"]), (place[str(row["resource"])],), "asked") for row in more]
    titles = model.vectors([str(row["title"]) for row in rows], "told")
    return Shelf(torch.from_numpy(titles), torch.from_numpy(model.vectors([full(r) for r in rows], "told")), questions)


def learn_means(model: Model, folders: Sequence[Path]) -> None:
    asked = [str(r["text"]) for folder in folders for r in read_lines(folder / "queries.jsonl")]
    rows = [row for folder in folders for row in read_lines(folder / "resources.jsonl")]
    told = [str(row["title"]) for row in rows] + [full(row) for row in rows]
    for side, texts in (("asked", asked), ("told", told)):
        model.means[side] = KEPT_MEAN * torch.from_numpy(model.vectors(texts, side).mean(axis=0))


def disguised(text: str, dice: random.Random) -> str:
    chance = dice.random()
    if chance < 0.12:
        return text.lower().translate(str.maketrans("", "", "?.,!'¿¡"))
    if chance < 0.24:
        return typo(text, dice)
    if chance < 0.31:
        return f"{text.rstrip()} {dice.choice(KIND_WORDS)}"
    return f"{dice.choice(KIND_WORDS)} {text}" if chance < 0.36 else text


def batches(shelves: Sequence[Shelf], dice: random.Random) -> Iterator[tuple[Shelf, list[int]]]:
    """Places of questions of one library and of about one length, in any order."""
    found = []
    for one in shelves:
        order = list(range(len(one.questions)))
        dice.shuffle(order)
        for start in range(0, len(order), BATCH * 6):
            some = sorted(order[start : start + BATCH * 6], key=lambda i: len(one.questions[i].text))
            found += [(one, some[at : at + BATCH]) for at in range(0, len(some), BATCH)]
    dice.shuffle(found)
    yield from found


def loss_of(scores: Any, scale: Any, bar: Any, batch: Sequence[Question]) -> Any:
    """Cross entropy: which of the resources, and with less weight which of them or none (whose cosine is `bar`)."""
    logits = torch.exp(scale) * torch.cat([scores, bar.expand(len(batch), 1)], dim=1)
    any_of, one_of = torch.logsumexp(logits, 1), torch.logsumexp(logits[:, :-1], 1)
    total = torch.zeros(())
    for row, question in enumerate(batch):
        if question.right:
            right = torch.logsumexp(logits[row, list(question.right)], 0)
            total = total + WITH_NONE * (any_of[row] - right) + (1 - WITH_NONE) * (one_of[row] - right)
        else:
            total = total + WITH_NONE * (any_of[row] - logits[row, -1])
    return total / len(batch)


def fit(model: Model, shelves: Sequence[Shelf], judged: Sequence[Path]) -> None:
    torch.manual_seed(SEED)
    dice = random.Random(SEED)
    before = [torch.from_numpy(model.vectors([q.text for q in s.questions], "asked")) for s in shelves]
    prepare(model.bert)
    layers = [p for p in model.bert.parameters() if p.requires_grad]
    scale, bar = (torch.nn.Parameter(torch.tensor(start)) for start in (3.1, 0.32))
    learner = torch.optim.AdamW([{"params": layers, "lr": RATE}, {"params": [scale, bar], "lr": SCALE_RATE}])
    steps = EPOCHS * sum(1 for _ in batches(shelves, random.Random(SEED)))
    began, done = time.monotonic(), 0
    for epoch in range(EPOCHS):
        for one, places in batches(shelves, dice):
            model.train()
            batch = [one.questions[i] for i in places]
            asked = model(model.tokens([disguised(q.text, dice) for q in batch], "asked"), "asked")
            scores = asked @ one.titles.T if dice.random() < TITLE_ALONE else one.scores(asked)
            old = before[next(i for i, s in enumerate(shelves) if s is one)][places]
            loss = loss_of(scores, scale, bar, batch) + STAY * (1 - (asked * old).sum(1)).mean()
            learner.zero_grad()
            loss.backward()
            torch.nn.utils.clip_grad_norm_(layers, 1.0)
            learner.param_groups[0]["lr"] = RATE * min(1.0, (done + 1) / WARM) * max(0.02, 1 - done / steps)
            learner.step()
            done += 1
            if done % 50 == 0:
                print(f"{done} of {steps}, {time.monotonic() - began:.0f} s", flush=True)
        print(f"epoch {epoch + 1}: {time.monotonic() - began:.0f} s", flush=True)
        for folder in judged:
            judge(model, folder)


def judge(model: Model, folder: Path) -> None:
    """Hit@1 and hit@3 on a set, by the vectors of this model alone."""
    one = shelf(model, folder)
    asked = [q for q in one.questions if q.right and q.kind != "asked"]
    scores = one.scores(torch.from_numpy(model.vectors([q.text for q in asked], "asked"))).numpy()
    above = np.array([(row > max(row[list(q.right)])).sum() for row, q in zip(scores, asked, strict=True)])
    spanish = np.array([q.kind == "es" for q in asked])
    for name, which in (("", ~spanish), (" (Spanish)", spanish)):
        if which.any():
            first, three = ((above[which] < most).mean() for most in (1, 3))
            print(f"  {folder.name}{name}: {first:.3f} / {three:.3f}", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("model", choices=("minilm", "e5"))
    parser.add_argument("--judge", type=Path, nargs="*", default=[], help="folders of sets to look at, not learnt from")
    parser.add_argument("--write", action="store_true", help="replace the numbers")
    options = parser.parse_args()
    torch.set_num_threads(2)
    folders = [folder for folder in sorted((HERE / "communities").iterdir()) if folder.name not in HELD]
    model = Model(options.model)
    if options.model == "e5":
        learn_means(model, folders)
    fit(model, [shelf(model, folder) for folder in folders], options.judge)
    if options.write:
        out = asking.E5 if options.model == "e5" else asking.MINILM
        means = {asking.MEANS[side]: mean.numpy() for side, mean in model.means.items() if mean.any()}
        np.savez_compressed(out, **learnt(model.bert), **means)
        print(f"{out.name}: {out.stat().st_size / 1e6:.1f} MB")


if __name__ == "__main__":
    main()
