"""The outermost layer: limits the body, measures the request, and turns a defect into a plain 500."""

import logging
from time import perf_counter

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from serving.api.metrics import ServiceMetrics
from serving.api.problems import Refused, problem_response

logger = logging.getLogger(__name__)


class Edge:
    """ASGI middleware around the whole application; it sees every answer, also those of defects.

    Parameters
    ----------
    max_body_bytes
        A longer body is refused with 413 before any of it is parsed: by its ``Content-Length``,
        or as soon as that many bytes have come.
    """

    def __init__(self, app: ASGIApp, metrics: ServiceMetrics, max_body_bytes: int) -> None:
        self.app, self.metrics, self.max_body_bytes = app, metrics, max_body_bytes

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass one request on, once it was found short enough."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        started, answer = perf_counter(), _Answer(send)
        try:
            await self._pass(scope, receive, answer)
        finally:
            self.metrics.observe(scope, answer.status, perf_counter() - started)

    async def _pass(self, scope: Scope, receive: Receive, answer: "_Answer") -> None:
        path = scope["path"]
        try:
            self._check_announced(scope)
            await self.app(scope, self._counted(receive), answer)
        except Refused as error:
            response = problem_response(error.status_code, str(error.detail), path, headers=error.headers)
        except Exception:
            logger.exception("defect while answering %s %s", scope["method"], path)
            response = problem_response(500, "an unexpected error; it was logged by the service", path)
        else:
            return
        if not answer.started:
            await response(scope, receive, answer)

    def _check_announced(self, scope: Scope) -> None:
        announced = next((value for name, value in scope["headers"] if name == b"content-length"), b"0")
        if announced.isdigit() and int(announced) > self.max_body_bytes:
            raise self._too_large()

    def _counted(self, receive: Receive) -> Receive:
        seen = 0

        async def counted() -> Message:
            nonlocal seen
            message = await receive()
            seen += len(message.get("body", b""))
            if seen > self.max_body_bytes:
                raise self._too_large()
            return message

        return counted

    def _too_large(self) -> Refused:
        # The rest of the body is not read, so the connection cannot be used again.
        detail = f"a request may have {self.max_body_bytes} bytes; send fewer subjects at a time"
        return Refused(413, detail, headers={"Connection": "close"})


class _Answer:
    """Sends, and remembers the status that was sent."""

    def __init__(self, send: Send) -> None:
        self.send, self.status, self.started = send, 500, False

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.status, self.started = message["status"], True
        await self.send(message)
