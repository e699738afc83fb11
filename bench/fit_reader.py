"""Fit the numbers of adapters/embedders/reader.npz: `python -m bench.fit_reader --data FOLDER [--write]`.

The reader is the packaged sentence model, changed a little (adapters/embedders/lora.py) so that it says what a message
is: which crisis, if any; whether it needs something; and of a question with a reply, whether the reply answers. It
learns all three at once from messages written for this project (bench/phrases, listening, replies) and, with --data,
from the labelled sets beneath FOLDER. Only numbers are written. `--judge FOLDER` shows what it makes of
safety*.jsonl, listening.jsonl and replies.jsonl that it has not read. Takes an hour on two cores,
`--go-on` twenty-five minutes.
"""

from __future__ import annotations

import argparse
import random
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import torch
from sklearn.metrics import f1_score, roc_auc_score
from transformers import AutoModel, AutoTokenizer

from adapters.embedders.lora import learnt, places, prepare
from adapters.embedders.packaged import packaged_folder
from adapters.embedders.reading import MAX_TOKENS, OUT
from bench import fit_listening, fit_safety
from bench.phrases import CODES
from bench.sets import read_lines
from bot.reading import HEADS
from bot.safety.rules import load_rules

HERE = Path(__file__).parent
EPOCHS, BATCH, SEED = 3, 48, 1
RATE, HEAD_RATE, WARM = 1e-3, 2e-3, 100  # of learning: layers, heads; steps until it is reached
SURROUNDED = {"crisis": 0.15, "need": 0.6, "answer": 0.25}  # share of examples learnt again among kind words
KIND_WORDS = (HERE / "phrases" / "kind_words.txt").read_text("utf-8").splitlines()
COMPOSED = 800  # sentences of the grammar that are learnt from: people's own are worth more


@dataclass(frozen=True, slots=True)
class Example:
    """`head`: crisis, need or answer. `truth`: the place of the code among CODES, or 1 for yes. `pair`: the reply to a
    question `text`."""

    head: str
    text: str
    truth: int
    weight: float = 1.0
    pair: str | None = None

    @property
    def length(self) -> int:
        return len(self.text) + len(self.pair or "")


def crises(data: Path) -> list[Example]:
    """Each as the detector reads it: of a long message the stretch that the letters find likeliest."""
    composed = fit_safety.composed()
    random.Random(SEED).shuffle(composed)
    examples = composed[:COMPOSED] + fit_safety.written() + fit_safety.everyday()
    examples += fit_safety.authored(data) + fit_safety.public(data)
    book = load_rules()
    looks = [fit_safety.Look.at(book, e.text) for e in examples]
    print(f"{len(examples)} messages", flush=True)
    parts = fit_safety.likeliest(fit_safety.reader(examples, looks), looks)
    return [
        Example("crisis", look.embedded(part), CODES.index(e.code), e.weight)
        for e, look, part in zip(examples, looks, parts, strict=True)
    ]


def needs(data: Path) -> list[Example]:
    found = [Example("need", e.text, int(e.positive), e.weight) for e in fit_listening.need_examples(data)]
    for path in sorted((HERE / "listening").glob("*.jsonl")):
        found += [Example("need", str(r["text"]), int(r["label"] == "need")) for r in read_lines(path)]
    return found


def answers(data: Path) -> list[Example]:
    found = [
        Example("answer", e.question, int(e.positive), e.weight, e.text) for e in fit_listening.answer_examples(data)
    ]
    for path in sorted((HERE / "replies").glob("*.jsonl")):
        found += [
            Example("answer", str(r["question"]), int(r["label"] == "answer"), 1.0, str(r["reply"]))
            for r in read_lines(path)
        ]
    return found


def with_kind_words(examples: Sequence[Example], dice: random.Random) -> list[Example]:
    """Some of them again, among words that people put around anything: they change nothing of what a message is."""
    found = []
    for example in examples:
        if dice.random() < SURROUNDED[example.head]:
            before, after = (dice.choice(KIND_WORDS) if dice.random() < 0.6 else "" for _ in range(2))
            if example.pair is None:
                found.append(replace(example, text=f"{before} {example.text.rstrip()} {after}".strip()))
            else:
                found.append(replace(example, pair=f"{before} {example.pair.rstrip()} {after}".strip()))
    return found


def balanced(examples: Sequence[Example]) -> list[float]:
    """Within a head yes and no weigh the same, and an example weighs one in the mean."""
    weights = [0.0] * len(examples)
    for head in HEADS:
        for yes in (True, False):
            mine = [i for i, e in enumerate(examples) if e.head == head and (e.truth > 0) == yes]
            total = sum(examples[i].weight for i in mine)
            size = sum(e.head == head for e in examples)
            for i in mine:
                weights[i] = examples[i].weight / total * size / 2
    return weights


class Reader(torch.nn.Module):  # type: ignore[misc]  # torch is left out of type checking
    """The changed model with its heads."""

    def __init__(self) -> None:
        super().__init__()
        self.tokenizer = AutoTokenizer.from_pretrained(packaged_folder(), local_files_only=True)
        self.bert = AutoModel.from_pretrained(packaged_folder(), local_files_only=True)
        prepare(self.bert)
        self.heads = torch.nn.Linear(self.bert.config.hidden_size, sum(HEADS.values()))

    def take_up(self) -> None:
        """Begin with the numbers that are there."""
        with np.load(OUT) as numbers, torch.no_grad():
            for name, module, attribute in places(self.bert):
                layer = getattr(module, attribute)
                layer.a.copy_(torch.from_numpy(numbers[f"{name}.a"].astype(np.float32)))
                layer.b.copy_(torch.from_numpy(numbers[f"{name}.b"].astype(np.float32)))
            self.heads.weight.copy_(torch.from_numpy(numbers["heads.weight"]))
            self.heads.bias.copy_(torch.from_numpy(numbers["heads.bias"]))

    def forward(self, texts: Sequence[str], pairs: Sequence[str] | None) -> Any:
        tokens = self.tokenizer(
            list(texts),
            list(pairs) if pairs else None,
            padding=True,
            truncation=True,
            max_length=MAX_TOKENS,
            return_tensors="pt",
        )
        hidden = self.bert(**tokens).last_hidden_state
        kept = tokens["attention_mask"].unsqueeze(-1).float()
        return self.heads(torch.nn.functional.dropout((hidden * kept).sum(1) / kept.sum(1), 0.1, self.training))


def columns(head: str) -> slice:
    """Where a head's numbers stand among all."""
    start = sum(width for name, width in list(HEADS.items())[: list(HEADS).index(head)])
    return slice(start, start + HEADS[head])


def batches(examples: Sequence[Example], dice: random.Random, crises: float) -> Iterator[list[int]]:
    """Places of examples of one head and of about one length, in any order; of crises this share."""
    found = []
    for head in HEADS:
        mine = [i for i, e in enumerate(examples) if e.head == head and (head != "crisis" or dice.random() < crises)]
        dice.shuffle(mine)
        for start in range(0, len(mine), BATCH * 20):
            some = sorted(
                mine[start : start + BATCH * 20], key=lambda i: len(examples[i].text + (examples[i].pair or ""))
            )
            found += [some[at : at + BATCH] for at in range(0, len(some), BATCH)]
    dice.shuffle(found)
    yield from found


def loss_of(reader: Reader, batch: Sequence[Example], weights: Sequence[float]) -> Any:
    head = batch[0].head
    made = reader([e.text for e in batch], [e.pair or "" for e in batch] if head == "answer" else None)[
        :, columns(head)
    ]
    truth = torch.tensor([e.truth for e in batch])
    if head == "crisis":
        each = torch.nn.functional.cross_entropy(made, truth, reduction="none", label_smoothing=0.02)
    else:
        each = torch.nn.functional.binary_cross_entropy_with_logits(made[:, 0], truth.float(), reduction="none")
    return (each * torch.tensor(weights)).mean()


def fit(examples: Sequence[Example], judged: Path | None, go_on: bool) -> Reader:
    """`go_on`: begin with the numbers that are there, and go through it twice more, through a third of the crises."""
    epochs, rate, crises = (2, RATE / 2, 1 / 3) if go_on else (EPOCHS, RATE, 1.0)
    torch.manual_seed(SEED)
    dice, weights = random.Random(SEED), balanced(examples)
    reader = Reader()
    if go_on:
        reader.take_up()
    layers = [p for p in reader.bert.parameters() if p.requires_grad]
    rates = [{"params": layers, "lr": rate}, {"params": list(reader.heads.parameters()), "lr": HEAD_RATE}]
    learner = torch.optim.AdamW(rates, weight_decay=0.01)
    rounds = [list(batches(examples, dice, crises)) for _ in range(epochs)]
    steps = sum(map(len, rounds))
    slower = torch.optim.lr_scheduler.LambdaLR(learner, lambda s: min(1.0, (s + 1) / WARM) * max(0.02, 1 - s / steps))
    began, done = time.monotonic(), 0
    print(f"{len(examples)} examples, {steps} steps", flush=True)
    for epoch, batched in enumerate(rounds):
        reader.train()
        for batch in batched:
            loss = loss_of(reader, [examples[i] for i in batch], [weights[i] for i in batch])
            learner.zero_grad()
            loss.backward()
            torch.nn.utils.clip_grad_norm_(layers, 1.0)
            learner.step()
            slower.step()
            done += 1
            if done % 50 == 0:
                print(f"{done} of {steps}, {time.monotonic() - began:.0f} s", flush=True)
        print(f"epoch {epoch + 1}: {time.monotonic() - began:.0f} s", flush=True)
        if judged:
            judge(reader, judged)
    return reader


def read(reader: Reader, head: str, texts: Sequence[str], pairs: Sequence[str] | None = None) -> Any:
    """Probability of a crisis, of a need, of an answer."""
    reader.eval()
    with torch.no_grad():
        made = [
            reader(texts[at : at + 64], pairs[at : at + 64] if pairs else None)[:, columns(head)]
            for at in range(0, len(texts), 64)
        ]
    found = torch.cat(made)
    return (1 - torch.softmax(found, 1)[:, 0] if head == "crisis" else torch.sigmoid(found[:, 0])).numpy()


def judge(reader: Reader, folder: Path) -> None:
    """Figures on sets that were not learnt from."""
    for path in sorted(folder.rglob("safety*.jsonl")):
        rows = read_lines(path)
        likely = read(reader, "crisis", [str(r["text"]) for r in rows])
        kinds = np.array([str(r["kind"]) for r in rows])
        real = np.array([str(r["label"]) in CODES[1:] for r in rows])
        for at in (0.5, 0.7, 0.8, 0.9, 0.95, 0.98):
            told = [
                f"{kind} {(likely[which] >= at).mean():.3f}"
                for kind in ("explicit", "implicit", "hard_negative", "ordinary")
                if (which := (kinds == kind) & (real == kind.endswith("plicit"))).any()
            ]
            print(f"  {path.name} from {at}: {', '.join(told)}")
    for name, head in (("listening", "need"), ("replies", "answer")):
        for path in sorted(folder.rglob(f"{name}.jsonl")):
            rows = read_lines(path)
            truth = np.array([str(r["label"]) == head for r in rows])
            texts = [str(r["text" if head == "need" else "question"]) for r in rows]
            likely = read(reader, head, texts, [str(r["reply"]) for r in rows] if head == "answer" else None)
            print(f"  {path}: AUROC {roc_auc_score(truth, likely):.3f}, F1 {f1_score(truth, likely >= 0.5):.3f}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--judge", type=Path, help="a folder of sets to look at, not learnt from")
    parser.add_argument("--go-on", action="store_true", help="two more rounds on the numbers that are there")
    parser.add_argument("--write", action="store_true", help=f"replace {OUT.name}")
    options = parser.parse_args()
    torch.set_num_threads(2)
    examples = [*crises(options.data), *needs(options.data), *answers(options.data)]
    examples += with_kind_words(examples, random.Random(SEED))
    reader = fit(examples, options.judge, options.go_on)
    if options.write:
        heads = {"heads.weight": reader.heads.weight, "heads.bias": reader.heads.bias}
        numbers = {name: made.detach().numpy().astype(np.float32) for name, made in heads.items()}
        np.savez_compressed(OUT, **learnt(reader.bert), **numbers)
        print(f"{OUT.name}: {OUT.stat().st_size / 1e6:.1f} MB")


if __name__ == "__main__":
    main()
