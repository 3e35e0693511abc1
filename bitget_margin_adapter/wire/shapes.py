"""What the venue's answers look like, once: every row's fields with their names on the wire, every answer's container.

`wire.parse` and `wire.render` are compiled from these tables and hold no name of a field themselves;
`Endpoint.answer` is a key of `ANSWERS`. Another dialect of the API is another table of names.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from ..model import rows
from ..model.words import (
    FlashState,
    InterestType,
    LoanRecordType,
    LoanType,
    MarginType,
    OrderStatus,
    OrderType,
    RepayRecordType,
    Side,
    Source,
    TimeInForce,
)
from .fields import (
    AMOUNT,
    COIN,
    COUNT,
    FIGURE,
    FLAG,
    MESSAGE,
    NUMBER,
    SYMBOL,
    TEXT,
    TIME,
    Absent,
    Codec,
    Field,
    Part,
    Rows,
    Shape,
    word,
)

__all__ = ["ANSWERS", "Answer", "Listed", "One", "Paged", "Plain", "Split", "order_shape"]


@dataclass(frozen=True, slots=True)
class One:
    """`data` is a row."""

    shape: Shape


@dataclass(frozen=True, slots=True)
class Listed:
    """`data` is a list of rows."""

    shape: Shape


@dataclass(frozen=True, slots=True)
class Paged:
    """`data` holds the rows under the first of `keys` that is there (all are written), and the largest and smallest id.

    A bare list is read as well, with the ids beside it.
    """

    shape: Shape
    keys: tuple[str, ...]
    ids: tuple[str, str] = ("maxId", "minId")


@dataclass(frozen=True, slots=True)
class Split:
    """`data` holds what was accepted and what was refused: a `Batch`."""

    accepted: tuple[str, Shape]
    refused: tuple[str, Shape]


@dataclass(frozen=True, slots=True)
class Plain:
    """`data` is a value, or holds it under `key`; `keyed` says which is written."""

    codec: Codec
    key: str
    keyed: bool = False


Answer = One | Listed | Paged | Split | Plain

NULL, OMITTED, ZERO = Absent.NULL, Absent.OMITTED, Absent.ZERO

# Rows of the cross account have no symbol at all, neither documented nor seen.
_SYMBOL = Field(SYMBOL, "symbol", absent=OMITTED)
_CLIENT_OID = Field(TEXT, "clientOid", absent=NULL)
# Real REST rows have ctime, the documentation cTime: written both, so that either kind of client finds its own.
_CTIME = Field(TIME, "ctime", "cTime", absent=NULL, written=2)

_PAIR = Shape(
    rows.Pair,
    {
        "symbol": Field(SYMBOL, "symbol"),
        "base_coin": Field(COIN, "baseCoin"),
        "quote_coin": Field(COIN, "quoteCoin"),
        "max_cross_leverage": Field(FIGURE, "maxCrossLeverage"),
        "max_isolated_leverage": Field(FIGURE, "maxIsolatedLeverage"),
        "warning_risk_ratio": Field(FIGURE, "warningRiskRatio"),
        "liquidation_risk_ratio": Field(FIGURE, "liquidationRiskRatio"),
        "min_trade_amount": Field(FIGURE, "minTradeAmount"),
        "max_trade_amount": Field(FIGURE, "maxTradeAmount"),
        "taker_fee_rate": Field(FIGURE, "takerFeeRate"),
        "maker_fee_rate": Field(FIGURE, "makerFeeRate"),
        "price_scale": Field(COUNT, "priceScale"),
        "quantity_scale": Field(COUNT, "quantityScale"),
        "min_trade_usdt": Field(FIGURE, "minTradeUSDT"),
        "is_borrowable": Field(FLAG, "isBorrowable"),
        "user_min_borrow": Field(FIGURE, "userMinBorrow"),
        "status": Field(TEXT, "status"),
    },
)

_VIP_RATE = Shape(
    rows.VipRate,
    {
        "level": Field(TEXT, "level"),
        "daily_interest_rate": Field(NUMBER, "dailyInterestRate"),
        "yearly_interest_rate": Field(NUMBER, "yearlyInterestRate"),
        "discount_rate": Field(NUMBER, "discountRate"),
    },
)


def _coin_rate(side: str = "") -> Shape:
    """Of a coin alone, or of one side of a pair, whose names begin with the side; the leverage is the pair's."""

    def name(text: str) -> str:
        return side + text[0].upper() + text[1:] if side else text

    return Shape(
        rows.CoinRate,
        {
            "coin": Field(COIN, name("coin")),
            "leverage": Field(NUMBER, "leverage"),
            "transferable": Field(FLAG, name("transferInAble")),
            "borrowable": Field(FLAG, name("borrowAble")),
            "daily_interest_rate": Field(NUMBER, name("dailyInterestRate")),
            "yearly_interest_rate": Field(NUMBER, name("yearlyInterestRate")),
            "max_borrowable_amount": Field(NUMBER, name("maxBorrowableAmount")),
            "vips": Field(Rows(_VIP_RATE), name("vips")),
        },
    )


_PAIR_RATE = Shape(
    rows.PairRate,
    {
        "symbol": Field(SYMBOL, "symbol"),
        "leverage": Field(NUMBER, "leverage"),
        "base": Field(Part(_coin_rate("base"))),
        "quote": Field(Part(_coin_rate("quote"))),
    },
)

_COIN_TIER = Shape(
    rows.CoinTier,
    {
        "tier": Field(COUNT, "tier"),
        "coin": Field(COIN, "coin"),
        "leverage": Field(NUMBER, "leverage"),
        "max_borrowable_amount": Field(NUMBER, "maxBorrowableAmount"),
        "maintain_margin_rate": Field(NUMBER, "maintainMarginRate"),
    },
)

_PAIR_TIER = Shape(
    rows.PairTier,
    {
        "tier": Field(COUNT, "tier"),
        "symbol": Field(SYMBOL, "symbol"),
        "base_coin": Field(COIN, "baseCoin"),
        "quote_coin": Field(COIN, "quoteCoin"),
        "leverage": Field(NUMBER, "leverage"),
        "base_max_borrowable_amount": Field(NUMBER, "baseMaxBorrowableAmount"),
        "quote_max_borrowable_amount": Field(NUMBER, "quoteMaxBorrowableAmount"),
        "maintain_margin_rate": Field(NUMBER, "maintainMarginRate"),
        "init_rate": Field(NUMBER, "initRate"),
    },
)

_ASSET = Shape(
    rows.Asset,
    {
        "symbol": _SYMBOL,
        "coin": Field(COIN, "coin"),
        "total": Field(NUMBER, "totalAmount"),
        "available": Field(NUMBER, "available"),
        "frozen": Field(NUMBER, "frozen"),
        "borrow": Field(NUMBER, "borrow"),
        "interest": Field(NUMBER, "interest"),
        "net": Field(NUMBER, "net"),
        # In real rows, not in the documentation.
        "transferable": Field(NUMBER, "transferable", absent=OMITTED),
        "ctime": _CTIME,
    },
)


def _receipt(amount: str, remain_debt: Absent) -> Shape:
    return Shape(
        rows.Receipt,
        {
            "symbol": _SYMBOL,
            "coin": Field(COIN, "coin"),
            "amount": Field(NUMBER, amount),
            "remain_debt": Field(NUMBER, "remainDebtAmount", absent=remain_debt),
            # "Not supported for now", says the documentation: null in every answer seen.
            "client_oid": _CLIENT_OID,
        },
    )


_RISK = Shape(rows.Risk, {"symbol": _SYMBOL, "rate": Field(NUMBER, "riskRate")})


def _ceiling(amount: str) -> Shape:
    return Shape(rows.Ceiling, {"symbol": _SYMBOL, "coin": Field(COIN, "coin"), "amount": Field(NUMBER, amount)})


_FLASH_REPAYMENT = Shape(
    rows.FlashRepayment,
    {
        "id": Field(TEXT, "id"),
        "symbol": _SYMBOL,
        "coin": Field(COIN, "coin", absent=OMITTED),
        "code": Field(TEXT, "code", absent=OMITTED),
    },
)

_FLASH_STATUS = Shape(rows.FlashStatus, {"id": Field(TEXT, "id"), "status": Field(word(FlashState), "status")})

_ACCEPTED = Shape(rows.Accepted, {"order_id": Field(TEXT, "orderId"), "client_oid": _CLIENT_OID})

_REFUSED = Shape(
    rows.Refused,
    {
        "order_id": Field(TEXT, "orderId", absent=OMITTED),
        "client_oid": _CLIENT_OID,
        "error_msg": Field(MESSAGE, "errorMsg"),
    },
)

_SIDE = word(Side)
_ORDER_TYPE = word(OrderType)
_SOURCE = word(Source)
_LOAN_TYPE = word(LoanType)
# The WebSocket samples have "normal" for an order that simply stays.
_TIME_IN_FORCE = word(TimeInForce, also={"normal": TimeInForce.GTC})


def order_shape(order_id: Field, status: Field, ctime: Field) -> Shape:
    """These three are written differently by REST and by the stream."""
    return Shape(
        rows.Order,
        {
            "symbol": Field(SYMBOL, "symbol"),
            "order_id": order_id,
            "client_oid": _CLIENT_OID,
            "order_type": Field(_ORDER_TYPE, "orderType"),
            "side": Field(_SIDE, "side"),
            "loan_type": Field(_LOAN_TYPE, "loanType"),
            # Documented, but missing from the real rows.
            "time_in_force": Field(_TIME_IN_FORCE, "timeInForce", absent=NULL),
            # No order can have a price of nothing (the venue refuses it): 0 says that a market order has none.
            "price": Field(AMOUNT, "price", absent=ZERO),
            # Nor be for nothing: 0 says that the other of the two counts.
            "base_quantity": Field(AMOUNT, "baseQuantity", absent=ZERO),
            "quote_amount": Field(AMOUNT, "quoteAmount", absent=ZERO),
            # An average over no fills.
            "fill_price": Field(AMOUNT, "fillPrice", absent=ZERO),
            # Here 0 is a true amount: nothing is filled.
            "fill_quantity": Field(NUMBER, "fillQuantity"),
            "fill_total": Field(NUMBER, "fillTotalAmount"),
            "status": status,
            "source": Field(_SOURCE, "source", absent=NULL),
            "ctime": ctime,
        },
    )


_ORDER = order_shape(order_id=Field(TEXT, "orderId"), status=Field(word(OrderStatus), "status"), ctime=_CTIME)

_FILL = Shape(
    rows.Fill,
    {
        "symbol": _SYMBOL,
        "fill_id": Field(TEXT, "fillId"),
        "order_id": Field(TEXT, "orderId"),
        "order_type": Field(_ORDER_TYPE, "orderType"),
        "side": Field(_SIDE, "side"),
        "price": Field(NUMBER, "fillPrice"),
        "quantity": Field(NUMBER, "fillQuantity"),
        "total": Field(NUMBER, "fillTotalAmount"),
        "fee_coin": Field(COIN, "feeCcy"),
        "fees": Field(NUMBER, "fees"),
        "ctime": _CTIME,
    },
)

_LOAN = Shape(
    rows.Loan,
    {
        "loan_id": Field(TEXT, "loanId"),
        "symbol": _SYMBOL,
        "coin": Field(COIN, "coin"),
        "amount": Field(NUMBER, "amount"),
        "type": Field(word(LoanRecordType), "type"),
        "ctime": _CTIME,
    },
)

_REPAYMENT = Shape(
    rows.Repayment,
    {
        "repay_id": Field(TEXT, "repayId"),
        "symbol": _SYMBOL,
        "coin": Field(COIN, "coin"),
        "total_amount": Field(NUMBER, "totalAmount"),
        "interest": Field(NUMBER, "interest"),
        "amount": Field(NUMBER, "amount"),
        "type": Field(word(RepayRecordType), "type"),
        "ctime": _CTIME,
    },
)

_INTEREST = Shape(
    rows.Interest,
    {
        "interest_id": Field(TEXT, "interestId"),
        "symbol": _SYMBOL,
        "interest_coin": Field(COIN, "interestCoin"),
        "loan_coin": Field(COIN, "loanCoin"),
        "interest_rate": Field(NUMBER, "interestRate"),
        "amount": Field(NUMBER, "amount"),
        "type": Field(word(InterestType), "type"),
        "ctime": _CTIME,
    },
)

_LIQUIDATION = Shape(
    rows.Liquidation,
    {
        "liq_id": Field(TEXT, "liqId"),
        "symbol": _SYMBOL,
        "start_time": Field(TIME, "liqStartTime", absent=NULL),
        "end_time": Field(TIME, "liqEndTime", absent=NULL),
        "risk": Field(NUMBER, "liqRisk"),
        "total_assets": Field(NUMBER, "totalAssets"),
        "total_debt": Field(NUMBER, "totalDebt"),
        # The documentation's table and its sample disagree on the first letter.
        "fee": Field(NUMBER, "liqFee", "LiqFee", written=2),
        "ctime": _CTIME,
    },
)

_FINANCIAL_RECORD = Shape(
    rows.FinancialRecord,
    {
        "margin_id": Field(TEXT, "marginId"),
        "symbol": _SYMBOL,
        "coin": Field(COIN, "coin"),
        "margin_type": Field(word(MarginType), "marginType"),
        "amount": Field(NUMBER, "amount"),
        "fee": Field(NUMBER, "fee"),
        "balance": Field(NUMBER, "balance"),
        "ctime": _CTIME,
    },
)

_TRANSFERRED = Shape(
    rows.Transferred,
    {
        "transfer_id": Field(TEXT, "transferId"),
        "client_oid": Field(TEXT, "clientOrderId", "clientOid", absent=NULL),
    },
)

_ORDERS = Paged(_ORDER, ("orderList",))


def _records(shape: Shape) -> Paged:
    return Paged(shape, ("resultList",))


ANSWERS: Mapping[str, Answer] = MappingProxyType(
    {
        "pairs": Listed(_PAIR),
        "cross_rates": Listed(_coin_rate()),
        "isolated_rates": Listed(_PAIR_RATE),
        "cross_tiers": Listed(_COIN_TIER),
        "isolated_tiers": Listed(_PAIR_TIER),
        "assets": Listed(_ASSET),
        "borrowed": One(_receipt("borrowAmount", OMITTED)),
        "repaid": One(_receipt("repayAmount", NULL)),
        "risk": One(_RISK),
        "risks": Listed(_RISK),
        "max_borrowable": One(_ceiling("maxBorrowableAmount")),
        "max_transfer_out": One(_ceiling("maxTransferOutAmount")),
        "flash_repayment": One(_FLASH_REPAYMENT),
        "flash_repayments": Listed(_FLASH_REPAYMENT),
        "flash_states": Listed(_FLASH_STATUS),
        "accepted": One(_ACCEPTED),
        "batch": Split(("resultList", _ACCEPTED), ("failure", _REFUSED)),
        "open_orders": _ORDERS,
        "order_history": _ORDERS,
        # Real answers have `fills`, the documentation `resultList`.
        "fills": Paged(_FILL, ("fills", "resultList")),
        "loans": _records(_LOAN),
        "repays": _records(_REPAYMENT),
        "interests": _records(_INTEREST),
        # Documented as a bare list with the ids beside it, seen as every other list.
        "liquidations": _records(_LIQUIDATION),
        "financial_records": _records(_FINANCIAL_RECORD),
        "time": Plain(TIME, "serverTime"),
        "transferred": One(_TRANSFERRED),
    }
)
"""Each `Endpoint.answer`."""
