"""Every error code of the venue, once: its ccxt class, whether a retry can help, its meaning and what to do next.

The rows stand in `codes.csv`, in the documentation's order; REST and WebSocket reuse numbers, hence the two scopes.
Classes of ccxt are names here. How they were chosen: a coin or pair that cannot serve the request is `BadSymbol`, one
market at rest is `MarketClosed` and the whole venue `OnMaintenance`, a fault inside the venue `ExchangeNotAvailable`
(the outcome of an order is then unknown), a sound request at the wrong moment `OperationRejected`.

    >>> describe("50060").exception
    'DuplicateOrderId'
"""

import csv
from collections.abc import Mapping
from dataclasses import dataclass, replace
from importlib import resources
from types import MappingProxyType
from typing import Literal, cast

__all__ = [
    "CLOCK_CODES",
    "DUPLICATE_CODES",
    "REST",
    "SUCCESS",
    "UNLISTED",
    "WEBSOCKET",
    "Code",
    "Retry",
    "Scope",
    "by_exception",
    "describe",
]

Scope = Literal["rest", "ws"]

Retry = Literal["no", "later", "resync"]
"""`no`: the same request can only fail again; `later`: a wait can help; `resync`: measure the clock, sign anew."""

SUCCESS = "00000"


@dataclass(frozen=True, slots=True)
class Code:
    """One row. `exception` is the name of a ccxt class, empty for success."""

    scope: Scope
    code: str
    exception: str
    retry: Retry
    meaning: str

    @property
    def advice(self) -> str:
        """What to do next."""
        if own := _ADVICE[self.scope].get(self.code) or _ADVICE["rest"].get(self.code):
            return own
        if self.retry == "later" and self.exception in _ADVICE_WHEN_WAITING_HELPS:
            return _ADVICE_WHEN_WAITING_HELPS[self.exception]
        return _ADVICE_BY_EXCEPTION[self.exception]


_ADVICE_BY_EXCEPTION = {
    "": "nothing is to be done",
    "AccountNotEnabled": "open this account on the venue's site and transfer funds to it",
    "AccountSuspended": "ask the venue's customer service; trading by API cannot go on",
    "ArgumentsRequired": "add the parameter that the venue's message names",
    "AuthenticationError": "check API key, secret and passphrase: all three must come from the same key",
    "BadRequest": "correct the parameter that the venue's message names",
    "BadResponse": "ask again later; if it was an order, look it up by its clientOid first",
    "BadSymbol": "choose a coin or pair that load_markets lists as active for this margin mode",
    "DuplicateOrderId": "fetch the order by its clientOid, it is there already; a new order needs a new clientOid",
    "ExchangeError": "read the venue's own message",
    "ExchangeNotAvailable": "the outcome is unknown: look for the order or loan before sending it again",
    "InsufficientFunds": "lower the amount or transfer funds in",
    "InvalidAddress": "check the address and the account's address book",
    "InvalidNonce": "measure the offset to the venue's clock and sign anew; keep the machine's clock synchronised",
    "InvalidOrder": "compare price, amount and value with the limits and precision of the market",
    "ManualInteractionNeeded": "log in to the venue's site and complete the step there",
    "MarketClosed": "wait until the market trades again",
    "NoChange": "nothing is to be done, the state is as wanted",
    "NotSupported": "use another function, the venue does not offer this one",
    "OnMaintenance": "wait for the end of the maintenance",
    "OperationRejected": "change the state that the venue's message names, then ask again",
    "OrderNotFillable": "wait for liquidity or place a limit order",
    "OrderNotFound": "check id, symbol and margin mode; an order that is done is found in the history",
    "PermissionDenied": "ask the venue for this right, or use an account or API key that has it",
    "RateLimitExceeded": "slow down and wait before the next request",
    "RequestTimeout": "the outcome is unknown: look for the order or loan before sending it again",
    "RestrictedLocation": "the venue does not serve this place or person",
}

_ADVICE_WHEN_WAITING_HELPS = {
    "InvalidOrder": "wait until the market has calmed down",
    "OperationRejected": "wait a moment, then ask again",
    "PermissionDenied": "wait until the block ends",
}

# Only where something more helpful can be said than what the class says.
_ADVICE: Mapping[Scope, Mapping[str, str]] = {
    "rest": {
        "429": "slow down: the endpoint's limit applies to all programs that share the API key or the IP address",
        "40007": "send Content-Type: application/json",
        "40009": "check the secret; the text that is signed must be the query and body exactly as sent",
        "40012": "check the passphrase: it was set when the API key was made and is not the login password",
        "40014": "give the API key the permission to read and trade margin in the venue's API settings",
        "40016": "link a phone or Google Authenticator on the venue's site",
        "40018": "add this machine's IP address to the API key's whitelist",
        "40038": "add this machine's IP address to the API key's whitelist",
        "40085": "use the API for unified trading accounts (UTA), or switch back to a classic account",
        "40304": "shorten the clientOid to 50 characters",
        "40305": "shorten the clientOid to 64 plain characters",
        "40306": "split the batch into parts of 50 orders",
        "40404": "check the base address; Bitget has announced the end of its v1 API",
        "40704": "move the start time to within the last three months",
        "40705": "split the query into windows of 90 days",
        "40707": "swap the start and end time",
        "40724": "fill every parameter that the endpoint requires, an empty text counts as missing",
        "40912": "split the cancellation into parts of 50 orders",
        "40924": "send orderId or clientOid",
        "43001": "check id, symbol and margin mode: orders of the other mode or of another pair are not seen here",
        "45110": "raise the amount until amount times price reaches the market's minimum value",
        "50014": "nothing is to be done, use the account",
        "50015": "trade margin with the main account",
        "50016": "raise the amount to the market's minimum",
        "50017": "lower the amount, or split it into several orders",
        "50020": "lower the amount (a transfer: see fetch_max_transferable), or let an order borrow by autoLoan",
        "50021": "open the margin account on the venue's site and transfer funds to it",
        "50022": "wait until the liquidation is over, then fetch balance and orders anew",
        "50029": "wait for the pair's first price",
        "50034": "borrow more than 0.00000001",
        "50035": "ask fetch_max_borrowable and borrow no more than that, or transfer collateral in",
        "50036": "choose a coin that has a borrow rate in this margin mode",
        "50037": "choose a coin that has a borrow rate in this margin mode",
        "50038": "borrow less, or wait until the venue's limit has room again; more collateral does not help",
        "50039": "name the base or the quote coin of the pair",
        "50040": "repay an amount above zero",
        "50041": "repay no more than what is available, or transfer the rest in",
        "50042": "repay more than the interest that fetch_balance or fetch_borrow_interest shows",
        "50046": "raise the price into the market's limits",
        "50047": "lower the price into the market's limits",
        "50048": "cancel open orders of this pair first",
        "50062": "fetch the order to see whether it was filled or cancelled",
        "50063": "cut the amount to 8 decimals",
        "50066": "wait until the flash repay is finished, fetch_flash_repay_status tells",
    },
    "ws": {
        "30001": "check channel, instType and instId of the subscription",
        "30002": "check the message: one JSON object with op and args",
        "30003": "use login, subscribe or unsubscribe as op",
        "30004": "log in and wait for the answer before subscribing to private channels",
        "30006": "send at most 10 messages a second",
        "30007": "send fewer or smaller messages, and spread the channels over several connections",
    },
}


def _read() -> tuple[Mapping[str, Code], Mapping[str, Code]]:
    rest: dict[str, Code] = {}
    websocket: dict[str, Code] = {}
    text = resources.files(__package__).joinpath("codes.csv").read_text(encoding="ascii")
    rows = csv.reader(text.splitlines())
    next(rows)  # the header
    for scope, code, exception, retry, meaning in rows:
        table = rest if scope == "rest" else websocket
        # a test holds the file to the words of Scope and Retry
        table[code] = Code(cast(Scope, scope), code, exception, cast(Retry, retry), meaning)
    return MappingProxyType(rest), MappingProxyType(websocket)


REST, WEBSOCKET = _read()

# Not in the documentation of v1, but what its clients meet.
UNLISTED: Mapping[str, Code] = MappingProxyType(
    {
        code.code: code
        for code in (
            Code("rest", "429", "RateLimitExceeded", "later", "too many requests"),
            Code(
                "rest",
                "40085",
                "PermissionDenied",
                "no",
                "the account is a unified trading account (UTA), and this API is for classic accounts",
            ),
        )
    }
)

# Of REST; they derive from the rows, so that nobody lists them again.
CLOCK_CODES = frozenset(code.code for code in REST.values() if code.retry == "resync")
DUPLICATE_CODES = frozenset(code.code for code in REST.values() if code.exception == "DuplicateOrderId")


def describe(code: str | int, scope: Scope = "rest") -> Code:
    """The row of a code; never fails, and takes integers too because the venue's WebSocket sends them.

    A stream's list of codes is short: one that it has not means there what it means in REST.
    """
    text = str(code)
    if scope == "ws" and text in WEBSOCKET:
        return WEBSOCKET[text]
    known = REST.get(text) or UNLISTED.get(text)
    if known is None:
        return Code(scope, text, "ExchangeError", "no", "code not in the documentation")
    return known if known.scope == scope else replace(known, scope=scope)


def by_exception(name: str) -> tuple[Code, ...]:
    """All codes of exactly this ccxt class, not of its subclasses; the unlisted ones included."""
    return tuple(code for table in (REST, UNLISTED, WEBSOCKET) for code in table.values() if code.exception == name)
