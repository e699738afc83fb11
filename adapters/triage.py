"""Triage whose rules are read in the background, so that nobody waits for them who has nothing to ask yet."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import Future
from threading import Lock, Thread

import structlog

from bot.safety.triage import DETECTOR_FAILED, Code, Finding, Speaker, Triage

_log = structlog.get_logger("winwin.triage")


class BackgroundTriage(Triage):
    """See Triage. A message that comes before the rules are there waits for them, as no message passes without."""

    def __init__(self, load: Callable[[], Triage] = Triage.load) -> None:
        self._load = load
        self._loading: Future[Triage] | None = None
        self._lock = Lock()

    def start(self) -> Future[Triage]:
        """Begin to load; returns at once. The same load however often it is called."""
        with self._lock:
            if self._loading is None:
                self._loading = Future()
                self._loading.set_running_or_notify_cancel()  # who stops waiting does not stop the others' rules
                Thread(target=self._run, args=(self._loading,), name="winwin-triage", daemon=True).start()
            return self._loading

    async def loaded(self) -> None:
        """Until the rules are there. Raises what loading raised: RuleError."""
        await asyncio.wrap_future(self.start())

    def warm_up(self) -> None:
        """See Triage."""
        self.start().result().warm_up()

    def check(self, text: str) -> tuple[Finding, ...]:
        """See Triage. When the rules cannot be read, people must look at every message."""
        try:
            triage = self.start().result()
        except Exception:
            _log.exception("rules_not_loaded")
            return (Finding(Code.C2, Speaker.SELF, (DETECTOR_FAILED,)),)
        return triage.check(text)

    def words(self, text: str) -> str:
        """See Triage. Raises RuleError when the rules cannot be read."""
        return self.start().result().words(text)

    def _run(self, loading: Future[Triage]) -> None:
        try:
            loading.set_result(self._load())
        except BaseException as error:  # whoever waits is told
            loading.set_exception(error)
