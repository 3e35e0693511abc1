"""The client's half of a connection: login, subscriptions, pings, stalls, back-off and budgets, as one pure object.

It never reads a clock, waits or touches a socket. Its owner hands it what arrives and the time, sends what `outgoing`
returns, calls `tick` when `next_due` says so, closes when told `Dropped`, and opens again at `reconnect_at`.

    protocol = StreamProtocol(login=lambda now: login_args(key, passphrase, signer, now // 1000))
    protocol.subscribe("cross_orders", "BTCUSDT")
    protocol.opened(now)
    for text in protocol.outgoing(now): ...
    for event in protocol.receive(text, now): ...

The public channels need no login, and none is sent for them.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Literal

from ..model.symbols import market_id
from ..wire import codes
from ..wire.channels import CHANNELS, parse_push
from ..wire.parse import Malformed
from ..wire.v2.channels import is_v2, parse_push_v2
from .budget import Allowance, Messages
from .events import Dropped, Event, Garbled, Push, Refused, Subscribed, Unsubscribed
from .frames import ARGUMENT, PING, PONG, Stream, decode, login_text, request_texts, stream_of

__all__ = ["ANSWER_WITHIN", "PING_EVERY", "SILENT_AFTER", "STABLE_AFTER", "StreamProtocol"]

PING_EVERY = 20_000
"""Documented: before 30 s of silence. Sent on a busy connection as well, where the venue still wants to hear it."""

ANSWER_WITHIN = 10_000
"""How long a ping, a login or a subscription may stay unanswered, ms."""

SILENT_AFTER = PING_EVERY + ANSWER_WITHIN
"""Where a transport pings: so long after the last word a connection is given up, ms."""

_OF_THE_KEY = frozenset({"AccountNotEnabled", "AccountSuspended", "AuthenticationError", "PermissionDenied"})
"""With such a key or account it is no use to come back."""

STABLE_AFTER = 60_000
"""A connection that lasted this long begins the back-off anew."""

_PING_AGAIN = 3_000
_TRIES = 3
_FIRST_DELAY, _LONGEST_DELAY = 1_000, 60_000
_STREAMS_A_MESSAGE = 32  # surely fit into the documented bytes
_AFTER_TOO_MANY = 5  # as if so many attempts had failed: the venue bans addresses that go on

Login = Callable[[int], Sequence[Mapping[str, str]]]


class StreamProtocol:
    """`login` makes the `args` of a login frame for a time; None: private channels are refused as the venue would.

    `jitter` returns numbers from 0 to 1, so that many clients do not come back in the same instant.
    `heartbeat=False` leaves pings to a transport that sends its own; their answers are to be handed to `read`, or the
    venue counts as silent. `allowance` is what connections share.
    In v2 public and private channels have a socket each, and so an object each.
    """

    def __init__(
        self,
        login: Login | None = None,
        *,
        jitter: Callable[[], float] = lambda: 1.0,
        allowance: Allowance | None = None,
        heartbeat: bool = True,
        dialect: Literal["v1", "v2"] = "v1",
    ) -> None:
        self._login = login
        self._jitter = jitter
        self.allowance = allowance or Allowance()
        self._heartbeat = heartbeat
        self._dialect = dialect
        self._messages = Messages(self.allowance.limits)
        self._wanted: dict[Stream, bool] = {}  # whether the venue said yes
        self._insts: dict[tuple[str, str | None], Stream] = {}
        self._asked: dict[Stream, tuple[int, int]] = {}  # when last, how often
        self._leaving: list[Stream] = []
        self._attempts = 0
        self._pings_due = 0
        self.reconnect_at: int | None = 0
        """When to open the next connection; None while one is open, and for good after a final refusal."""
        self.is_open = False
        self._forget()

    def _forget(self) -> None:
        """What belonged to the last connection."""
        self._since = self._pinged = self._heard_at = self._login_sent = 0
        self._waiting_since: int | None = None
        self._logging_in = self._logged_in = False
        self._pings_due = 0
        self._asked.clear()
        self._leaving.clear()
        self._wanted = dict.fromkeys(self._wanted, False)

    # what its owner wants

    @property
    def streams(self) -> tuple[Stream, ...]:
        return tuple(self._wanted)

    @property
    def is_live(self) -> bool:
        """Open, and every channel that is wanted is subscribed."""
        return self.is_open and all(self._wanted.values())

    def subscribe(self, channel: str, symbol: str | None = None) -> None:
        """Remembered over connections until `unsubscribe`.

        Raises ValueError for a channel that is not there, a symbol missing, or more streams than one connection holds.
        """
        stream = _stream(channel, symbol)
        if stream in self._wanted:
            return
        most = self.allowance.limits.streams_per_connection
        if len(self._wanted) >= most:
            raise ValueError(f"one connection holds {most} streams, {channel} {symbol or ''} would be one more")
        if stream in self._leaving:
            self._leaving.remove(stream)
        self._wanted[stream] = False
        self._insts[self._inst(stream)] = stream

    def unsubscribe(self, channel: str, symbol: str | None = None) -> None:
        """Nothing of it is reported from now on."""
        stream = _stream(channel, symbol)
        if stream not in self._wanted:
            return
        known = self._wanted.pop(stream) or stream in self._asked
        del self._insts[self._inst(stream)]
        self._asked.pop(stream, None)
        if known:
            self._leaving.append(stream)

    # what happens to the connection

    def opened(self, now: int) -> None:
        self._forget()
        self.is_open, self.reconnect_at = True, None
        self._since = self._pinged = self._heard_at = now

    def closed(self, now: int, reason: str = "closed by the other side") -> list[Event]:
        """The connection is gone; nothing new when this object had given it up itself."""
        return [self._drop(now, reason)] if self.is_open else []

    def not_opened(self, now: int, reason: str) -> list[Event]:
        """An attempt to connect came to nothing."""
        return [self._drop(now, reason)]

    def try_again(self, now: int) -> None:
        """Forget a final refusal: what was refused may have been put right."""
        if not self.is_open and self.reconnect_at is None:
            self.reconnect_at = now

    def receive(self, text: str | bytes, now: int) -> list[Event]:
        """What a message means; every fault of it is an event, nothing raises."""
        self._waiting_since = None
        if text == PONG or not self.is_open:
            return []
        try:
            message = decode(text)
        except ValueError:
            return [Garbled(_short(text))]
        return self.read(message, now)

    def read(self, message: Any, now: int) -> list[Event]:
        """The same of a message that is decoded already."""
        self._heard_at = now
        if type(message) is not dict:
            return [] if message == PONG else [Garbled(_short(message))]
        argument, data = message.get("arg"), message.get("data")
        if data is not None and type(argument) is dict:
            return self._pushed(argument, data)
        event = message.get("event")
        if event == "error" or (event == "login" and str(message.get("code", "0")) != "0"):
            return self._error(message, now)
        if event == "login":
            self._logging_in, self._logged_in = False, True
            return []
        if event in ("subscribe", "unsubscribe"):
            named = message.get("arg", message.get("args"))
            streams = [stream_of(each) for each in (named if isinstance(named, list) else [named])]
            return [found for stream in streams if stream for found in self._acknowledged(event, stream)]
        return [Garbled(_short(message))]

    def tick(self, now: int) -> list[Event]:
        """What the passing of time means."""
        if not self.is_open:
            return []
        if self._heartbeat:
            waited = None if self._waiting_since is None else now - self._waiting_since
            if waited is not None and waited >= ANSWER_WITHIN:
                return [self._drop(now, f"silent for {waited} ms after a ping")]
            if now - self._pinged >= (PING_EVERY if waited is None else _PING_AGAIN):
                self._pings_due = 1
        elif now - self._heard_at >= SILENT_AFTER:
            return [self._drop(now, f"silent for {now - self._heard_at} ms")]
        if self._logging_in and now - self._login_sent >= ANSWER_WITHIN:
            return [self._drop(now, "the login was not answered")]
        for stream, (asked, tries) in list(self._asked.items()):
            if now - asked >= ANSWER_WITHIN:
                if tries >= _TRIES:
                    return [self._drop(now, f"the subscription of {stream[0]} was not answered")]
                # Given free to be asked again.
                self._asked[stream] = (-ANSWER_WITHIN, tries)
        return []

    def outgoing(self, now: int) -> list[str]:
        """What to send now, in order; what the budgets do not allow yet comes at a later call."""
        texts: list[str] = []
        if not self.is_open:
            return texts
        free = self._messages.free(now)
        if self._pings_due and free:
            texts.append(PING)
            self._pings_due, self._pinged = 0, now
            if self._waiting_since is None:
                self._waiting_since = now
        if self._needs_login and self._login is not None and len(texts) < free:
            texts.append(login_text(self._login(now)))
            self._logging_in, self._login_sent = True, now
        most_bytes = self.allowance.limits.argument_bytes
        while self._leaving and len(texts) < free:
            text, part = next(request_texts("unsubscribe", self._leaving, most_bytes, self._dialect))
            del self._leaving[: len(part)]
            texts.append(text)
        if len(texts) < free:
            texts += self._subscriptions(free - len(texts), now)
        self._messages.take(now, len(texts))
        return texts

    def next_due(self, now: int) -> int:
        """When to call `tick` and `outgoing` next, if nothing arrives before."""
        if not self.is_open:
            return self.reconnect_at if self.reconnect_at is not None else now + PING_EVERY
        dues = [now + PING_EVERY]
        if self._heartbeat:
            dues.append(self._pinged + (PING_EVERY if self._waiting_since is None else _PING_AGAIN))
            if self._waiting_since is not None:
                dues.append(self._waiting_since + ANSWER_WITHIN)
        else:
            dues.append(self._heard_at + SILENT_AFTER)
        if self._logging_in:
            dues.append(self._login_sent + ANSWER_WITHIN)
        dues += [asked + ANSWER_WITHIN for asked, _ in self._asked.values() if asked >= 0]
        ready = self._ready()
        if self._leaving or self._pings_due or self._needs_login:
            dues.append(self._messages.free_at(1, now))
        if ready:
            dues.append(max(self._messages.free_at(1, now), self.allowance.subscriptions_at(1, now)))
        return max(now, min(dues))

    # inside

    def _inst(self, stream: Stream) -> tuple[str, str | None]:
        """How the `arg` of a push names the stream."""
        argument = ARGUMENT[self._dialect](stream)
        return argument["channel"], argument.get("instId")

    @property
    def _needs_login(self) -> bool:
        return not (self._logged_in or self._logging_in) and any(CHANNELS[name].private for name, _ in self._wanted)

    def _ready(self) -> list[Stream]:
        """Wanted, not asked for, and allowed to be by the state of the login."""
        may = self._logged_in or self._login is None
        return [
            stream
            for stream, active in self._wanted.items()
            if not active and self._asked.get(stream, (-1, 0))[0] < 0 and (may or not CHANNELS[stream[0]].private)
        ]

    def _subscriptions(self, messages: int, now: int) -> list[str]:
        ready = self._ready()[: messages * _STREAMS_A_MESSAGE]
        granted = ready[: self.allowance.subscriptions(now, len(ready))]
        texts = []
        for text, part in request_texts("subscribe", granted, self.allowance.limits.argument_bytes, self._dialect):
            for stream in part:
                self._asked[stream] = (now, self._asked.get(stream, (0, 0))[1] + 1)
            texts.append(text)
        return texts

    def _pushed(self, argument: dict[str, Any], data: Any) -> list[Event]:
        stream = self._insts.get((argument.get("channel"), argument.get("instId")))  # type: ignore[arg-type]
        if stream is None:
            # Another spelling of it, or one that was left meanwhile.
            stream = stream_of(argument)
            if stream is None or stream not in self._wanted:
                return []
        try:
            rows = parse_push_v2(stream[0], data, argument) if is_v2(argument) else parse_push(stream[0], data)
        except Malformed as problem:
            return [Garbled(_short(str(problem)))]
        push = Push(stream[0], rows)
        if self._wanted[stream]:
            return [push]
        # Its acknowledgement was lost, or comes later.
        return [*self._acknowledged("subscribe", stream), push]

    def _acknowledged(self, event: str, stream: Stream) -> list[Event]:
        if event == "unsubscribe":
            return [] if stream in self._wanted else [Unsubscribed(*stream)]
        # Not asked for: it was left and is wanted again, and the venue knows of neither yet.
        if self._wanted.get(stream) is not False or stream not in self._asked:
            return []
        del self._asked[stream]
        self._wanted[stream] = True
        return [Subscribed(*stream)]

    def _error(self, message: dict[str, Any], now: int) -> list[Event]:
        code = codes.describe(str(message.get("code", "")), "ws")
        said = str(message.get("msg", ""))
        stream = stream_of(message.get("arg"))
        if stream is None and not self._logging_in and len(self._asked) == 1 and code.exception == "BadRequest":
            stream = next(iter(self._asked))
        final = code.retry == "no"
        if stream is not None and not self._logging_in:
            if stream in self._wanted and final:
                self.unsubscribe(*stream)
                self._leaving = [other for other in self._leaving if other != stream]
            return [Refused(code.code, said, *stream, final)]
        if code.exception == "RateLimitExceeded":
            self._attempts = max(self._attempts, _AFTER_TOO_MANY)
        refused = Refused(code.code, said, None, None, final and code.exception in _OF_THE_KEY)
        if final and not refused.final:
            # It cannot be told what it is about: worth a report, not the connection.
            return [refused]
        dropped = self._drop(now, f"refused with code {code.code}: {code.meaning}")
        if refused.final:
            self.reconnect_at = None
        return [refused, dropped]

    def _drop(self, now: int, reason: str) -> Dropped:
        if self.is_open and now - self._since >= STABLE_AFTER:
            self._attempts = 0
        longest = min(_LONGEST_DELAY, _FIRST_DELAY << min(self._attempts, 10))
        delay = longest // 2 + int(longest / 2 * self._jitter())
        self._attempts += 1
        self.is_open = False
        self._forget()
        # No use in a connection that may not subscribe to anything: the venue would close it.
        self.reconnect_at = max(now + delay, self.allowance.subscriptions_at(len(self._wanted), now))
        return Dropped(reason)


def _stream(channel: str, symbol: str | None) -> Stream:
    row = CHANNELS.get(channel)
    if row is None:
        raise ValueError(f"no channel {channel!r}, there are {', '.join(CHANNELS)}")
    if not row.by_symbol:
        return row.name, None
    row.inst_id(symbol)
    return row.name, market_id(str(symbol))


def _short(text: Any) -> str:
    shown = text if isinstance(text, str) else repr(text)
    return shown if len(shown) <= 200 else f"{shown[:200]}..."
