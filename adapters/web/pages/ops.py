"""For machines: health, readiness, metrics, and the read-only API under /api/v1."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Callable

from fastapi import APIRouter, Depends, Query
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Gauge, generate_latest
from pydantic import BaseModel
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response

from adapters.web.gate import who
from adapters.web.machines import Stranger, known_machine
from adapters.web.session import known_member
from adapters.web.site import Site
from bot.community import QuestionFilter
from bot.lookups import CrisisFound
from bot.ports import Store
from bot.question import Question
from bot.report import to_json
from knowledge.text import clean


class ResourceFound(BaseModel):
    """A published resource; `confidence` is the probability that it helps with the words searched for."""

    id: str
    title: str
    text: str
    url: str
    topics: list[str]
    language: str
    medical: bool
    reviewed_by: str
    reviewed_at: str | None
    confidence: float


class NotSearched(BaseModel):
    """`error` is for the one who searched: show it to them. With the action `crisis` it holds people to call."""

    error: str
    action: str | None = None


class QuestionShown(BaseModel):
    """A question without its words and without its people. Private questions are not listed."""

    id: str
    status: str
    outcome: str | None
    topics: list[str]
    medical: bool
    language: str
    suggested: list[str]
    asked: int
    asked_at: str
    answered_at: str | None
    closed_at: str | None


def health_routes(
    store: Store, ready: Callable[[], bool], registry: CollectorRegistry, api_token: str = ""
) -> APIRouter:
    """What a watchdog and Prometheus ask; it needs no page and no model. Figures are for known programs alone."""
    router = APIRouter()
    metrics = Metrics(store, ready, registry)

    @router.get("/healthz", include_in_schema=False)
    async def health() -> Response:
        return PlainTextResponse("ok\n")

    @router.get("/readyz", include_in_schema=False)
    async def is_ready() -> Response:
        if ready():
            return PlainTextResponse("ready\n")
        return PlainTextResponse("loading the language model\n", 503)

    @router.get("/metrics", include_in_schema=False)
    async def show_metrics(request: Request) -> Response:
        if not known_machine(request, api_token):
            raise Stranger
        return Response(await metrics.text(), media_type=CONTENT_TYPE_LATEST)

    return router


def routes(site: Site) -> APIRouter:
    services = site.services
    viewers = Gauge("winwin_web_viewers", "Open pages", registry=services.metrics)
    viewers.set_function(lambda: float(len(services.viewers)))
    router = APIRouter()
    router.include_router(health_routes(services.store, services.ready, services.metrics, services.api_token))

    def known(request: Request) -> None:
        """Raises Stranger unless it is a program of ours, or somebody who is signed in."""
        signed_in = known_member(request, services.people) if services.local else who(request)
        if signed_in is None and not known_machine(request, services.api_token):
            raise Stranger

    api = APIRouter(dependencies=[Depends(known)])

    @api.get(
        "/api/v1/resources",
        response_model=list[ResourceFound],
        responses={422: {"model": NotSearched, "description": "A wrong call, or words that sound like a crisis"}},
        summary="Search the library",
    )
    async def resources(
        request: Request, q: str = Query(max_length=2000), limit: int = Query(10, ge=1, le=50)
    ) -> list[ResourceFound] | Response:
        member = known_member(request, services.people) if services.local else who(request)
        try:
            found = await services.lookups.search(member.key if member else "", clean(q), limit)
        except CrisisFound as crisis:  # a cry for help is no search
            return JSONResponse({"error": crisis.help, "action": "crisis"}, 422)
        return [
            ResourceFound(
                id=r.id,
                title=r.title,
                text=r.text,
                url=r.url,
                topics=list(r.topics),
                language=r.language,
                medical=r.medical,
                reviewed_by=r.reviewed_by,
                reviewed_at=r.reviewed_at.isoformat() if r.reviewed_at else None,
                confidence=m.confidence,
            )
            for r, m in found
        ]

    @api.get("/api/v1/questions", response_model=list[QuestionShown], summary="Questions, without their words")
    async def questions(limit: int = Query(200, ge=1, le=1000)) -> list[QuestionShown]:
        async with site.services.store.read() as tx:
            found = await tx.questions.find(QuestionFilter(limit=limit))
        return [_shown(q) for q in found if not q.private]

    @api.get("/api/v1/report", summary="The report, with what is too small to show taken out")
    async def report() -> JSONResponse:
        key = site.services.secret_key.encode()
        found = await site.services.report()
        return JSONResponse(
            to_json(found, lambda person: hmac.new(key, f"person|{person}".encode(), hashlib.sha256).hexdigest()[:16])
        )

    router.include_router(api)
    return router


def _shown(q: Question) -> QuestionShown:
    return QuestionShown(
        id=q.id,
        status=q.status.value,
        outcome=q.outcome.value if q.outcome else None,
        topics=list(q.topics),
        medical=q.medical,
        language=q.language,
        suggested=list(q.suggested),
        asked=q.round,
        asked_at=q.asked_at.isoformat(),
        answered_at=q.answered_at.isoformat() if q.answered_at else None,
        closed_at=q.closed_at.isoformat() if q.closed_at else None,
    )


class Metrics:
    """What Prometheus reads; the registry is the process's own, others may add to it."""

    def __init__(self, store: Store, ready: Callable[[], bool], registry: CollectorRegistry) -> None:
        self._store = store
        self._is_ready = ready
        self._registry = registry
        self._inbox = Gauge("winwin_inbox_waiting", "Facts that wait to be handled", registry=registry)
        self._outbox = Gauge("winwin_outbox_waiting", "Messages that wait to be delivered", registry=registry)
        self._parked = Gauge("winwin_outbox_parked", "Messages given up and shown to a moderator", registry=registry)
        self._ready = Gauge("winwin_ready", "1 when the language model is loaded", registry=registry)

    async def text(self) -> bytes:
        async with self._store.read() as tx:
            self._inbox.set(await tx.inbox.waiting())
            self._outbox.set(await tx.outbox.waiting())
            self._parked.set(len(await tx.outbox.parked()))
        self._ready.set(1 if self._is_ready() else 0)
        return generate_latest(self._registry)
