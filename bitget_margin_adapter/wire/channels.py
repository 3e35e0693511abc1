"""Every WebSocket channel, once: its name, who may see it, what names an instance, and the rows that it pushes.

The rows are read and written by the mechanism of the REST answers, by tables of their own, because the stream spells
some things differently: a hyphen in the status of an order, `cTime` alone, `uTime`, and a `key` and `version` beside.

    >>> CHANNELS["cross_orders"].argument("BTCUSDT")
    {'instType': 'mabl', 'channel': 'cross_orders', 'instId': 'BTCUSDT_SPBL'}
"""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from types import MappingProxyType
from typing import Any, NamedTuple

from ..model.rows import Asset, Info, Order
from ..model.symbols import stream_id
from ..model.words import Mode, OrderStatus
from .fields import COIN, NUMBER, SYMBOL, TEXT, TIME, Absent, Field, Part, Shape, word
from .parse import Malformed, rows_reader
from .render import row_writer
from .shapes import order_shape

__all__ = [
    "CHANNELS",
    "EVERYTHING",
    "LIMITS",
    "STREAM_PATH",
    "AccountChange",
    "Channel",
    "IndexPrice",
    "OrderChange",
    "StreamLimits",
    "channel_of",
    "parse_push",
    "render_push",
]

STREAM_PATH = "/spot/v1/stream"
"""Documented, for public and private channels alike."""

INST_TYPE = "mabl"
EVERYTHING = "default"
"""The instId of the channels that cannot be narrowed."""


class IndexPrice(NamedTuple):
    symbol: str
    base_coin: str
    quote_coin: str
    price: Decimal
    time: int
    version: str
    info: Info = None


class AccountChange(NamedTuple):
    """What a coin's account holds now. `id` is the account's, `version` grows with every change."""

    id: str
    symbol: str | None
    coin: str
    available: Decimal
    frozen: Decimal
    borrow: Decimal
    interest: Decimal
    time: int | None
    version: str
    info: Info = None

    @property
    def asset(self) -> Asset:
        """The row that REST would answer; the stream leaves out the two sums, which VENUE section 1 defines."""
        total = self.available + self.frozen
        return Asset(
            self.symbol,
            self.coin,
            total,
            self.available,
            self.frozen,
            self.borrow,
            self.interest,
            total - self.borrow - self.interest,
            None,
            None,
            self.info,
        )


class OrderChange(NamedTuple):
    order: Order
    version: str
    info: Info = None


@dataclass(frozen=True, slots=True)
class Channel:
    name: str
    private: bool
    by_symbol: bool
    """Each symbol is a subscription of its own; the other channels bring everything under one."""
    shape: Shape
    mode: Mode | None = None

    def inst_id(self, symbol: str | None = None) -> str:
        """Raises ValueError where a symbol is needed and missing."""
        if not self.by_symbol:
            return EVERYTHING
        if symbol is None:
            raise ValueError(f"the channel {self.name} is subscribed symbol by symbol")
        return stream_id(symbol)

    def argument(self, symbol: str | None = None) -> dict[str, str]:
        """What `args` of a subscription holds."""
        return {"instType": INST_TYPE, "channel": self.name, "instId": self.inst_id(symbol)}


@dataclass(frozen=True, slots=True)
class StreamLimits:
    """Documented; a client that goes beyond is cut off."""

    connections_per_ip: int = 100
    subscriptions_per_hour: int = 240
    messages_per_second: int = 10
    streams_per_connection: int = 1000
    argument_bytes: int = 4096
    """All the channels of one subscribe message together."""


LIMITS = StreamLimits()

_VERSION = Field(TEXT, "version")

_INDEX_PRICE = Shape(
    IndexPrice,
    {
        # `key` is documented as what identifies a row of a push: here the symbol again.
        "symbol": Field(SYMBOL, "symbol", "key", written=2),
        "base_coin": Field(COIN, "baseCoin"),
        "quote_coin": Field(COIN, "quoteCoin"),
        "price": Field(NUMBER, "indexPrice"),
        "time": Field(TIME, "timestamp"),
        "version": _VERSION,
    },
)

_ACCOUNT = Shape(
    AccountChange,
    {
        "id": Field(TEXT, "id", "key", written=2),
        # The sample of the isolated channel has BTCUSDT_SPBL; we write the plain symbol, as REST rows have it.
        "symbol": Field(SYMBOL, "symbol", absent=Absent.OMITTED),
        "coin": Field(COIN, "coin"),
        "available": Field(NUMBER, "available"),
        "frozen": Field(NUMBER, "frozen"),
        "borrow": Field(NUMBER, "borrow"),
        "interest": Field(NUMBER, "interest"),
        "time": Field(TIME, "uTime", absent=Absent.NULL),
        "version": _VERSION,
    },
)

_STATUS = word(OrderStatus, written=lambda status: status.replace("_", "-"))

_ORDER = Shape(
    OrderChange,
    {
        "order": Field(
            Part(
                order_shape(
                    order_id=Field(TEXT, "orderId", "key", written=2),
                    status=Field(_STATUS, "status"),
                    ctime=Field(TIME, "cTime", "ctime", absent=Absent.NULL),
                )
            )
        ),
        "version": _VERSION,
    },
)

CHANNELS: Mapping[str, Channel] = MappingProxyType(
    {
        row.name: row
        for row in (
            Channel("indexPrice", private=False, by_symbol=False, shape=_INDEX_PRICE),
            Channel("cross_account", private=True, by_symbol=False, shape=_ACCOUNT, mode=Mode.CROSS),
            Channel("isolate_account", private=True, by_symbol=False, shape=_ACCOUNT, mode=Mode.ISOLATED),
            Channel("cross_orders", private=True, by_symbol=True, shape=_ORDER, mode=Mode.CROSS),
            Channel("isolate_orders", private=True, by_symbol=True, shape=_ORDER, mode=Mode.ISOLATED),
        )
    }
)

_READERS = {name: rows_reader(row.shape) for name, row in CHANNELS.items()}
_WRITERS = {name: row_writer(row.shape) for name, row in CHANNELS.items()}


def channel_of(kind: str, mode: Mode | str) -> Channel:
    """The private channel of a kind (`account` or `orders`) in a mode."""
    return CHANNELS[f"{'cross' if mode == Mode.CROSS else 'isolate'}_{kind}"]


def parse_push(channel: str, data: Any) -> tuple[Any, ...]:
    """The rows of a push's `data`: IndexPrice, AccountChange or OrderChange.

    Raises Malformed, and nothing else, whatever the data.
    """
    try:
        found: tuple[Any, ...] = _READERS[channel](data)
    except Malformed as fault:
        raise Malformed(channel, fault.within("data").path, fault.problem) from None
    return found


def render_push(channel: str, rows: tuple[Any, ...], argument: Mapping[str, Any]) -> dict[str, Any]:
    """A whole push; `argument` goes back exactly as the client sent it, which is how clients recognise their stream."""
    write = _WRITERS[channel]
    return {"action": "snapshot", "arg": argument, "data": [write(row) for row in rows]}
