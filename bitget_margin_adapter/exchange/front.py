"""What the three exchange classes have in common: what they are, and how a flow's effects are answered.

Nothing here waits or touches a socket: what does is handed to the host's `perform`.
"""

import re
import time
from collections.abc import Callable, Generator, Iterator, Mapping
from typing import Any, NamedTuple

from ccxt.base import errors

from ..flows.arguments import mapped
from ..flows.catalogue import PRIVATE
from ..flows.effects import Flow, Inherit, LastPrice, NewId, Now, Send, Sleep
from ..flows.refusal import answer_error
from ..wire.endpoints import BY_ROUTE, ENDPOINTS, Endpoint
from ..wire.secrets import MASK, mask
from ..wire.v2 import ROUTES_V2
from .credentials import Credential
from .delivery import Delivery
from .description import describe
from .fresh_ids import fresh_id
from .market_table import set_markets

__all__ = ["Front", "Raw"]

_SIGNATURE = re.compile(r'("sign": ?")[^"]+')

_NO_PARAMS: Mapping[str, Any] = {}


class Raw(NamedTuple):
    """Call an endpoint and reply with the venue's own body: ccxt's implicit methods."""

    row: Endpoint
    params: Mapping[str, Any]


class Front:
    """A mixin before a ccxt class. ccxt's attributes that it uses are declared, not set."""

    id: str
    options: dict[str, Any]
    isSandboxModeEnabled: bool

    apiKey = Credential()
    secret = Credential()
    password = Credential()
    privateKey = Credential()

    # What lumibot reads of every exchange it trades margin on.
    exchangeId = "bitgetmargin"

    _delivery: Delivery | None = None
    _paper: Any = None

    def describe(self) -> dict[str, Any]:
        return describe(super().describe())  # type: ignore[misc]  # ccxt's class comes after this one

    def set_markets(self, markets: Any, currencies: Any = None) -> Any:
        """ccxt's: fills the tables of markets and currencies."""
        return set_markets(self, markets, currencies)

    def set_sandbox_mode(self, enabled: bool) -> None:
        """ccxt's switch: True goes to the paper account, since the venue has no sandbox for margin."""
        self.isSandboxModeEnabled = enabled
        if not enabled:
            self.options["paper"] = None
        elif self.options.get("paper") in (None, False):
            self.options["paper"] = True

    def enable_demo_trading(self, enabled: bool) -> None:
        """The same as `set_sandbox_mode`."""
        self.set_sandbox_mode(enabled)

    def check_required_credentials(self, error: bool = True) -> bool:
        """Whether private calls can be signed; in paper mode they need nothing."""
        if self._door() is not None:
            return True
        try:
            self._live().check_ready("check_required_credentials")
        except errors.BaseError:
            if error:
                raise
            return False
        return True

    def sign(self, path: str, api: Any = "public", method: str = "GET", params: Any = {}, *rest: Any) -> Any:
        """For ccxt's public calls only: signed ones are built from the table of endpoints, and nowhere else."""
        if _section(api) == "private":
            raise self._no_such_call(method, path)
        return super().sign(path, api, method, params, *rest)  # type: ignore[misc]

    def handle_errors(
        self, code: int, reason: str, url: str, method: str, headers: Any, body: str, response: Any, *request: Any
    ) -> None:
        """ccxt's hook after each HTTP answer: raises what the table of codes says."""
        problem = answer_error(self.id, method, url, code, response, self._secrets())
        if problem is not None:
            raise problem

    def log(self, *args: Any) -> None:
        """ccxt's, of its verbose mode; keys and signatures are masked, which the frame of a login has in clear."""
        texts = (_SIGNATURE.sub(rf"\1{MASK}", mask(str(arg), self._secrets())) for arg in args)
        super().log(*texts)  # type: ignore[misc]  # ccxt's class comes after this one

    def milliseconds(self) -> int:
        """The machine's time, or the paper venue's."""
        if self.options and self.options.get("paper") not in (None, False):
            now: int = self._door().now()
            return now
        return time.time_ns() // 1_000_000

    def seconds(self) -> int:
        return self.milliseconds() // 1_000

    def microseconds(self) -> int:
        return self.milliseconds() * 1_000

    def _secrets(self) -> list[str]:
        return [text for text in (self.apiKey, self.secret, self.password, self.privateKey) if text]

    def _door(self) -> Any:
        """The paper account, if this object trades on paper."""
        wanted = self.options.get("paper")
        if wanted is None or wanted is False:
            self._paper = None
        elif self._paper is None or self._paper.option is not wanted:
            from ..paper.door import open_door

            self._paper = open_door(wanted, self.id)
        return self._paper

    def _live(self) -> Delivery:
        if self._delivery is None:
            self._delivery = Delivery(self)
        return self._delivery

    def _begin(self, flow: Callable[..., Flow[Any]], args: tuple[Any, ...], kwargs: Mapping[str, Any]) -> Flow[Any]:
        """The steps of a unified method; private ones are refused here when nobody could sign them."""
        # Every method takes params last; the first argument is this object.
        place, name = flow.__code__.co_argcount - 2, flow.__name__
        given = args[place] if len(args) > place else kwargs.get("params", _NO_PARAMS)
        if given.__class__ is not dict:
            context: Any = self
            mapped(context, name, "params", given)
        if name in PRIVATE and self.options.get("paper") in (None, False):
            self._live().check_once(name)
        return self._steps(flow(self, *args, **kwargs))

    def _steps(self, flow: Flow[Any]) -> Generator[Any, Any, Any]:
        """Runs a flow, answers what needs no world, and yields the rest to the host."""
        door = self._door()
        send: Callable[[Any], Any] = flow.send
        step = send
        reply: Any = None
        while True:
            try:
                effect = step(reply)
            except StopIteration as stop:
                return stop.value
            step = send
            kind = type(effect)
            try:
                if kind is Send:
                    if door is None:
                        row = ENDPOINTS[effect.endpoint]
                        if row.answer == "pairs" and self.options.get("offlineMarkets"):
                            from ..paper.offline import offline_pairs

                            reply = offline_pairs(self.options["offlineMarkets"], self.id)
                        else:
                            reply = yield from self._live().call(row, effect.params)
                    else:
                        if door.public_from_network:
                            yield from door.refresh(effect.params)
                        reply = door.call(*effect)
                elif kind is Now:
                    reply = door.now() if door is not None else self._venue_time()
                elif kind is NewId:
                    reply = self._new_id()
                elif kind is LastPrice:
                    if door is None or door.public_from_network:
                        ticker = yield Inherit("fetch_ticker", (effect.symbol,))
                        reply = ticker.get("last")
                    else:
                        reply = door.last_price(effect.market_id)
                elif kind is Raw:
                    if door is not None:
                        reply = door.raw(effect.row, effect.params)
                    else:
                        reply = yield from self._live().raw(effect.row, effect.params)
                elif kind is Sleep and door is not None:
                    reply = None  # nothing on paper is late
                else:
                    reply = yield effect
            except Exception as problem:
                step, reply = flow.throw, problem

    def _raw_flow(self, path: str, api: Any, method: str, params: Any) -> Flow[Any] | None:
        """The flow of one of ccxt's implicit calls; None: a public call that ccxt shall make itself."""
        row = BY_ROUTE.get((method, f"/api/{path}"))
        if row is None:
            row = ROUTES_V2.get((method, f"/api/{path}"))
            # Public ones are ccxt's to make.
            if row is not None and not (row.private and (self._door() is not None or self._live().speaks_v2(row))):
                row = None
        if row is not None:
            return _raw(row, params)
        if _section(api) == "private":
            raise self._no_such_call(method, path)
        door = self._door()
        if door is not None and not door.public_from_network:
            return _answered(door.public(path, params))
        return None

    def _control(self, name: str, body: Any) -> Any:
        door = self._door()
        if door is None:
            raise errors.NotSupported(
                f"{self.id} sandbox_control: only a paper account can be steered; set options['paper']"
            )
        return door.control(name, body)

    def _venue_time(self) -> int:
        return self.milliseconds() - int(self.options.get("timeDifference") or 0)

    def _new_id(self) -> str:
        source = self.options.get("idSource")
        if source is None:
            return fresh_id()
        if callable(source):
            return str(source())
        if isinstance(source, Iterator):
            return str(next(source))
        raise errors.BadRequest(f"{self.id}: options['idSource'] is a function or an iterator of ids, not {source!r}")

    def _measured(self) -> Flow[int]:
        """How far the machine's clock is ahead of the venue's, ms; paper has one clock for both."""
        if self._door() is not None:
            return 0
        return (yield from self._live().synchronize())

    def _no_such_call(self, method: str, path: str) -> Exception:
        text = f"{self.id} {method} /api/{path}: it is no call of margin trading, and nothing else is signed here"
        problem: Exception = errors.NotSupported(text)
        return problem

    def _not_margin(self, name: str) -> Exception:
        text = f"{self.id} {name}: it has no meaning for margin trading; exchange.has tells what there is"
        problem: Exception = errors.NotSupported(text)
        return problem


def _section(api: Any) -> str:
    return api if isinstance(api, str) else str(api[0])


def _raw(row: Endpoint, params: Mapping[str, Any]) -> Flow[Any]:
    return (yield Raw(row, params))


def _answered(value: Any) -> Flow[Any]:
    """A flow that is over before it begins."""
    yield from ()
    return value
