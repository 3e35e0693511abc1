"""What v2 answers: the shapes of `wire.shapes` under v2's names, and the few forms that v1 has not.

`uTime`, the time of the last change, is written as the time of creation: rows of the model know only that.
"""

from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal
from types import MappingProxyType
from typing import NamedTuple

from ...model.rows import Info
from ...model.words import InterestType, LoanRecordType, OrderStatus, RepayRecordType, Side
from ..fields import COIN, FLAG, NUMBER, SYMBOL, TEXT, TIME, Absent, Codec, Field, Part, Rows, Shape, word
from ..shapes import ANSWERS, Answer, Listed, One, Paged, Plain, Split

__all__ = ["ANSWERS_V2", "STATUS", "PairCeiling", "RateRecord", "renamed"]


class PairCeiling(NamedTuple):
    """The most of both coins of a pair: v1 answers one coin at a time."""

    symbol: str
    base_coin: str
    base_amount: Decimal
    quote_coin: str
    quote_amount: Decimal
    info: Info = None


class RateRecord(NamedTuple):
    """A coin's interest rate as it stands now, and since when, in ms."""

    coin: str
    daily: Decimal
    yearly: Decimal
    since: int
    info: Info = None


def _snake(text: str) -> str:
    return "".join(f"_{letter.lower()}" if letter.isupper() else letter for letter in text)


_STATUS_WORDS = {
    OrderStatus.INIT: "live",
    OrderStatus.NEW: "live",
    OrderStatus.PARTIAL_FILL: "partially_filled",
    OrderStatus.FULL_FILL: "filled",
    OrderStatus.CANCELLED: "cancelled",
}
STATUS = word(
    OrderStatus,
    written=lambda text: _STATUS_WORDS[OrderStatus(text)],
    also={
        "live": OrderStatus.NEW,
        "partially_filled": OrderStatus.PARTIAL_FILL,
        # The REST pages spell it so as well.
        "partially_fill": OrderStatus.PARTIAL_FILL,
        "filled": OrderStatus.FULL_FILL,
        "canceled": OrderStatus.CANCELLED,
        # New in v2. For a caller it ended without a fill, which is what cancelled says.
        "reject": OrderStatus.CANCELLED,
        "rejected": OrderStatus.CANCELLED,
    },
)


def renamed(shape: Shape, names: Mapping[str, str] = MappingProxyType({}), **fields: Field) -> Shape:
    """The same rows: `names` are the model's fields with their name on the wire, `fields` replace whole ones."""
    found = {
        name: Field(field.codec, names[name], absent=field.absent) if name in names else fields.get(name, field)
        for name, field in shape.fields.items()
    }
    return Shape(shape.row, found)


# v1's row, whatever its name there: times of REST rows are read and written alike everywhere.
_TIMES = Field(TIME, "cTime", "uTime", absent=Absent.NULL, written=2)


def _shape(answer: str) -> Shape:
    found = ANSWERS[answer]
    if not isinstance(found, One | Listed | Paged):
        raise TypeError(f"{answer} has no single shape")
    return found.shape


def _dated(answer: str, names: Mapping[str, str] = MappingProxyType({}), **fields: Field) -> Shape:
    return renamed(_shape(answer), names, ctime=_TIMES, **fields)


# Pairs without one of the two accounts are listed with a leverage of 0; should one have none, it is meant as 0 as well,
# and the other pairs are not lost for it.
_LEVERAGE = Codec(
    NUMBER.what, NUMBER.read, NUMBER.write, lambda value: NUMBER.read(value) if value not in (None, "") else Decimal(0)
)

_PAIR = renamed(
    _shape("pairs"),
    {
        "price_scale": "pricePrecision",
        "quantity_scale": "quantityPrecision",
    },
    max_cross_leverage=Field(_LEVERAGE, "maxCrossedLeverage", absent=Absent.NULL),
    max_isolated_leverage=Field(_LEVERAGE, "maxIsolatedLeverage", absent=Absent.NULL),
    # v2 says it of each account as well; the model has one word for all.
    is_borrowable=Field(
        FLAG, "isBorrowable", "isCrossBorrowable", "isIsolatedBaseBorrowable", "isIsolatedQuoteBorrowable", written=4
    ),
)


def _rate(shape: Shape, side: str, yearly: str, vips: str) -> Shape:
    """`yearly` has another word in each mode, and one list of VIP levels is misnamed."""

    def name(text: str) -> str:
        return side + text[0].upper() + text[1:] if side else text

    ladder = shape.fields["vips"].codec
    if not isinstance(ladder, Rows):
        raise TypeError("vips are rows")
    return renamed(
        shape,
        {
            "transferable": name("transferable"),
            "borrowable": name("borrowable"),
            "yearly_interest_rate": name(yearly),
        },
        vips=Field(Rows(renamed(ladder.shape, {"yearly_interest_rate": yearly})), vips),
    )


def _side(side: str, vips: str) -> Field:
    part = _shape("isolated_rates").fields[side].codec
    if not isinstance(part, Part):
        raise TypeError(f"{side} is a part of the row")
    return Field(Part(_rate(part.shape, side, "annuallyInterestRate", vips)))


_CROSS_RATE = _rate(_shape("cross_rates"), "", "annualInterestRate", "vipList")
_PAIR_RATE = renamed(_shape("isolated_rates"), base=_side("base", "baseVipList"), quote=_side("quote", "quoteList"))

_ASSET = replace(
    _dated(
        "assets",
        # Not in v2's rows. Where it should come back, it is understood.
        transferable=Field(NUMBER, "transferable", absent=Absent.OMITTED, written=0),
    ),
    fixed={"coupon": "0"},
)

_ORDER = _dated(
    "order_history",
    {
        "time_in_force": "force",
        "base_quantity": "baseSize",
        "quote_amount": "quoteSize",
        "fill_price": "priceAvg",
        "fill_quantity": "size",
        "fill_total": "amount",
        "source": "enterPointSource",
    },
    status=Field(STATUS, "status"),
)

_FILL = replace(
    _dated(
        "fills",
        {
            "fill_id": "tradeId",
            "price": "priceAvg",
            "quantity": "size",
            "total": "amount",
            "fee_coin": "feeCoin",
            "fees": "totalFee",
        },
        # The pages of the fills spell the compound sides so, those of the orders with a hyphen as ever.
        side=Field(word(Side, written=lambda text: _snake(text).replace("-", "_")), "side"),
    ),
    nested={"feeDetail": ("feeCoin", "totalFee", "deduction", "totalDeductionFee")},
    fixed={"deduction": "no", "totalDeductionFee": "0"},
)

# Of these rows nothing more is said: what the liquidation wanted, and what it got.
_UNSAID = ("client_oid", "loan_type", "time_in_force", "quote_amount", "status", "source")
_FORCED_ORDER = replace(
    renamed(
        _ORDER,
        {"base_quantity": "size", "fill_quantity": "fillSize"},
        **{
            name: Field(_ORDER.fields[name].codec, *_ORDER.fields[name].names, absent=Absent.OMITTED, written=0)
            for name in _UNSAID
        },
    ),
    # Of swaps between coins, which liquidate in another way.
    fixed=dict.fromkeys(("fromCoin", "toCoin", "fromSize", "toSize"), ""),
)
_RATE_RECORD = Shape(
    RateRecord,
    {
        "coin": Field(COIN, "coin"),
        "daily": Field(NUMBER, "dailyInterestRate"),
        "yearly": Field(NUMBER, "annualInterestRate"),
        "since": Field(TIME, "updatedTime"),
    },
)

_LOAN = _dated("loans", {"amount": "borrowAmount"}, type=Field(word(LoanRecordType, written=_snake), "borrowType"))
_REPAYMENT = _dated(
    "repays",
    {"total_amount": "repayAmount", "amount": "repayPrincipal", "interest": "repayInterest"},
    type=Field(word(RepayRecordType, written=_snake), "repayType"),
)
_INTEREST = _dated(
    "interests",
    {"amount": "interestAmount", "interest_rate": "dailyInterestRate"},
    # Misspelled by the venue; the right word is understood too.
    type=Field(word(InterestType), "interstType", "interestType"),
)
_LIQUIDATION = _dated("liquidations", {"risk": "liqRiskRatio"})
_RISK = renamed(_shape("risk"), {"rate": "riskRateRatio"})
_FLASH_REPAYMENT = renamed(_shape("flash_repayment"), {"id": "repayId", "code": "result"})
_FLASH_STATUS = renamed(_shape("flash_states"), {"id": "repayId"})


def _receipt(answer: str) -> One:
    # v2 sends the loan's id in place of the client's.
    return One(renamed(_shape(answer), client_oid=Field(TEXT, "clientOid", absent=Absent.OMITTED)))


def _pair_ceiling(amount: str) -> One:
    return One(
        Shape(
            PairCeiling,
            {
                "symbol": Field(SYMBOL, "symbol"),
                "base_coin": Field(COIN, "baseCoin"),
                "base_amount": Field(NUMBER, f"baseCoin{amount}"),
                "quote_coin": Field(COIN, "quoteCoin"),
                "quote_amount": Field(NUMBER, f"quoteCoin{amount}"),
            },
        )
    )


def _batch() -> Split:
    found = ANSWERS["batch"]
    if not isinstance(found, Split):
        raise TypeError("a batch is split")
    return Split(("successList", found.accepted[1]), ("failureList", found.refused[1]))


def _records(shape: Shape) -> Paged:
    return Paged(shape, ("resultList",))


ANSWERS_V2: Mapping[str, Answer] = MappingProxyType(
    {
        **{name: ANSWERS[name] for name in ("cross_tiers", "isolated_tiers", "accepted")},
        **{name: ANSWERS[name] for name in ("max_borrowable", "max_transfer_out")},
        "time": Plain(TIME, "serverTime", keyed=True),
        "pairs": Listed(_PAIR),
        "cross_rates": Listed(_CROSS_RATE),
        "isolated_rates": Listed(_PAIR_RATE),
        "assets": Listed(_ASSET),
        "borrowed": _receipt("borrowed"),
        "repaid": _receipt("repaid"),
        "risk": One(_RISK),
        "risks": Listed(_RISK),
        "pair_max_borrowable": _pair_ceiling("MaxBorrowAmount"),
        "pair_max_transfer_out": _pair_ceiling("MaxTransferOutAmount"),
        "transferred": One(renamed(_shape("transferred"), {"client_oid": "clientOid"})),
        "flash_repayment": One(_FLASH_REPAYMENT),
        "flash_repayments": Listed(_FLASH_REPAYMENT),
        "flash_states": Listed(_FLASH_STATUS),
        "cancelled": One(_shape("accepted")),
        "batch": _batch(),
        "open_orders": Paged(_ORDER, ("orderList",)),
        "order_history": Paged(_ORDER, ("orderList",)),
        "fills": Paged(_FILL, ("fills",)),
        "loans": _records(_LOAN),
        "repays": _records(_REPAYMENT),
        "interests": _records(_INTEREST),
        "liquidations": _records(_LIQUIDATION),
        "financial_records": _records(_dated("financial_records")),
        "rate_record": One(_RATE_RECORD),
        "liquidation_orders": Paged(_FORCED_ORDER, ("resultList",), ids=("idLessThan", "idLessThan")),
    }
)
"""Each `Endpoint.answer` of the v2 table."""
