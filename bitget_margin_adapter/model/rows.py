"""What the venue answers, as immutable rows with exact numbers; the same rows from the wire and from the engine.

Amounts are Decimals in coin units, rates are fractions, times are milliseconds, ids are text.
`symbol` is the venue's (BTCUSDT), and None in rows of the cross account.
`info` is the row as it came over the wire; rows made in process have None there and are rendered when somebody looks.
"""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any, Generic, NamedTuple, TypeVar

from .words import (
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

__all__ = [
    "Accepted",
    "Asset",
    "Batch",
    "Ceiling",
    "CoinRate",
    "CoinTier",
    "Fill",
    "FinancialRecord",
    "FlashRepayment",
    "FlashStatus",
    "Info",
    "Interest",
    "Liquidation",
    "Loan",
    "Order",
    "Page",
    "Pair",
    "PairRate",
    "PairTier",
    "Receipt",
    "Refused",
    "Repayment",
    "Risk",
    "Transferred",
    "VipRate",
]

Info = Mapping[str, Any] | None
T = TypeVar("T")


class Pair(NamedTuple):
    """A pair that can be traded on margin, with its limits. Scales are numbers of decimals."""

    symbol: str
    base_coin: str
    quote_coin: str
    max_cross_leverage: Decimal
    max_isolated_leverage: Decimal
    warning_risk_ratio: Decimal
    liquidation_risk_ratio: Decimal
    min_trade_amount: Decimal
    max_trade_amount: Decimal
    taker_fee_rate: Decimal
    maker_fee_rate: Decimal
    price_scale: int
    quantity_scale: int
    min_trade_usdt: Decimal
    is_borrowable: bool
    user_min_borrow: Decimal
    status: str
    info: Info = None


class VipRate(NamedTuple):
    level: str
    daily_interest_rate: Decimal
    yearly_interest_rate: Decimal
    discount_rate: Decimal


class CoinRate(NamedTuple):
    """What a coin costs to borrow, and how much of it; one row of the cross account, or one side of a pair."""

    coin: str
    leverage: Decimal
    transferable: bool
    borrowable: bool
    daily_interest_rate: Decimal
    yearly_interest_rate: Decimal
    max_borrowable_amount: Decimal
    vips: tuple[VipRate, ...]
    info: Info = None


class PairRate(NamedTuple):
    """Both coins of an isolated account; their `leverage` is the pair's."""

    symbol: str
    leverage: Decimal
    base: CoinRate
    quote: CoinRate
    info: Info = None


class CoinTier(NamedTuple):
    tier: int
    coin: str
    leverage: Decimal
    max_borrowable_amount: Decimal
    maintain_margin_rate: Decimal
    info: Info = None


class PairTier(NamedTuple):
    tier: int
    symbol: str
    base_coin: str
    quote_coin: str
    leverage: Decimal
    base_max_borrowable_amount: Decimal
    quote_max_borrowable_amount: Decimal
    maintain_margin_rate: Decimal
    init_rate: Decimal
    info: Info = None


class Asset(NamedTuple):
    """One coin of a margin account. total = available + frozen; net = total - borrow - interest."""

    symbol: str | None
    coin: str
    total: Decimal
    available: Decimal
    frozen: Decimal
    borrow: Decimal
    interest: Decimal
    net: Decimal
    transferable: Decimal | None
    ctime: int | None
    info: Info = None


class Receipt(NamedTuple):
    """The answer to a borrow or a repay; `remain_debt` (principal and interest left) only for a repay."""

    symbol: str | None
    coin: str
    amount: Decimal
    remain_debt: Decimal | None
    client_oid: str | None
    info: Info = None


class Risk(NamedTuple):
    """0 without debt, 1 where liquidation begins."""

    symbol: str | None
    rate: Decimal
    info: Info = None


class Ceiling(NamedTuple):
    """The most of a coin that can be borrowed, or transferred out."""

    symbol: str | None
    coin: str
    amount: Decimal
    info: Info = None


class FlashRepayment(NamedTuple):
    """An accepted request to repay everything; isolated ones name a symbol and a code, cross ones a coin."""

    id: str
    symbol: str | None
    coin: str | None
    code: str | None
    info: Info = None


class FlashStatus(NamedTuple):
    id: str
    status: FlashState
    info: Info = None


class Accepted(NamedTuple):
    """An order that the venue took, or a cancellation that it did."""

    order_id: str
    client_oid: str | None
    info: Info = None


class Refused(NamedTuple):
    """One line of a batch that the venue did not take, in its words."""

    order_id: str | None
    client_oid: str | None
    error_msg: str
    info: Info = None


class Batch(NamedTuple):
    accepted: tuple[Accepted, ...]
    refused: tuple[Refused, ...]


class Order(NamedTuple):
    """`quote_amount` counts for market buys, `base_quantity` for all others; `fill_total` is in the quote coin."""

    symbol: str
    order_id: str
    client_oid: str | None
    order_type: OrderType
    side: Side
    loan_type: LoanType
    time_in_force: TimeInForce | None
    price: Decimal | None
    base_quantity: Decimal | None
    quote_amount: Decimal | None
    fill_price: Decimal | None
    fill_quantity: Decimal
    fill_total: Decimal
    status: OrderStatus
    source: Source | None
    ctime: int | None
    info: Info = None


class Fill(NamedTuple):
    """`fees` is negative when it was taken, in `fee_coin`: the coin that was received."""

    symbol: str | None
    fill_id: str
    order_id: str
    order_type: OrderType
    side: Side
    price: Decimal
    quantity: Decimal
    total: Decimal
    fee_coin: str
    fees: Decimal
    ctime: int | None
    info: Info = None


class Loan(NamedTuple):
    loan_id: str
    symbol: str | None
    coin: str
    amount: Decimal
    type: LoanRecordType
    ctime: int | None
    info: Info = None


class Repayment(NamedTuple):
    """total_amount = interest + amount (of principal)."""

    repay_id: str
    symbol: str | None
    coin: str
    total_amount: Decimal
    interest: Decimal
    amount: Decimal
    type: RepayRecordType
    ctime: int | None
    info: Info = None


class Interest(NamedTuple):
    """One hour's charge; `interest_rate` is per day."""

    interest_id: str
    symbol: str | None
    interest_coin: str
    loan_coin: str
    interest_rate: Decimal
    amount: Decimal
    type: InterestType
    ctime: int | None
    info: Info = None


class Liquidation(NamedTuple):
    """Assets, debt and fee are values in USDT."""

    liq_id: str
    symbol: str | None
    start_time: int | None
    end_time: int | None
    risk: Decimal
    total_assets: Decimal
    total_debt: Decimal
    fee: Decimal
    ctime: int | None
    info: Info = None


class FinancialRecord(NamedTuple):
    """`amount` is signed; `balance` is what the account held of the coin afterwards."""

    margin_id: str
    symbol: str | None
    coin: str
    margin_type: MarginType
    amount: Decimal
    fee: Decimal
    balance: Decimal
    ctime: int | None
    info: Info = None


class Transferred(NamedTuple):
    transfer_id: str
    client_oid: str | None
    info: Info = None


class Page(NamedTuple, Generic[T]):
    """Rows, newest first; the ids are "0" when there are none."""

    rows: tuple[T, ...]
    max_id: str
    min_id: str
