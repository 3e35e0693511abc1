"""The venue's enumerations, spelled as its v1 documentation spells them.

A member equals its string, so a row can be compared with either.
"""

from enum import StrEnum

__all__ = [
    "BASE_SIDES",
    "FlashState",
    "InterestType",
    "LoanRecordType",
    "LoanType",
    "MarginType",
    "Mode",
    "OrderStatus",
    "OrderType",
    "RepayRecordType",
    "Side",
    "Source",
    "TimeInForce",
]


class Mode(StrEnum):
    """Whose collateral backs a loan: all coins together, or one pair alone."""

    CROSS = "cross"
    ISOLATED = "isolated"


class Side(StrEnum):
    """Direction of an order; the compound ones are made by the venue itself."""

    BUY = "buy"
    SELL = "sell"
    LIQUIDATION_BUY = "liquidation-buy"
    LIQUIDATION_SELL = "liquidation-sell"
    REPAY_BUY = "systemRepay-buy"
    REPAY_SELL = "systemRepay-sell"


BASE_SIDES = {side: Side(side.rpartition("-")[2]) for side in Side}
"""Each side without the venue's reason for it."""


class OrderType(StrEnum):
    LIMIT = "limit"
    MARKET = "market"


class LoanType(StrEnum):
    """What an order may do with loans: nothing, borrow its shortfall, repay from what it brings in, or both."""

    NORMAL = "normal"
    AUTO_LOAN = "autoLoan"
    AUTO_REPAY = "autoRepay"
    AUTO_LOAN_AND_REPAY = "autoLoanAndRepay"

    @property
    def borrows(self) -> bool:
        return self in (LoanType.AUTO_LOAN, LoanType.AUTO_LOAN_AND_REPAY)

    @property
    def repays(self) -> bool:
        return self in (LoanType.AUTO_REPAY, LoanType.AUTO_LOAN_AND_REPAY)


class TimeInForce(StrEnum):
    GTC = "gtc"
    POST_ONLY = "post_only"
    FOK = "fok"
    IOC = "ioc"


class OrderStatus(StrEnum):
    """REST spelling; the WebSocket writes a hyphen for the underscore, parsers take both."""

    INIT = "init"
    NEW = "new"
    PARTIAL_FILL = "partial_fill"
    FULL_FILL = "full_fill"
    CANCELLED = "cancelled"

    @property
    def final(self) -> bool:
        return self in (OrderStatus.FULL_FILL, OrderStatus.CANCELLED)


class Source(StrEnum):
    WEB = "WEB"
    IOS = "IOS"
    ANDROID = "ANDROID"
    API = "API"
    SYS = "SYS"


class MarginType(StrEnum):
    """Kinds of financial records."""

    TRANSFER_IN = "transfer_in"
    TRANSFER_OUT = "transfer_out"
    BORROW = "borrow"
    REPAY = "repay"
    LIQUIDATION_FEE = "liquidation_fee"
    COMPENSATE = "compensate"
    DEAL_IN = "deal_in"
    DEAL_OUT = "deal_out"
    CONFISCATED = "confiscated"
    EXCHANGE_IN = "exchange_in"
    EXCHANGE_OUT = "exchange_out"
    SYS_EXCHANGE_IN = "sys_exchange_in"
    SYS_EXCHANGE_OUT = "sys_exchange_out"


class LoanRecordType(StrEnum):
    AUTO = "autoLoan"
    MANUAL = "manualLoan"


class RepayRecordType(StrEnum):
    AUTO = "autoRepay"
    MANUAL = "manualRepay"
    LIQUIDATION = "liqRepay"
    FORCE = "forceRepay"


class InterestType(StrEnum):
    FIRST = "first"
    SCHEDULED = "scheduled"


class FlashState(StrEnum):
    BEGIN = "BEGIN"
    REPAYING = "REPAYING"
    FINISH = "FINISH"
