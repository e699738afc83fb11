"""`winwin calibrate`: is a confidence of 70 % right in seven of ten cases here too? What would suit this community."""

import math
from typing import TYPE_CHECKING, Annotated

import typer

from adapters.commands.auditing import HERE
from adapters.commands.outcome import Refusal, command
from adapters.commands.platforms import Check, State
from adapters.commands.screen import say, show_json, table
from adapters.commands.session import AsJson, Database, existing_database, in_community, settings_for

if TYPE_CHECKING:
    from adapters.app import Community
    from bot.calibrating import Study, Threshold
    from bot.confirmed import OwnNumbers
    from bot.ports import Transaction
    from knowledge.calibration_proof import Compared
    from knowledge.evaluation import Figure


@command
def calibrate(
    apply: Annotated[
        bool, typer.Option("--apply", help="Use the own numbers from now on, if they are better beyond chance.")
    ] = False,
    revert: Annotated[bool, typer.Option("--revert", help="Go back to the numbers that winwin ships with.")] = False,
    database: Database = None,
    json_: AsJson = False,
) -> None:
    """Re-fit the confidence on what became of this community's suggestions, and say whether that is better.

    Learns from who pressed "This helped", "Not what I need" or asked for a person; silence counts as nothing, and no
    words are read. Without --apply nothing changes.
    """
    if apply and revert:
        raise typer.BadParameter("--apply and --revert are opposites; choose one")
    settings = settings_for(database)
    existing_database(settings)
    if revert:
        _reverted(in_community(settings, _revert), as_json=json_)
        return
    found, applied = in_community(settings, _apply if apply else _look)
    if json_:
        show_json(as_json(found, applied))
    else:
        show(found)
        _say_what_to_do(found, applied)
    if apply and applied is None:
        raise Refusal(f"nothing was changed: {_verdict(found)}")


async def _look(c: "Community") -> "tuple[Study, OwnNumbers | None]":
    from bot.calibrating import study

    return await study(c.store, c.library.shipped, c.librarian.basis), None


async def _apply(c: "Community") -> "tuple[Study, OwnNumbers | None]":
    from bot import calibrating

    found, _ = await _look(c)
    if not found.better:
        return found, None
    return found, await calibrating.apply(c.store, found, c.librarian.basis, c.clock.now(), HERE)


async def _revert(c: "Community") -> int:
    from bot import calibrating

    return await calibrating.revert(c.store, c.clock.now(), HERE)


def _reverted(count: int, *, as_json: bool) -> None:
    if as_json:
        show_json({"reverted": count})
    elif count:
        say("The shipped numbers are used again; the running bot takes them up within seconds.")
    else:
        say("No numbers of your own are in use: the shipped ones are.")


# --- in words -------------------------------------------------------------------------------------------


def show(found: "Study") -> None:
    """For a person at a terminal."""
    from bot.confirmed import Became

    counts = found.became
    silent = counts[Became.UNKNOWN]
    say(
        f"{found.shown:,} questions were shown something. {counts[Became.HELPED]:,} askers said that it helped, "
        f"{counts[Became.NOT_HELPED]:,} that it did not, {counts[Became.PERSON]:,} asked for a person instead; of "
        f"{silent:,} nothing is known, and they count as nothing."
    )
    if found.foreign:
        say(f"{found.foreign:,} more were judged by another model or by other numbers, and are left out.")
    say()
    say(f"{_verdict(found)[0].upper()}{_verdict(found)[1:]}.")
    if found.proof.log_loss is None or found.proof.brier is None:
        return
    rows = [
        (name, *(_number(f) for f in (c.shipped, c.refitted)), _number(c.gain, sign=True))
        for name, c in (("log loss", found.proof.log_loss), ("Brier score", found.proof.brier))
    ]
    table("How far off (less is better; 95 % intervals)", ("", "shipped", "your own", "gain"), rows, numbers=3)
    bins = [(f"{b.count:,}", f"{b.shipped:.0%}", f"{b.refitted:.0%}", _share(b.helped)) for b in found.proof.bins]
    table("What was said, and what helped", ("presses", "shipped", "your own", "helped"), bins, numbers=4)
    changes = (("everybody sees it", found.sure), ("only the asker sees it", found.silent))
    table("What would change", ("", *_CHANGES), [(name, *_changed(t)) for name, t in changes], numbers=len(_CHANGES))
    for line in _bounds(found):
        say(line)


_CHANGES = ("from", "your own", "share shown", "your own", "of these helped", "your own")


def _changed(t: "Threshold") -> tuple[str, ...]:
    return (
        f"{t.shipped:.0%}",
        "never" if t.place >= 1 else f"{t.place:.0%}",
        _percent(t.spoken.value),
        _percent(t.spoken_now.value),
        _share(t.right),
        _share(t.right_now),
    )


def _bounds(found: "Study") -> list[str]:
    lines = [
        "Thresholds are told as shipped confidences. This knows only of what was shown, and of people who pressed: "
        "what the bot kept to itself is not in it."
    ]
    held = [t for t in (found.sure, found.silent) if t.own > t.shipped]
    if held:
        known = f"few presses lie under {found.lowest:.0%}" if found.lowest < 1 else "there are too few presses"
        lines.append(f"No threshold is lowered to where nothing is known: {known}, so it stays at or above that.")
    return lines


def _verdict(found: "Study") -> str:
    from knowledge.calibration_proof import NEEDED, OF_EACH, Verdict

    proof = found.proof
    rests = f"on {proof.presses:,} presses of {proof.askers:,} people"
    if proof.verdict is Verdict.TOO_LITTLE:
        if proof.presses < NEEDED:
            return f"too little is known yet: {proof.presses:,} of {NEEDED} presses"
        return (
            f"too little is known yet: {rests}, {proof.helped:,} helped and {proof.presses - proof.helped:,} did not, "
            f"where {OF_EACH} of each are needed, and 5 people"
        )
    if proof.verdict is Verdict.BETTER:
        return f"your own numbers are better than the shipped ones, beyond chance ({rests})"
    return f"your own numbers are not better than the shipped ones beyond chance ({rests})"


def _say_what_to_do(found: "Study", applied: "OwnNumbers | None") -> None:
    if applied is not None:
        say("They are used from now on; the running bot takes them up within seconds. `--revert` goes back.")
    elif found.in_use is not None:
        own = found.in_use
        say(
            f"In use: your own numbers of {own.at:%Y-%m-%d}, on {own.presses:,} presses; "
            "`winwin calibrate --revert` goes back."
        )
    elif found.better:
        say("`winwin calibrate --apply` uses them.")
    else:
        say("The shipped numbers stay in use.")


def _number(figure: "Figure", *, sign: bool = False) -> str:
    plus = "+" if sign else ""
    return f"{figure.value:{plus}.3f} ({figure.low:{plus}.3f} – {figure.high:{plus}.3f})"


def _percent(value: float) -> str:
    return "n/a" if math.isnan(value) else f"{value:.0%}"


def _share(figure: "Figure") -> str:
    return "n/a" if math.isnan(figure.value) else f"{figure.value:.0%} ({figure.low:.0%} – {figure.high:.0%})"


# --- for programs ---------------------------------------------------------------------------------------


def as_json(found: "Study", applied: "OwnNumbers | None") -> dict[str, object]:
    """Everything that `show` says; null where nothing could be measured."""
    from knowledge.calibration_proof import NEEDED

    proof = found.proof
    return {
        "verdict": proof.verdict.value,
        "presses": proof.presses,
        "presses_needed": NEEDED,
        "helped": proof.helped,
        "askers": proof.askers,
        "shown": found.shown,
        "left_out": found.foreign,
        "became": {kind.value: count for kind, count in found.became.items()},
        "form": proof.form.value,
        "curve": {name: getattr(proof.fit.curve, name) for name in ("rise", "fall", "shift")},
        "more": proof.fit.more,
        "log_loss": _compared(proof.log_loss),
        "brier": _compared(proof.brier),
        "reliability": [
            {"count": b.count, "shipped": b.shipped, "own": b.refitted, "helped": _figure(b.helped)} for b in proof.bins
        ],
        "lowest_known": found.lowest,
        "thresholds": {"sure_from": _threshold(found.sure), "silent_below": _threshold(found.silent)},
        "in_use": _own(applied or found.in_use),
        "applied": applied is not None,
    }


def _compared(compared: "Compared | None") -> dict[str, object] | None:
    if compared is None:
        return None
    return {"shipped": _figure(compared.shipped), "own": _figure(compared.refitted), "gain": _figure(compared.gain)}


def _figure(figure: "Figure") -> dict[str, float | None]:
    value = None if math.isnan(figure.value) else figure.value
    return {"value": value, "low": figure.low, "high": figure.high}


def _threshold(t: "Threshold") -> dict[str, object]:
    return {
        "shipped": t.shipped,
        "own_as_shipped": t.place,
        "share_shown": _figure(t.spoken),
        "share_shown_own": _figure(t.spoken_now),
        "helped": _figure(t.right),
        "helped_own": _figure(t.right_now),
    }


def _own(own: "OwnNumbers | None") -> dict[str, object] | None:
    return None if own is None else {"at": own.at.isoformat(), "presses": own.presses, "basis": own.basis}


# --- for the doctor -------------------------------------------------------------------------------------


async def own_numbers(tx: "Transaction", model: str | None) -> Check:
    """Whether own numbers are in use. `model`: the name of the one at work; None where only loading it would tell."""
    from knowledge.confidence import fitted

    kept = await tx.calibrations.all()
    if not kept:
        return Check("confidence", State.GOOD, "the shipped numbers")
    for own in kept:
        name, _, mark = own.basis.rpartition(" ")
        if mark == fitted().mark and model in (name, None):
            return Check("confidence", State.GOOD, f"own numbers of {own.at:%Y-%m-%d}, on {own.presses:,} presses")
    do = "`winwin calibrate` looks whether newer ones are better; `--revert` lets go of the old ones."
    says = "own numbers are not used: they were fitted for another model or before the shipped numbers changed"
    return Check("confidence", State.NOTE, says, do)
