"""The venue's half of a connection: what the emulator answers to logins, subscriptions and pings.

Pure, as the client's half is. It knows no account: `receive` reports who logged in and what was asked for, its owner
pushes rows with `push`.

    protocol = ServerProtocol(check_login)
    protocol.opened(now)
    for request in protocol.receive(text, now): ...
    protocol.push("cross_orders", "BTCUSDT", rows)
    for text in protocol.outgoing(): ...
    if protocol.close_reason: ...      # send what is left, then close
"""

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from ..wire import codes
from ..wire.channels import CHANNELS, LIMITS, StreamLimits, render_push
from ..wire.v2.channels import is_v2, render_push_v2
from .budget import HOUR, Sliding
from .frames import PING, PONG, Stream, decode, encode, stream_of

__all__ = ["PING_WITHIN", "SUBSCRIBE_WITHIN", "LoggedIn", "ServerProtocol", "Subscription", "Unsubscription"]

PING_WITHIN = 120_000
"""How long the venue waits for a client's ping (English documentation)."""

SUBSCRIBE_WITHIN = 30_000
"""How long a connection may have no subscription (documented)."""

_NO_CHANNEL, _BAD_REQUEST, _BAD_OP, _LOGIN_FIRST, _TOO_OFTEN, _TOO_MUCH = (
    "30001", "30002", "30003", "30004", "30006", "30007",
)  # fmt: skip


class LoggedIn(NamedTuple):
    api_key: str


class Subscription(NamedTuple):
    """New; the account channels and indexPrice now want all their rows, the order channels nothing."""

    channel: str
    symbol: str | None


class Unsubscription(NamedTuple):
    channel: str
    symbol: str | None


Request = LoggedIn | Subscription | Unsubscription
CheckLogin = Callable[[Mapping[str, Any], int], str | None]


class ServerProtocol:
    """`check_login(argument, now)` answers None, or the code of `wire.codes` with which a login is refused.

    `limits` None: nothing is counted. `subscriptions` is the hour's window that the connections of a client share.
    """

    def __init__(
        self, check_login: CheckLogin, *, limits: StreamLimits | None = LIMITS, subscriptions: Sliding | None = None
    ) -> None:
        self._check_login = check_login
        self._limits = limits
        self._messages = Sliding(limits.messages_per_second, 1_000) if limits else None
        self._subscriptions = subscriptions
        if limits and subscriptions is None:
            self._subscriptions = Sliding(limits.subscriptions_per_hour, HOUR)
        self._streams: dict[Stream, Mapping[str, Any]] = {}
        self._texts: list[str] = []
        self._opened = self._pinged = 0
        self.api_key: str | None = None
        self.close_reason: str | None = None

    @property
    def streams(self) -> tuple[Stream, ...]:
        return tuple(self._streams)

    def opened(self, now: int) -> None:
        self._opened = self._pinged = now

    def receive(self, text: str | bytes, now: int) -> list[Request]:
        """Answers what a client wrote, and reports what its owner has to know."""
        if self.close_reason is not None:
            return []
        if self._messages is not None:
            if not self._messages.free(now):
                self._fail(_TOO_OFTEN, close=True)
                return []
            self._messages.take(now)
        if text in (PING, PING.encode()):
            self._pinged = now
            self._texts.append(PONG)
            return []
        if self._limits is not None and len(text) > self._limits.argument_bytes + 256:  # the frame around the channels
            self._fail(_TOO_MUCH)
            return []
        try:
            message = decode(text)
        except ValueError:
            self._fail(_BAD_REQUEST)
            return []
        operation = message.get("op") if isinstance(message, dict) else None
        arguments = message.get("args") if isinstance(message, dict) else None
        if not isinstance(arguments, list) or not all(isinstance(each, Mapping) for each in arguments):
            self._fail(_BAD_REQUEST)
        elif operation == "login":
            return self._login(arguments, now)
        elif operation == "subscribe":
            return [found for each in arguments for found in self._subscribe(_spelled(each), now)]
        elif operation == "unsubscribe":
            return [found for each in arguments for found in self._unsubscribe(_spelled(each))]
        else:
            self._fail(_BAD_OP)
        return []

    def push(self, channel: str, symbol: str | None, rows: tuple[Any, ...]) -> bool:
        """Rows for a stream, if this connection has it."""
        argument = self._streams.get((channel, symbol))
        if argument is None or self.close_reason is not None:
            return False
        render = render_push_v2 if is_v2(argument) else render_push
        self._texts.append(encode(render(channel, rows, argument)))
        return True

    def tick(self, now: int) -> None:
        """Gives up a client that is silent or came for nothing."""
        if now - self._pinged >= PING_WITHIN:
            self._close(f"no ping for {PING_WITHIN} ms")
        elif not self._streams and now - self._opened >= SUBSCRIBE_WITHIN:
            self._close(f"nothing subscribed for {SUBSCRIBE_WITHIN} ms")

    def next_due(self) -> int:
        return min(self._pinged + PING_WITHIN, self._opened + SUBSCRIBE_WITHIN if not self._streams else 1 << 62)

    def outgoing(self) -> list[str]:
        texts, self._texts = self._texts, []
        return texts

    # inside

    def _login(self, arguments: list[Mapping[str, Any]], now: int) -> list[Request]:
        argument = arguments[0] if arguments else {}
        # Independent clients write either.
        api_key = argument.get("apiKey", argument.get("api_key"))
        code = self._check_login({**argument, "apiKey": api_key}, now)
        if code is not None:
            self._fail(code, close=True)
            return []
        self.api_key = str(api_key)
        # A whole number, not the documented text: real clients compare with 0.
        self._texts.append(encode({"event": "login", "code": 0, "msg": ""}))
        return [LoggedIn(self.api_key)]

    def _subscribe(self, argument: Mapping[str, Any], now: int) -> list[Request]:
        stream = stream_of(argument)
        if stream is None:
            self._fail(_NO_CHANNEL, argument)
        elif CHANNELS[stream[0]].private and self.api_key is None:
            self._fail(_LOGIN_FIRST, argument)
        elif not self._may_subscribe(stream, now):
            self._fail(_TOO_MUCH, argument)
        else:
            self._streams[stream] = argument
            self._texts.append(encode({"event": "subscribe", "arg": argument}))
            return [Subscription(*stream)]
        return []

    def _may_subscribe(self, stream: Stream, now: int) -> bool:
        if self._limits is None:
            return True
        if stream not in self._streams and len(self._streams) >= self._limits.streams_per_connection:
            return False
        if self._subscriptions is not None:
            if not self._subscriptions.free(now):
                return False
            self._subscriptions.take(now)
        return True

    def _unsubscribe(self, argument: Mapping[str, Any]) -> list[Request]:
        stream = stream_of(argument)
        if stream is None:
            self._fail(_NO_CHANNEL, argument)
            return []
        known = self._streams.pop(stream, None)
        self._texts.append(encode({"event": "unsubscribe", "arg": argument}))
        return [] if known is None else [Unsubscription(*stream)]

    def _fail(self, code: str, argument: Mapping[str, Any] | None = None, *, close: bool = False) -> None:
        said: dict[str, Any] = {"event": "error", "code": int(code), "msg": codes.describe(code, "ws").meaning}
        if argument is not None:
            said["arg"] = argument
        self._texts.append(encode(said))
        if close:
            self._close(said["msg"])

    def _close(self, reason: str) -> None:
        if self.close_reason is None:
            self.close_reason = reason


_SPELLINGS = {"inst_type": "instType", "inst_id": "instId"}


def _spelled(argument: Mapping[str, Any]) -> Mapping[str, Any]:
    """As it came. One client writes snake_case and reads camelCase: it gets the documented names beside its own."""
    missing = {name: argument[own] for own, name in _SPELLINGS.items() if own in argument and name not in argument}
    return {**argument, **missing} if missing else argument
