"""Every REST endpoint that this package speaks to, once: path, method, limit, parameters and the shape of the answer.

The adapter, the limiter, the emulator's router, the cassettes and the documentation derive from this table;
nobody else writes a path or a limit. Names are the public ones (`bitget-margin endpoints`), paths are those of v1.

    >>> ENDPOINTS["cross_borrow"].path
    '/api/margin/v1/cross/account/borrow'
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import Literal

from ..model.words import LoanType, MarginType, Mode, OrderType, Side, Source, TimeInForce

__all__ = ["BY_ROUTE", "ENDPOINTS", "MARGIN_ENDPOINTS", "Endpoint", "Kind", "Param", "endpoint_of"]


class Kind(StrEnum):
    """What a parameter's text must look like."""

    TEXT = "text"
    COIN = "coin"
    SYMBOL = "symbol"
    AMOUNT = "amount"
    PRICE = "price"
    TIME = "time"
    ID = "id"
    COUNT = "count"
    CHOICE = "choice"
    LIST = "list"
    ORDERS = "orders"


@dataclass(frozen=True, slots=True)
class Param:
    name: str
    kind: Kind
    required: bool = False
    choices: tuple[str, ...] = ()
    most: int | None = None
    """The largest number of characters of a text, or of entries of a list."""
    fields: tuple["Param", ...] = ()
    """What each entry of `orders` holds."""


@dataclass(frozen=True, slots=True)
class Endpoint:
    """One row. `rate` is requests a second, `scope` what they are counted by, `answer` a row of `wire.shapes`."""

    name: str
    method: Literal["GET", "POST"]
    path: str
    rate: int
    scope: Literal["ip", "uid"]
    answer: str
    params: tuple[Param, ...] = ()
    mode: Mode | None = None
    permission: Literal["public", "read", "trade"] = "read"
    page_id: str | None = None
    """The parameter that takes the last page's smallest id."""
    also_get: bool = False
    """Documented as GET although it takes a body: the emulator answers both."""

    @property
    def private(self) -> bool:
        return self.permission != "public"

    @property
    def windowed(self) -> bool:
        """Takes a start and an end, at most 90 days apart."""
        return {"startTime", "endTime"} <= {param.name for param in self.params}

    def param(self, name: str) -> Param | None:
        return next((param for param in self.params if param.name == name), None)


_V1 = "/api/margin/v1"
_COIN = Param("coin", Kind.COIN, required=True)
_SYMBOL = Param("symbol", Kind.SYMBOL, required=True)
_ANY_COIN = Param("coin", Kind.COIN)
_ANY_SYMBOL = Param("symbol", Kind.SYMBOL)
_ORDER_ID = Param("orderId", Kind.ID)
_CLIENT_OID = Param("clientOid", Kind.TEXT, most=50)
_PAGE_SIZE = Param("pageSize", Kind.COUNT, most=500)
_SINCE = Param("startTime", Kind.TIME, required=True)
_WINDOW = (_SINCE, Param("endTime", Kind.TIME), _PAGE_SIZE)


def _choice(name: str, words: type[StrEnum], required: bool = True) -> Param:
    return Param(name, Kind.CHOICE, required, tuple(words))


# Only the plain sides can be asked for; the compound ones are the venue's own.
_SIDES = Param("side", Kind.CHOICE, True, (Side.BUY, Side.SELL))
_ORDER = (
    _SIDES,
    _choice("orderType", OrderType),
    Param("price", Kind.PRICE),
    _choice("loanType", LoanType),
    _choice("timeInForce", TimeInForce, required=False),
    Param("baseQuantity", Kind.AMOUNT),
    Param("quoteAmount", Kind.AMOUNT),
    _CLIENT_OID,
)


def _rows_of(mode: Mode) -> tuple[Endpoint, ...]:
    cross = mode is Mode.CROSS
    where = () if cross else (_SYMBOL,)
    account, order = f"{_V1}/{mode}/account", f"{_V1}/{mode}/order"
    # Isolated order calls were halved on 2024-08-15.
    order_rate = 10 if cross else 5

    def name(text: str) -> str:
        return f"{mode}_{text}"

    def records(text: str, path: str, *extra: Param, start_only: bool = False) -> Endpoint:
        window = (_SINCE, _PAGE_SIZE) if start_only else _WINDOW
        return Endpoint(
            name(text), "GET", f"{_V1}/{mode}/{path}/list", 10, "uid", text,
            (*where, *extra, *window, Param("pageId", Kind.ID)), mode, page_id="pageId",
        )  # fmt: skip

    def orders(text: str, path: str, *extra: Param, page: Param | None = None, dated: bool = True) -> Endpoint:
        window = _WINDOW if dated else (Param("startTime", Kind.TIME), *_WINDOW[1:])
        params = (_SYMBOL, _ORDER_ID, *extra, *window, *((page,) if page else ()))
        return Endpoint(
            name(text),
            "GET",
            f"{order}/{path}",
            10,
            "uid",
            text,
            params,
            mode,
            page_id=page.name if page else None,
        )

    return (
        Endpoint(
            name("interest_rate_and_limit"), "GET", f"{_V1}/{mode}/public/interestRateAndLimit", 10, "ip",
            name("rates"), (_COIN if cross else _SYMBOL,), mode, "public",
        ),
        Endpoint(
            name("tier_data"), "GET", f"{_V1}/{mode}/public/tierData", 10, "ip",
            name("tiers"), (_COIN if cross else _SYMBOL,), mode, "public",
        ),
        Endpoint(
            name("assets"), "GET", f"{account}/assets", 10, "uid", "assets",
            (_ANY_COIN if cross else _ANY_SYMBOL,), mode,
        ),
        Endpoint(
            name("borrow"), "POST", f"{account}/borrow", 10, "uid", "borrowed",
            (_COIN, Param("borrowAmount", Kind.AMOUNT, required=True), *where), mode, "trade",
        ),
        Endpoint(
            name("repay"), "POST", f"{account}/repay", 10, "uid", "repaid",
            (_COIN, Param("repayAmount", Kind.AMOUNT, required=True), *where), mode, "trade", also_get=not cross,
        ),
        # Documented as needing a coin; real calls without one are answered.
        Endpoint(name("risk_rate"), "GET", f"{account}/riskRate", 10, "uid", "risk", (_ANY_COIN,), mode)
        if cross
        else Endpoint(
            name("risk_rate"), "POST", f"{account}/riskRate", 10, "uid", "risks",
            (_SYMBOL, Param("pageNum", Kind.COUNT), _PAGE_SIZE), mode,
        ),
        Endpoint(
            name("max_borrowable"), "POST", f"{account}/maxBorrowableAmount", 10, "uid", "max_borrowable",
            (_COIN, *where), mode, also_get=not cross,
        ),
        Endpoint(
            name("max_transfer_out"), "GET", f"{account}/maxTransferOutAmount", 10, "uid", "max_transfer_out",
            (_COIN, *where), mode,
        ),
        Endpoint(
            name("flash_repay"), "POST", f"{account}/flashRepay", 10, "uid",
            "flash_repayment" if cross else "flash_repayments",
            (_ANY_COIN if cross else Param("symbols", Kind.LIST, most=100),), mode, "trade",
        ),
        Endpoint(
            name("flash_repay_status"), "POST", f"{account}/queryFlashRepayStatus", 10, "uid", "flash_states",
            (Param("idList", Kind.LIST, required=True, most=100),), mode,
        ),
        Endpoint(
            name("place_order"), "POST", f"{order}/placeOrder", order_rate, "uid", "accepted",
            (_SYMBOL, *_ORDER), mode, "trade",
        ),
        Endpoint(
            name("batch_place_order"), "POST", f"{order}/batchPlaceOrder", order_rate, "uid", "batch",
            (_SYMBOL, Param("orderList", Kind.ORDERS, required=True, most=50, fields=_ORDER)), mode, "trade",
        ),
        Endpoint(
            name("cancel_order"), "POST", f"{order}/cancelOrder", order_rate, "uid", "batch",
            (_SYMBOL, _ORDER_ID, _CLIENT_OID), mode, "trade",
        ),
        Endpoint(
            name("batch_cancel_order"), "POST", f"{order}/batchCancelOrder", order_rate, "uid", "batch",
            (_SYMBOL, Param("orderIds", Kind.LIST, most=50), Param("clientOids", Kind.LIST, most=50)), mode, "trade",
        ),
        orders("open_orders", "openOrders", _CLIENT_OID, dated=False),
        orders(
            "order_history", "history", _choice("source", Source, required=False), _CLIENT_OID,
            page=Param("minId", Kind.ID),
        ),
        orders("fills", "fills", page=Param("lastFillId", Kind.ID)),
        records("loans", "loan", Param("loanId", Kind.ID), _ANY_COIN),
        records("repays", "repay", Param("repayId", Kind.ID), _ANY_COIN),
        records("interests", "interest", _ANY_COIN, start_only=True),
        records("liquidations", "liquidation"),
        records("financial_records", "fin", _choice("marginType", MarginType, required=False), _ANY_COIN),
    )  # fmt: skip


MARGIN_ENDPOINTS: tuple[Endpoint, ...] = (
    Endpoint("currencies", "GET", f"{_V1}/public/currencies", 10, "ip", "pairs", permission="public"),
    *_rows_of(Mode.CROSS),
    *_rows_of(Mode.ISOLATED),
)
"""The 45 endpoints of the margin documentation."""

# The margin documentation has no way to fund an account, and no clock; these are of the spot API of the same version.
_ACCOUNTS = ("spot", "margin_cross", "margin_isolated")
_SUPPORTING = (
    Endpoint("time", "GET", "/api/spot/v1/public/time", 20, "ip", "time", permission="public"),
    Endpoint(
        "transfer", "POST", "/api/spot/v1/wallet/transfer-v2", 5, "uid", "transferred",
        (
            Param("fromType", Kind.CHOICE, True, _ACCOUNTS),
            Param("toType", Kind.CHOICE, True, _ACCOUNTS),
            Param("amount", Kind.AMOUNT, required=True),
            _COIN, _ANY_SYMBOL, _CLIENT_OID,
        ),
        permission="trade",
    ),
)  # fmt: skip

ENDPOINTS = MappingProxyType({row.name: row for row in (*MARGIN_ENDPOINTS, *_SUPPORTING)})

BY_ROUTE: Mapping[tuple[str, str], Endpoint] = MappingProxyType(
    {(row.method, row.path): row for row in ENDPOINTS.values()}
)


def endpoint_of(mode: Mode | str, name: str) -> Endpoint:
    """The row of one of the names that exist in both modes."""
    return ENDPOINTS[f"{mode}_{name}"]
