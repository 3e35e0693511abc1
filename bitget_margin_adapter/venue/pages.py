"""What the emulator serves beside the API: the page for people, what it lives on, and the OpenAPI description."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from importlib import resources
from typing import Any, Final

import orjson
from aiohttp import WSMsgType, web

from .desk import Host
from .live import picture
from .openapi import description

__all__ = ["LiveDoor", "pages_of"]

_log = logging.getLogger(__name__)

_EVERY: Final = 0.5
_MOST: Final = 50
"""Pages that may be open at once."""

_POLICY: Final = (
    "default-src 'none'; style-src 'self' 'unsafe-inline'; script-src 'self'; connect-src 'self'; img-src data:"
)
_FILES: Final = {
    "/": ("index.html", "text/html"),
    "/page.css": ("page.css", "text/css"),
    "/page.js": ("page.js", "text/javascript"),
}

Page = Callable[[web.BaseRequest], Awaitable[web.StreamResponse]]


class LiveDoor:
    """The page's own WebSocket: a picture of the venue whenever it has changed, twice a second at most. Read only."""

    def __init__(self, host: Host) -> None:
        self._host = host
        self._open: set[web.WebSocketResponse] = set()

    async def serve(self, request: web.BaseRequest) -> web.StreamResponse:
        socket = web.WebSocketResponse(max_msg_size=1024, timeout=1.0, heartbeat=30)
        if len(self._open) >= _MOST or not socket.can_prepare(request).ok:
            return web.Response(status=429, text="too many pages are open, or this is no WebSocket\n")
        await socket.prepare(request)
        self._open.add(socket)
        writer = asyncio.create_task(self._write(socket))
        # Without a picture there is nothing to stay for.
        writer.add_done_callback(lambda task: _hang_up(request))
        try:
            async for message in socket:
                if message.type is not WSMsgType.TEXT:
                    break
        finally:
            self._open.discard(socket)
            writer.cancel()
            (problem,) = await asyncio.gather(writer, return_exceptions=True)
            if isinstance(problem, Exception) and not isinstance(problem, ConnectionError):
                _log.error("the page's picture", exc_info=problem)
        return socket

    async def close(self) -> None:
        await asyncio.gather(*(socket.close(code=1001) for socket in tuple(self._open)), return_exceptions=True)

    async def _write(self, socket: web.WebSocketResponse) -> None:
        sent = b""
        while True:
            text = orjson.dumps(picture(self._host))
            if text != sent:
                sent = text
                await socket.send_str(text.decode())
            await asyncio.sleep(_EVERY)


def pages_of(live: LiveDoor) -> dict[str, Page]:
    """By path. The page's files are read once."""
    pages: dict[str, Page] = {"/live": live.serve}
    folder = resources.files(__package__).joinpath("page")
    for path, (name, kind) in _FILES.items():
        pages[path] = _fixed(folder.joinpath(name).read_bytes(), kind)
    pages["/openapi.json"] = _fixed(orjson.dumps(description()), "application/json")
    return pages


def _hang_up(request: web.BaseRequest) -> None:
    if request.transport is not None:
        request.transport.close()


def _fixed(body: bytes, kind: str) -> Page:
    headers: dict[str, Any] = {"Content-Security-Policy": _POLICY, "X-Content-Type-Options": "nosniff"}

    async def serve(request: web.BaseRequest) -> web.StreamResponse:
        return web.Response(body=body, content_type=kind, headers=headers)

    return serve
