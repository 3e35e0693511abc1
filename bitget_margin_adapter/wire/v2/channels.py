"""The five channels as v2 has them: other names and arguments, two sockets, and rows without `key` and `version`.

Everywhere else a channel goes by its v1 name.

    >>> argument_v2("isolate_account")
    {'instType': 'MARGIN', 'channel': 'account-isolated', 'coin': 'default'}
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Any

from ...model.symbols import market_id
from ...model.words import LoanType
from ..channels import CHANNELS, EVERYTHING, AccountChange, IndexPrice, OrderChange
from ..fields import TEXT, TIME, Absent, Codec, Field, Part, Shape, word
from ..parse import Malformed, rows_reader
from ..render import row_writer
from .shapes import ANSWERS_V2, renamed

__all__ = [
    "CHANNELS_V2",
    "PRIVATE_PATH",
    "PUBLIC_PATH",
    "ChannelV2",
    "argument_v2",
    "is_v2",
    "parse_push_v2",
    "render_push_v2",
    "stream_of_v2",
]

PUBLIC_PATH, PRIVATE_PATH = "/v2/ws/public", "/v2/ws/private"
"""Behind wss://ws.bitget.com: v1 has one socket for both."""

INST_TYPE = "MARGIN"


@dataclass(frozen=True, slots=True)
class ChannelV2:
    name: str
    key: str
    """What names an instance: the account channels have `coin` where the others have `instId`."""
    shape: Shape


# Changes are not numbered in v2; "0" is what cannot be compared.
_VERSION = Field(
    Codec("a version", TEXT.read, read_optional=lambda value: "0"), "version", absent=Absent.OMITTED, written=0
)

_OF_INDEX = CHANNELS["indexPrice"].shape.fields
_INDEX_PRICE = Shape(
    IndexPrice,
    {
        **_OF_INDEX,
        "symbol": Field(_OF_INDEX["symbol"].codec, "symbol"),
        "time": Field(TIME, "ts", "timestamp"),
        "version": _VERSION,
    },
)

_OF_ACCOUNT = CHANNELS["cross_account"].shape.fields
_ACCOUNT = Shape(
    AccountChange,
    {**_OF_ACCOUNT, "id": Field(TEXT, "id"), "version": _VERSION},
    fixed={"coupon": "0"},
)


def _order() -> Shape:
    rest = ANSWERS_V2["open_orders"].shape  # type: ignore[union-attr]  # a page of orders
    shape = renamed(
        rest,
        {"fill_price": "fillPrice", "fill_quantity": "baseVolume", "fill_total": "fillTotalAmount"},
        # Words with a hyphen, here alone.
        loan_type=Field(word(LoanType, written=_kebab), "loanType"),
    )
    return replace(shape, fixed={"feeDetail": [], "stpMode": "none"})


def _kebab(text: str) -> str:
    return "".join(f"-{letter.lower()}" if letter.isupper() else letter for letter in text)


_ORDER = Shape(OrderChange, {"order": Field(Part(_order())), "version": _VERSION})

CHANNELS_V2: Mapping[str, ChannelV2] = MappingProxyType(
    {
        "indexPrice": ChannelV2("index-price", "instId", _INDEX_PRICE),
        "cross_account": ChannelV2("account-crossed", "coin", _ACCOUNT),
        "isolate_account": ChannelV2("account-isolated", "coin", _ACCOUNT),
        "cross_orders": ChannelV2("orders-crossed", "instId", _ORDER),
        "isolate_orders": ChannelV2("orders-isolated", "instId", _ORDER),
    }
)
"""By v1's names."""

_NAMES = {row.name: name for name, row in CHANNELS_V2.items()}
_READERS = {name: rows_reader(row.shape) for name, row in CHANNELS_V2.items()}
_WRITERS = {name: row_writer(row.shape) for name, row in CHANNELS_V2.items()}


def argument_v2(channel: str, symbol: str | None = None) -> dict[str, str]:
    """What `args` of a subscription holds. Raises ValueError where a symbol is needed and missing."""
    CHANNELS[channel].inst_id(symbol)
    row = CHANNELS_V2[channel]
    inst = market_id(str(symbol)) if CHANNELS[channel].by_symbol else EVERYTHING
    return {"instType": INST_TYPE, "channel": row.name, row.key: inst}


def is_v2(argument: Mapping[str, Any]) -> bool:
    """Whether an `arg` is v2's: no channel has the same name in both."""
    return argument.get("channel") in _NAMES


def stream_of_v2(argument: Any) -> tuple[str, str | None] | None:
    """The channel (v1's name) and symbol that an `arg` names; None for what is no channel of v2's."""
    name = argument.get("channel") if isinstance(argument, Mapping) else None
    channel = _NAMES.get(name) if isinstance(name, str) else None
    if channel is None:
        return None
    if not CHANNELS[channel].by_symbol:
        return channel, None
    inst = argument.get("instId", argument.get("inst_id"))
    if not isinstance(inst, str) or inst in ("", EVERYTHING):
        return None
    try:
        return channel, market_id(inst)
    except ValueError:
        return None


def parse_push_v2(channel: str, data: Any, argument: Mapping[str, Any]) -> tuple[Any, ...]:
    """The rows of a push's `data`; rows of orders may leave their symbol to the push's argument.

    Raises Malformed, and nothing else, whatever the data.
    """
    symbol = argument.get("instId") if CHANNELS[channel].by_symbol else None
    if symbol is not None and type(data) is list:
        data = [{"symbol": symbol, **row} if type(row) is dict else row for row in data]
    try:
        found: tuple[Any, ...] = _READERS[channel](data)
    except Malformed as fault:
        raise Malformed(channel, fault.within("data").path, fault.problem) from None
    return found


def render_push_v2(channel: str, rows: tuple[Any, ...], argument: Mapping[str, Any]) -> dict[str, Any]:
    """A whole push; its `ts` is the newest time in its rows."""
    write = _WRITERS[channel]
    times = [row.order.ctime if isinstance(row, OrderChange) else row.time for row in rows]
    return {
        "action": "snapshot",
        "arg": argument,
        "data": [write(row) for row in rows],
        "ts": max((time for time in times if time is not None), default=0),
    }
