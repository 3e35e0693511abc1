"""How one call of an endpoint gets to the venue and back: quota, signature, clock, second host, and what came of it.

A generator, so that the synchronous and the asyncio host share it: it yields `Fetch` and `Sleep`. Writes are sent once,
and once more only when the venue refused the timestamp, since it then did nothing. Reads may go to the backup host.
"""

from collections.abc import Generator, Mapping
from statistics import median
from typing import Any, Literal, NamedTuple

from ccxt.base import errors

from ..flows.effects import Sleep
from ..wire.endpoints import ENDPOINTS, Endpoint
from ..wire.parse import Malformed, parse
from ..wire.render import render
from ..wire.secrets import Masked
from ..wire.signing import Signer, UnsafeValue, body_text, headers, login_args, prehash, query_string, signer
from ..wire.v2 import ENDPOINTS_V2, from_v2, to_v2
from .address import StreamAddresses, backup_of, base_of, check_scheme, dialect_of, streams_of
from .credentials import is_lost
from .gate import Gate, monotonic_ms, shared_gate
from .keys import load_pem

__all__ = ["Delivery", "Fetch", "lost"]

_PENALTY = 1.0
"""Seconds that nobody sends after a 429."""

_SAMPLES = 3
_MARGIN = ENDPOINTS["currencies"]

_CREDENTIALS = ("apiKey", "secret", "password", "privateKey")


class Fetch(NamedTuple):
    """An HTTP request; the reply is the decoded body, refusals are raised."""

    url: str
    method: str
    headers: dict[str, str]
    body: str | None


def lost(problem: Exception) -> Exception:
    """What ccxt calls a refusal, although the exchange of bytes broke off: whatever was sent may have been done."""
    text = str(problem) + f": {problem.__cause__}"
    if "CERTIFICATE_VERIFY_FAILED" in text:
        return problem  # before anything was sent
    failed: Exception = errors.NetworkError(text)
    return failed


def _explained(id: str, row: Endpoint, base: str, problem: Exception) -> Exception:
    """What ccxt says with method and address only."""
    cause = type(problem.__cause__ or problem).__name__
    return type(problem)(
        f"{id} {row.name}: no answer from {base} ({cause}); check network, address and proxy, try again"
    )


class Delivery:
    """The live side of one exchange object. Settings are read at each call: users change them at any time."""

    def __init__(self, exchange: Any) -> None:
        self._exchange = exchange
        self._ready: tuple[Any, ...] | None = None
        """The settings that were found complete; what follows from them is below."""
        self._signer: Signer | None = None
        self._headers: dict[str, str] = {}
        self._gate: Gate | None = None
        self._gate_place: tuple[str, str] | None = None
        self._synchronized = False

    def __reduce__(self) -> tuple[type[None], tuple[()]]:
        return type(None), ()  # a pickled exchange makes its own when it first needs one

    def __deepcopy__(self, memo: dict[int, Any]) -> "Delivery":
        return Delivery(memo.get(id(self._exchange), self._exchange))

    def call(self, row: Endpoint, params: Mapping[str, Any]) -> Generator[Any, Any, Any]:
        """The answer as model rows."""
        base, v2 = self._where(row)
        body = yield from self._send(row, params, base, v2)
        try:
            return from_v2(row.name, body, params) if v2 else parse(row.answer, body)
        except Malformed as problem:
            raise errors.BadResponse(f"{self._exchange.id} {row.name}: {problem}; {_after(row)}") from None

    def raw(self, row: Endpoint, params: Mapping[str, Any]) -> Generator[Any, Any, Any]:
        """The answer as the venue wrote it; for a row of v1 where v2 is spoken, as v1 would have it."""
        if ENDPOINTS.get(row.name) is row and self.speaks_v2(row):
            value = yield from self.call(row, params)
            return render(row.answer, value, self._exchange.milliseconds())
        return (yield from self._send(row, params, *self._where(row)))

    def _venue_now(self) -> int:
        return int(self._exchange.milliseconds() - (self._exchange.options.get("timeDifference") or 0))

    def speaks_v2(self, row: Endpoint) -> bool:
        return self._where(row)[1]

    def _where(self, row: Endpoint) -> tuple[str, bool]:
        """The base address, and whether v2 is spoken there."""
        exchange = self._exchange
        # The product is told by the path of v1; what v2 has alone is margin as well.
        base = base_of(exchange.urls, exchange.hostname, ENDPOINTS.get(row.name, _MARGIN))
        return base, dialect_of(exchange.id, row.name, exchange.options.get("dialect", "auto"), base) == "v2"

    def _send(self, row: Endpoint, params: Mapping[str, Any], base: str, v2: bool) -> Generator[Any, Any, Any]:
        exchange = self._exchange
        if v2 and ENDPOINTS.get(row.name) is row:
            row, params = ENDPOINTS_V2[row.name], to_v2(row.name, params, self._venue_now())[2]
        if row.private and not self._synchronized and exchange.options.get("adjustForTimeDifference"):
            yield from self.synchronize()
        first, resynchronized = True, False
        while True:
            if exchange.enableRateLimit:
                gate = self._gate_of(row, base)
                now = monotonic_ms()
                wait = gate.reserve(row.name, row.rate, now)
                while wait > 0:
                    try:
                        yield Sleep(wait)
                    except BaseException:
                        gate.give_back(row.name, now + wait)
                        raise
                    # Closed meanwhile by somebody's 429: a new place in line, or all who wait would leave together.
                    now = monotonic_ms()
                    wait = gate.reserve(row.name, row.rate, now) if gate.is_closed else 0
            request = self._request(row, params, base)
            try:
                return (yield request)
            except errors.RateLimitExceeded:
                self._gate_of(row, base).penalize(_PENALTY)
                raise
            except errors.InvalidNonce:
                if not row.private or resynchronized:
                    raise
                resynchronized = True
                yield from self.synchronize()
            except errors.NetworkError as problem:
                backup = backup_of(exchange.urls, exchange.hostname, base)
                if row.permission == "trade" or backup is None or not first:
                    if not str(problem).startswith(f"{exchange.id} {row.method} "):
                        raise  # the venue's own words
                    raise _explained(exchange.id, row, base, problem) from problem
                first, base = False, backup

    def synchronize(self) -> Generator[Any, Any, int]:
        """Measure how far this machine's clock is ahead of the venue's, and keep it where ccxt does."""
        exchange = self._exchange
        row = ENDPOINTS["time"]
        offsets = []
        for _ in range(_SAMPLES):
            started = exchange.milliseconds()
            now = yield from self.call(row, {})
            ended = exchange.milliseconds()
            offsets.append((started + ended) // 2 - now)
        offset = int(median(offsets))
        exchange.options["timeDifference"] = offset
        self._synchronized = True
        return offset

    def streams(self) -> tuple[Literal["v1", "v2"], StreamAddresses]:
        """The dialect of the streams, and where they are."""
        exchange = self._exchange
        base, v2 = self._where(ENDPOINTS["cross_assets"])
        dialect: Literal["v1", "v2"] = "v2" if v2 else "v1"
        return dialect, streams_of(exchange.id, exchange.urls, exchange.hostname, dialect, base)

    def login(self) -> list[dict[str, str]]:
        """The `args` of a WebSocket login, signed for now."""
        exchange = self._exchange
        self.check_ready("login")
        return login_args(exchange.apiKey, exchange.password, self._key(), self._venue_now() // 1_000)

    def _settings(self, base: str) -> tuple[Any, ...]:
        exchange = self._exchange
        return (*map(exchange.__dict__.get, _CREDENTIALS), exchange.options.get("locale"), base)

    def check_once(self, call: str) -> None:
        """`check_ready` before a first request; each request checks again whether settings have changed."""
        if self._ready is None:
            self.check_ready(call)

    def check_ready(self, call: str) -> None:
        """Raises before anything is sent when a private call cannot be signed."""
        exchange = self._exchange
        base, _ = self._where(ENDPOINTS["cross_assets"])
        ready = self._settings(base)
        if ready == self._ready:
            return
        self._ready, self._signer = None, None
        missing = [name for name in ("apiKey", "password") if not getattr(exchange, name)]
        if not (exchange.secret or exchange.privateKey):
            missing.insert(1, "secret")
        if missing:
            raise errors.AuthenticationError(
                f"{exchange.id} {call}: it needs {', '.join(missing)} of an API key, given when the exchange is made; "
                "options['paper'] = True trades without"
            )
        if is_lost(exchange.apiKey):
            raise errors.AuthenticationError(
                f"{exchange.id} {call}: this object comes from a pickle, which never carries credentials; set apiKey, "
                "secret and password anew"
            )
        check_scheme(exchange.id, call, base)
        try:
            self._headers = headers(exchange.apiKey, "", "", exchange.password, exchange.options.get("locale"))
        except UnsafeValue as problem:
            raise errors.AuthenticationError(f"{exchange.id} {call}: {problem}") from None
        self._ready = ready

    def _gate_of(self, row: Endpoint, base: str) -> Gate:
        place = (self._exchange.apiKey if row.scope == "uid" else "", base)
        if self._gate is None or place != self._gate_place:
            self._gate, self._gate_place = shared_gate(*place), place
        return self._gate

    def _request(self, row: Endpoint, params: Mapping[str, Any], base: str) -> Fetch:
        exchange = self._exchange
        try:
            if row.method == "GET":
                query, decoded = query_string(params)
                body = None
            else:
                query = decoded = ""
                body = body_text(params)
        except UnsafeValue as problem:
            raise errors.BadRequest(f"{exchange.id} {row.name}: {problem}") from None
        url = f"{base}{row.path}?{query}" if query else base + row.path
        if not row.private:
            return Fetch(url, row.method, {"Content-Type": "application/json"}, body)
        if self._settings(base) != self._ready:
            self.check_ready(row.name)
        timestamp = str(exchange.milliseconds() - (exchange.options.get("timeDifference") or 0))
        signature = self._key().sign(prehash(timestamp, row.method, row.path, decoded, body or ""))
        own = {"ACCESS-SIGN": Masked(signature), "ACCESS-TIMESTAMP": timestamp}
        return Fetch(url, row.method, self._headers | own, body)

    def _key(self) -> Signer:
        exchange = self._exchange
        if self._signer is None:
            pem = load_pem(exchange.privateKey) if exchange.privateKey else None
            self._signer = signer(exchange.secret or Masked(""), pem)
        return self._signer


def _after(row: Endpoint) -> str:
    if row.permission == "trade":
        return "the outcome is unknown: look for it before you send it again"
    return "ask again later, and report it if it stays"
