"""An HTTP request from its bytes to the bytes of its answer, in stages: route, headers, auth, time window, quota,
parameters, engine, render. No socket and no clock: `venue.http` is the door that has them.
"""

import logging
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from functools import partial
from typing import Any, Final, NamedTuple, Protocol

import orjson

from ..model.refusals import Reason, Refusal
from ..wire.codes import describe
from ..wire.reasons import CODE_OF
from ..wire.render import render
from ..wire.v2 import ENDPOINTS_V2, serve
from .auth import authenticate
from .control import Control
from .keyring import Keyring
from .limits import Limits
from .public_v1 import is_v1, public_v1_answer
from .reading import is_json, parameters, query_of
from .repeats import Repeats
from .router import Route

__all__ = ["SYSTEM_ERROR", "Answer", "Asked", "Desk", "Host", "refused"]

_log = logging.getLogger(__name__)

SYSTEM_ERROR: Final = "40015"
_TOO_MANY: Final = CODE_OF[Reason.TOO_MANY_REQUESTS]


class Asked(NamedTuple):
    """A request as it came: path and query are not decoded. `machine_ms` is the machine's time."""

    method: str
    path: str
    query: str
    headers: Mapping[str, str]
    body: bytes
    address: str
    machine_ms: int


class Answer(NamedTuple):
    status: int
    body: bytes


class Host(Protocol):
    """A venue with a clock, a market and a lock, as `paper.host` keeps one."""

    @property
    def control(self) -> Control: ...
    @property
    def lock(self) -> AbstractContextManager[Any]: ...
    @property
    def venue(self) -> Any: ...
    def now(self) -> int: ...
    def call(self, account: str, endpoint: str, params: Mapping[str, Any]) -> Any: ...
    def public(self, account: str, path: str, params: Mapping[str, Any]) -> Any: ...
    def listen(self, account: str, ring: Callable[[], None]) -> Any:
        """Somebody with `take`; the bell rings in the thread in which something happens."""

    def unlisten(self, listener: Any) -> None: ...
    def first(self, account: str, channel: str) -> tuple[Any, ...]: ...


class Desk:
    """`account` is the one whose view public calls have; `limits` None: nobody is too fast; `repeats` None: a signed
    POST may come again.
    """

    def __init__(
        self, host: Host, keyring: Keyring, account: str, limits: Limits | None, repeats: Repeats | None = None
    ) -> None:
        self.host = host
        self.keyring = keyring
        self.account = account
        self._limits = limits
        self._repeats = repeats

    def answer(self, route: Route | None, asked: Asked, skew: int = 0) -> Answer:
        """Never raises. `skew` is how far ahead the venue's clock is when it looks at the timestamp."""
        try:
            if route is None:
                raise Refusal(Reason.NO_SUCH_PATH, asked.path)
            return Answer(200, orjson.dumps(self._serve(route, asked, skew)))
        except Refusal as refusal:
            return self.refusal(refusal)
        except Exception:
            # The request's path only: a body or headers could hold what nobody may log.
            _log.exception("%s %s", asked.method, asked.path)
            return refused(500, SYSTEM_ERROR, self.host.now())

    def refusal(self, refusal: Refusal) -> Answer:
        code = CODE_OF[refusal.reason]
        return refused(429 if code == _TOO_MANY else 400, code, self.host.now(), refusal.details)

    def _serve(self, route: Route, asked: Asked, skew: int) -> Any:
        row, host = route.endpoint, self.host
        if row is None:
            return self._public(route.public_path, query_of(asked.query))
        if asked.body and not is_json(asked.headers.get("Content-Type")):
            raise Refusal(Reason.BAD_CONTENT_TYPE, "application/json is")
        account = who = self.account
        if row.private:
            times = (host.now() + skew, asked.machine_ms + skew)
            key = authenticate(
                self.keyring, asked.headers, asked.method, asked.path, asked.query, asked.body, asked.address,
                row.permission, times,
            )  # fmt: skip
            if self._repeats is not None and asked.method == "POST":
                sign, stamp = asked.headers["ACCESS-SIGN"], int(asked.headers["ACCESS-TIMESTAMP"])
                self._repeats.use(key.name, sign, stamp, times)
            account = who = key.account
        if row.scope == "ip":
            who = asked.address
        if self._limits is not None and not self._limits.admit(row, who, asked.machine_ms):
            raise Refusal(Reason.TOO_MANY_REQUESTS)
        params = parameters(row, asked.method, asked.query, asked.body)

        def handle(name: str, given: Mapping[str, Any]) -> Any:
            value = host.call(account, name, given)
            return value + skew if name == "time" else value

        if row is ENDPOINTS_V2[row.name]:
            # Some of its calls are several of v1's: of one and the same state.
            with host.lock:
                return serve(asked.method, asked.path, params, handle, host.now() + skew)
        return render(row.answer, handle(row.name, params), host.now() + skew)

    def _public(self, path: str, params: Mapping[str, Any]) -> Any:
        if is_v1(path):
            return public_v1_answer(path, params, partial(self.host.public, self.account))
        return self.host.public(self.account, path, params)


def refused(status: int, code: str, now: int, details: tuple[str, ...] = ()) -> Answer:
    """The body of a refusal, as the venue's are: the code's text, and what it speaks of."""
    text = describe(code).meaning
    if details:
        # Clipped, and never a control character: a refusal may quote what a stranger sent.
        said = ", ".join(details).encode("ascii", "replace").decode()[:200]
        text = f"{text}: {''.join(char if char.isprintable() else '?' for char in said)}"
    return Answer(status, orjson.dumps({"code": code, "msg": text, "requestTime": now, "data": None}))
