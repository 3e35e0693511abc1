"""The HTTP door of the emulator: sockets, the machine's clock, and the faults on the wire. What is answered is
`venue.desk`'s business, how the control API speaks `venue.sandbox`'s.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping
from typing import Final

from aiohttp import web
from aiohttp.web_protocol import RequestHandler

from ..model.refusals import Reason, Refusal
from ..wire.reasons import CODE_OF
from .desk import SYSTEM_ERROR, Answer, Asked, Desk, refused
from .faults import Fault, Faults
from .guard import host_allowed, origin_allowed
from .router import find_route
from .sandbox import PATH, Sandbox

__all__ = ["BODY", "HEADER_SECONDS", "HttpDoor", "Server"]

BODY: Final = 1 << 20
HEADER_SECONDS: Final = 10.0
_KEEP_ALIVE: Final = 75.0
_LINGER: Final = 0.3
"""How long a refused body may go on arriving before the connection is closed: its sender should see the answer."""

_LINE: Final = 8 * 1024
_HEADERS: Final = 16 * 1024
_JSON: Final = "application/json"

Page = Callable[[web.BaseRequest], Awaitable[web.StreamResponse]]


class HttpDoor:
    """`pages` are the addresses beside the API."""

    def __init__(
        self,
        desk: Desk,
        sandbox: Sandbox,
        faults: Faults,
        bound: str,
        pages: Mapping[str, Page],
    ) -> None:
        self._desk = desk
        self._sandbox = sandbox
        self._faults = faults
        self._bound = bound
        self._pages = pages

    async def handle(self, request: web.BaseRequest) -> web.StreamResponse:
        path, _, query = request.raw_path.partition("?")
        headers = request.headers
        host = headers.get("Host")
        if not host_allowed(host, self._bound) or not origin_allowed(headers.get("Origin"), host):
            return _response(self._refused(403, Reason.NO_PERMISSION, "this Host or Origin"))
        if sum(map(len, headers.values())) + sum(map(len, headers)) > _HEADERS:
            return _response(self._refused(431, Reason.BAD_PARAMETER, "headers"))
        page = self._pages.get(path)
        if page is not None and request.method == "GET":
            return await page(request)
        faults: list[Fault] = []
        route = None
        if not path.startswith(PATH):
            route = find_route(request.method, path)
            if self._faults and route is not None:
                faults = self._faults.draw(route.name)
                answer = await self._before(request, faults)
                if answer is not None:
                    return _response(answer)
        body = await self._body(request)
        if isinstance(body, Answer):
            return _response(body)
        if path.startswith(PATH):
            token = headers.get("X-Sandbox-Token")
            answer = self._sandbox.answer(request.method, path.removeprefix(PATH), token, body)
        else:
            machine = time.time_ns() // 1_000_000
            asked = Asked(request.method, path, query, headers, body, request.remote or "", machine)
            if not faults:
                return _response(self._desk.answer(route, asked))
            skew = sum(fault.delay_ms for fault in faults if fault.kind == "clock_skew")
            answer = self._desk.answer(route, asked, skew)
            if any(fault.kind == "duplicate" for fault in faults):
                self._desk.answer(route, asked, skew)
        return await self._after(request, answer, faults) if faults else _response(answer)

    async def _before(self, request: web.BaseRequest, faults: list[Fault]) -> Answer | None:
        """Faults that keep a request from the venue."""
        for fault in faults:
            if fault.kind == "latency":
                await asyncio.sleep(fault.delay_ms / 1000)
        kinds = {fault.kind for fault in faults}
        if "reset_before_read" in kinds:
            _reset(request)
        if "http_429" in kinds:
            return self._desk.refusal(Refusal(Reason.TOO_MANY_REQUESTS))
        if "http_500" in kinds:
            return refused(500, SYSTEM_ERROR, self._desk.host.now())
        return None

    async def _after(self, request: web.BaseRequest, answer: Answer, faults: list[Fault]) -> web.StreamResponse:
        """Faults that hit an answer."""
        for fault in faults:
            if fault.kind == "reorder":
                await asyncio.sleep(fault.delay_ms / 1000)
        kinds = {fault.kind for fault in faults}
        if "reset_after_commit" in kinds:
            _reset(request)
        if "truncate" in kinds:
            response = web.StreamResponse(status=answer.status, headers={"Content-Type": _JSON})
            response.content_length = len(answer.body)
            await response.prepare(request)
            await response.write(answer.body[: len(answer.body) // 2])
            _close(request)
        if "bad_json" in kinds:
            answer = answer._replace(body=b"<html>" + answer.body[: len(answer.body) // 2])
        return _response(answer)

    async def _body(self, request: web.BaseRequest) -> bytes | Answer:
        if not request.body_exists:
            return b""
        if (request.content_length or 0) > BODY:
            return self._refused(413, Reason.BAD_PARAMETER, f"body: more than {BODY} bytes")
        try:
            if request.content.is_eof():
                # It came with the headers, as almost all do: nothing to wait for.
                return await request.read()
            async with asyncio.timeout(HEADER_SECONDS):
                return await request.read()
        except web.HTTPRequestEntityTooLarge:
            return self._refused(413, Reason.BAD_PARAMETER, f"body: more than {BODY} bytes")
        except TimeoutError:
            return self._refused(408, Reason.BAD_PARAMETER, "body: it does not arrive")

    def _refused(self, status: int, reason: Reason, detail: str) -> Answer:
        return refused(status, CODE_OF[reason], self._desk.host.now(), (detail,))


def _response(answer: Answer) -> web.Response:
    return web.Response(body=answer.body, status=answer.status, content_type=_JSON)


def _reset(request: web.BaseRequest) -> None:
    """Raises: the handler is over, nobody gets an answer."""
    if request.transport is not None:
        request.transport.abort()
    raise ConnectionResetError


def _close(request: web.BaseRequest) -> None:
    if request.transport is not None:
        request.transport.close()
    raise ConnectionResetError


class _Protocol(RequestHandler):
    """Cuts whoever does not get its first request's headers together in time; answers bad HTTP as JSON."""

    _header_timer: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        super().connection_made(transport)
        self._header_timer = self._loop.call_later(HEADER_SECONDS, self._too_slow)

    def connection_lost(self, exc: BaseException | None) -> None:
        if self._header_timer is not None:
            self._header_timer.cancel()
        super().connection_lost(exc)

    def handle_error(
        self,
        request: web.BaseRequest,
        status: int = 500,
        exc: BaseException | None = None,
        message: str | None = None,
    ) -> web.StreamResponse:
        code = SYSTEM_ERROR if status >= 500 else CODE_OF[Reason.BAD_PARAMETER]
        response = _response(refused(status, code, time.time_ns() // 1_000_000, ("HTTP",)))
        response.force_close()
        return response

    def _too_slow(self) -> None:
        if self._request_count == 0 and self.transport is not None:
            self.transport.close()


class Server(web.Server):
    """aiohttp's, with our protocol."""

    def __call__(self) -> RequestHandler:
        return _Protocol(
            self,
            loop=self._loop,
            keepalive_timeout=_KEEP_ALIVE,
            access_log=None,  # type: ignore[arg-type]  # None switches it off
            max_line_size=_LINE,
            max_field_size=_LINE,
            auto_decompress=False,
            lingering_time=_LINGER,
        )
