"""What a start does beside its imports: the model is loaded by C, on the processor that Python leaves idle."""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from adapters.settings import Settings
    from adapters.stopwatch import Stopwatch
    from knowledge.embedding import Embedder

# When garbage is collected during a start, which makes half a million objects and hardly any garbage: a fifth of the
# time goes into looking otherwise.
RARELY = (1_000_000, 20, 50)


@contextmanager
def collecting_rarely() -> Iterator[Callable[[], None]]:
    """Until the block ends, or what is given is called: from then on as usual, and what is loaded by then stays, so
    that later collections need not look through it again."""
    usual = gc.get_threshold()

    def opened() -> None:
        gc.freeze()
        gc.set_threshold(*usual)

    gc.set_threshold(*RARELY)
    try:
        yield opened
    finally:
        gc.set_threshold(*usual)


def model_under_way(settings: Settings, watch: Stopwatch) -> Callable[[], Embedder]:
    """Begin to load the model. What is given waits for it, and raises what loading raised: ModelError."""
    from adapters.embedders import load_embedder  # before the thread begins: no module is imported by two at once

    def load() -> Embedder:
        with watch.step("model loaded"):
            return load_embedder(settings.winwin_model or None)

    thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="winwin-model-load")
    loading = thread.submit(load)
    thread.shutdown(wait=False)
    return loading.result
