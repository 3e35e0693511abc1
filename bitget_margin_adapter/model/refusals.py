"""Why the venue says no, in words; `wire.reasons` knows the code of each."""

from enum import Enum, auto
from typing import Any

__all__ = ["Reason", "Refusal"]


class Reason(Enum):
    """Every refusal that the emulated venue can give."""

    # who asks
    NO_KEY = auto()
    NO_SIGNATURE = auto()
    NO_PASSPHRASE = auto()
    BAD_TIMESTAMP = auto()
    UNKNOWN_KEY = auto()
    EXPIRED = auto()
    BAD_SIGNATURE = auto()
    WRONG_PASSPHRASE = auto()
    NO_PERMISSION = auto()
    WRONG_IP = auto()
    TOO_MANY_REQUESTS = auto()
    # how it is asked
    NO_SUCH_PATH = auto()
    BAD_CONTENT_TYPE = auto()
    MISSING_PARAMETER = auto()
    BAD_PARAMETER = auto()
    ODD_PARAMETER = auto()
    ONE_OF_PARAMETERS = auto()
    ORDER_ID_OR_CLIENT_OID = auto()
    TOO_MANY_ORDERS_IN_BATCH = auto()
    TOO_MANY_CANCELS_IN_BATCH = auto()
    CLIENT_OID_TOO_LONG = auto()
    WINDOW_TOO_LONG = auto()
    WINDOW_REVERSED = auto()
    WINDOW_TOO_OLD = auto()
    # coins and symbols
    COIN_NOT_CROSS = auto()
    SYMBOL_NOT_ISOLATED = auto()
    COIN_NOT_ISOLATED = auto()
    SYMBOL_NOT_CROSS = auto()
    SYMBOL_NOT_MARGIN = auto()
    UNKNOWN_PAIR = auto()
    UNKNOWN_COIN = auto()
    COIN_NOT_IN_PAIR = auto()
    PAIR_NOT_OPEN = auto()
    PAIR_NOT_ENABLED = auto()
    PAIR_IN_MAINTENANCE = auto()
    PAIR_OFFLINE = auto()
    PAIR_UPCOMING = auto()
    PAIR_DELISTED = auto()
    NO_MARGIN_ACCOUNT = auto()
    # loans
    BORROW_TOO_SMALL = auto()
    BORROW_OVER_MAXIMUM = auto()
    NO_LOAN_CONFIGURATION = auto()
    NOT_BORROWABLE = auto()
    SYSTEM_LOAN_LIMIT = auto()
    TOO_MANY_DECIMALS = auto()
    REPAY_NOT_POSITIVE = auto()
    REPAY_OVER_AVAILABLE = auto()
    REPAY_UNDER_INTEREST = auto()
    # orders and transfers
    INSUFFICIENT_BALANCE = auto()
    PRICE_NOT_POSITIVE = auto()
    PRICE_TOO_LOW = auto()
    PRICE_TOO_HIGH = auto()
    SIZE_TOO_SMALL = auto()
    SIZE_TOO_LARGE = auto()
    VALUE_TOO_SMALL = auto()
    TOO_MANY_OPEN_ORDERS = auto()
    DUPLICATE_CLIENT_OID = auto()
    ORDER_FINAL = auto()
    UNKNOWN_ORDER = auto()
    NO_PRICE = auto()
    # state of the account
    LIQUIDATING = auto()
    REPAYING = auto()
    CROSS_FROZEN = auto()
    ISOLATED_FROZEN = auto()


class Refusal(Exception):
    """The venue's no: nothing has changed. `details` fill the gaps of the message, as parameter names do."""

    def __init__(self, reason: Reason, *details: Any) -> None:
        super().__init__(reason, *details)
        self.reason = reason
        self.details = tuple(str(detail) for detail in details)
