"""Every code of the documentation through ccxt's hook, on both classes: its own class, a message that helps."""

import json
from typing import Any

import ccxt
import pytest

import bitget_margin_adapter as bma
from bitget_margin_adapter.wire import codes
from bitget_margin_adapter.wire.endpoints import ENDPOINTS

CLASSES = [bma.bitgetmargin, bma.async_support.bitgetmargin]
URL = "https://venue.example" + ENDPOINTS["cross_borrow"].path
ROWS = {**codes.REST, **codes.UNLISTED}


def raised(exchange: Any, code: Any, status: int = 400, message: str = "the venue's words") -> Exception | None:
    response = {"code": code, "msg": message, "requestTime": 1, "data": None}
    try:
        exchange.handle_errors(status, "", URL, "POST", {}, json.dumps(response), response, {}, "")
    except ccxt.BaseError as problem:
        return problem  # type: ignore[no-any-return]  # ccxt has no types
    return None


@pytest.mark.parametrize("cls", CLASSES)
def test_every_code_is_raised_as_its_class(cls: Any) -> None:
    exchange = cls()
    assert len(codes.REST) + len(codes.WEBSOCKET) - 1 == 712  # success is no error
    for code, row in ROWS.items():
        if code == codes.SUCCESS:
            continue
        for spelt in (code, int(code) if str(int(code)) == code else code):
            problem = raised(exchange, spelt)
            assert type(problem) is getattr(ccxt, row.exception), code
            text = str(problem)
            assert text.startswith("bitgetmargin cross_borrow: ")
            assert all(part in text for part in (code, row.meaning, "the venue's words", row.advice)), code


@pytest.mark.parametrize("cls", CLASSES)
def test_success_raises_nothing_and_the_unknown_is_said_to_be(cls: Any) -> None:
    exchange = cls()
    assert raised(exchange, codes.SUCCESS, 200) is None
    assert type(raised(exchange, "99999")) is ccxt.ExchangeError
    assert type(raised(exchange, "99999", 503)) is ccxt.ExchangeNotAvailable
    assert type(raised(exchange, "40001", 429)) is ccxt.RateLimitExceeded


@pytest.mark.parametrize(
    ("code", "ours", "theirs"),
    [
        ("50021", ccxt.AccountNotEnabled, "InvalidOrder"),
        ("50015", None, "InvalidOrder"),
        ("50014", None, "InvalidOrder"),
        ("50003", ccxt.BadSymbol, "ExchangeError"),
        ("50019", None, "InvalidOrder"),
        ("40010", ccxt.RequestTimeout, "AuthenticationError"),
    ],
)
def test_codes_that_ccxt_has_wrong_are_right_here(code: str, ours: Any, theirs: str) -> None:
    assert ccxt.bitget().exceptions["exact"][code].__name__ == theirs
    for cls in CLASSES:
        exchange = cls()
        kind = type(raised(exchange, code))
        assert kind.__name__ != theirs
        assert exchange.exceptions["exact"][code] is kind
        assert ours in (None, kind)


@pytest.mark.parametrize("code", ["50060", "45034", "40786", "43118"])
def test_duplicates_are_duplicates(code: str) -> None:
    assert type(raised(bma.bitgetmargin(), code)) is ccxt.DuplicateOrderId


def test_nothing_about_margin_is_a_bare_exchange_error() -> None:
    assert [code for code, row in ROWS.items() if code.startswith("500") and row.exception == "ExchangeError"] == []
