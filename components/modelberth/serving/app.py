"""The routes: /predict, /healthz, /readyz, /metrics."""

import asyncio
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from fastapi import FastAPI, Request, Response
from starlette.requests import ClientDisconnect

from modelberth.serving.metrics import CONTENT_TYPE, Metrics
from modelberth.serving.model import ServedModel
from modelberth.serving.refusal import Refusal, error_body, refusal_for
from modelberth.serving.settings import Settings

JSON = "application/json"


@dataclass
class Serving:
    """The state of one server, which its routes read and its life cycle writes."""

    settings: Settings
    metrics: Metrics
    executor: ThreadPoolExecutor
    model: ServedModel | None = None
    """The model once it is loaded and warmed up."""
    draining: bool = False
    """Set by SIGTERM."""
    in_flight: int = 0
    """Predictions asked for and not yet answered."""

    @property
    def ready(self) -> bool:
        """Whether new traffic should come here."""
        return self.model is not None and not self.draining


class Routes:
    """What is answered, path by path."""

    def __init__(self, serving: Serving) -> None:
        self._serving = serving

    async def predict(self, request: Request) -> Response:
        """POST /predict."""
        try:
            return await self._predicted(request)
        except Exception as fault:  # noqa: BLE001  a model may raise anything; Starlette would log its message
            if not isinstance(fault, Refusal):
                request.scope["modelberth.fault"] = type(fault).__name__
            refusal = refusal_for(fault)
            return Response(error_body(refusal.code, refusal.message), refusal.status, media_type=JSON)

    async def _predicted(self, request: Request) -> Response:
        serving = self._serving
        if serving.model is None:
            raise Refusal(503, "not_ready", "the model is still being loaded")
        if serving.in_flight > serving.settings.max_waiting:
            raise Refusal(503, "overloaded", "too many predictions are under way; try again later")
        check_headers(request)
        body = await read_body(request, serving.settings)
        loop = asyncio.get_running_loop()
        prediction = await loop.run_in_executor(serving.executor, serving.model.answer, body)
        request.scope["modelberth.rows"] = prediction.rows
        return Response(prediction.body, media_type=JSON)

    async def healthz(self, _: Request) -> Response:
        """GET /healthz: the process lives."""
        return Response(b'{"status":"alive"}', media_type=JSON)

    async def readyz(self, _: Request) -> Response:
        """GET /readyz: whether traffic should come here."""
        if self._serving.ready:
            return Response(b'{"status":"ready"}', media_type=JSON)
        state = b"draining" if self._serving.draining else b"loading"
        return Response(b'{"status":"%s"}' % state, 503, media_type=JSON)

    async def metrics(self, _: Request) -> Response:
        """GET /metrics."""
        measures = self._serving.metrics
        measures.in_flight.set(self._serving.in_flight)
        measures.ready.set(self._serving.ready)
        return Response(measures.page(), headers={"content-type": CONTENT_TYPE})


async def _unknown(_: Request, __: Exception) -> Response:
    return Response(error_body("not_found", "there is nothing at this path"), 404, media_type=JSON)


async def _wrong_method(request: Request, _: Exception) -> Response:
    allowed = {"allow": "POST" if request.url.path == "/predict" else "GET"}
    body = error_body("method_not_allowed", f"this path takes {allowed['allow']} only")
    return Response(body, 405, media_type=JSON, headers=allowed)


def build(serving: Serving) -> FastAPI:
    """The application, without what surrounds it (see `edge.Edge`)."""
    app = FastAPI(openapi_url=None, docs_url=None, redoc_url=None, redirect_slashes=False)
    routes = Routes(serving)
    app.add_route("/predict", routes.predict, methods=["POST"])
    app.add_route("/healthz", routes.healthz, methods=["GET"])
    app.add_route("/readyz", routes.readyz, methods=["GET"])
    app.add_route("/metrics", routes.metrics, methods=["GET"])
    app.add_exception_handler(404, _unknown)
    app.add_exception_handler(405, _wrong_method)
    return app


def check_headers(request: Request) -> None:
    """Refuse what is not plain JSON."""
    media_type, _, parameters = request.headers.get("content-type", "").partition(";")
    if media_type.strip().lower() != JSON or parameters.strip().lower() not in ("", "charset=utf-8", 'charset="utf-8"'):
        raise Refusal(415, "unsupported_media_type", "content-type must be application/json, in UTF-8")
    if request.headers.get("content-encoding", "identity") != "identity":
        raise Refusal(415, "unsupported_encoding", "content-encoding must be absent: the body is taken as it is")


async def read_body(request: Request, settings: Settings) -> bytes:
    """The body, refused as soon as it is known to be too large, and when it takes too long to come."""
    limit = settings.max_body_bytes
    too_large = Refusal(413, "body_too_large", f"the body is larger than {limit} bytes")
    if int(request.headers.get("content-length", 0)) > limit:
        raise too_large
    body = bytearray()
    try:
        async with asyncio.timeout(settings.body_seconds):
            async for chunk in request.stream():
                body += chunk
                if len(body) > limit:
                    raise too_large
    except TimeoutError:
        raise Refusal(408, "body_too_slow", f"the body did not come within {settings.body_seconds:g} seconds") from None
    except ClientDisconnect:
        raise Refusal(499, "client_closed", "the client went away") from None
    return bytes(body)
