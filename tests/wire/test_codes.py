"""The table of error codes: complete, precise, readable, and the same in both directions."""

import dataclasses
import re
from pathlib import Path
from typing import get_args

import pytest
from ccxt.base import errors
from hypothesis import given
from hypothesis import strategies as st

from bitget_margin_adapter.wire import codes
from bitget_margin_adapter.wire.codes import Code

ROWS = (*codes.REST.values(), *codes.WEBSOCKET.values())
EVERY = (*ROWS, *codes.UNLISTED.values())


def documented() -> dict[str, list[str]]:
    """The codes of the venue's documentation in its order, by scope."""
    sections: dict[str, list[str]] = {}
    section: list[str] = []
    for line in (Path(__file__).parent / "documented_codes.txt").read_text(encoding="ascii").splitlines():
        if line.startswith("["):
            section = sections.setdefault(line.strip("[]"), [])
        else:
            section.extend(line.split())
    return sections


@pytest.mark.parametrize(("scope", "table", "count"), [("rest", codes.REST, 701), ("ws", codes.WEBSOCKET, 12)])
def test_the_table_is_the_documentation_s_list(scope: str, table: dict[str, Code], count: int) -> None:
    listed = documented()[scope]
    assert len(listed) == len(set(listed)) == count
    assert list(table) == listed
    assert all(code.scope == scope and code.code == key for key, code in table.items())


def test_no_row_of_the_file_is_lost_by_a_duplicate() -> None:
    lines = Path(codes.__file__).with_name("codes.csv").read_text(encoding="ascii").splitlines()
    assert lines[0] == ",".join(field.name for field in dataclasses.fields(Code))
    assert len(lines) - 1 == len(ROWS)


def test_unlisted_codes_are_not_documented_ones() -> None:
    assert not set(codes.UNLISTED) & set(codes.REST)


@pytest.mark.parametrize("name", sorted({code.exception for code in EVERY} - {""}))
def test_every_exception_is_a_class_of_ccxt_and_says_something(name: str) -> None:
    raised = getattr(errors, name)
    assert issubclass(raised, errors.BaseError)
    assert raised not in (
        errors.BaseError,
        errors.ExchangeError,
        errors.OperationFailed,
        errors.NetworkError,
    )


def test_success_alone_raises_nothing() -> None:
    assert [code.code for code in EVERY if not code.exception] == [codes.SUCCESS]


REQUIRED = {
    "00001": errors.BadRequest,
    "40001": errors.AuthenticationError,
    "40002": errors.AuthenticationError,
    "40004": errors.InvalidNonce,
    "40005": errors.InvalidNonce,
    "40006": errors.AuthenticationError,
    "40008": errors.InvalidNonce,
    "40009": errors.AuthenticationError,
    "40010": errors.RequestTimeout,
    "40011": errors.AuthenticationError,
    "40012": errors.AuthenticationError,
    "40014": errors.PermissionDenied,
    "40015": errors.ExchangeNotAvailable,
    "40018": errors.PermissionDenied,
    "40019": errors.ArgumentsRequired,
    "40024": errors.AccountSuspended,
    "40085": errors.PermissionDenied,
    "40103": errors.RestrictedLocation,
    "40200": errors.OnMaintenance,
    "40304": errors.BadRequest,
    "40705": errors.BadRequest,
    "40724": errors.ArgumentsRequired,
    "40786": errors.DuplicateOrderId,
    "40911": errors.InvalidNonce,
    "40913": errors.ArgumentsRequired,
    "40924": errors.ArgumentsRequired,
    "429": errors.RateLimitExceeded,
    "43001": errors.OrderNotFound,
    "43012": errors.InsufficientFunds,
    "43118": errors.DuplicateOrderId,
    "45034": errors.DuplicateOrderId,
    "45110": errors.InvalidOrder,
    "45129": errors.RateLimitExceeded,
    "50001": errors.BadSymbol,
    "50003": errors.BadSymbol,
    "50012": errors.AccountSuspended,
    "50013": errors.AccountSuspended,
    "50014": errors.NoChange,
    "50015": errors.PermissionDenied,
    "50018": errors.InvalidOrder,
    "50019": errors.AccountSuspended,
    "50020": errors.InsufficientFunds,
    "50021": errors.AccountNotEnabled,
    "50022": errors.OperationRejected,
    "50024": errors.BadSymbol,
    "50025": errors.MarketClosed,
    "50029": errors.OperationRejected,
    "50034": errors.BadRequest,
    "50035": errors.InsufficientFunds,
    "50037": errors.BadSymbol,
    "50038": errors.OperationRejected,
    "50041": errors.InsufficientFunds,
    "50042": errors.BadRequest,
    "50060": errors.DuplicateOrderId,
    "50062": errors.OrderNotFound,
    "50066": errors.OperationRejected,
}


@pytest.mark.parametrize(("code", "raised"), REQUIRED.items(), ids=REQUIRED)
def test_codes_that_bots_branch_on(code: str, raised: type[errors.BaseError]) -> None:
    assert getattr(errors, codes.describe(code).exception) is raised


@pytest.mark.parametrize(
    ("code", "exception", "retry"),
    [
        ("30001", "BadRequest", "no"),
        ("30004", "AuthenticationError", "no"),
        ("30006", "RateLimitExceeded", "later"),
        ("30013", "InvalidNonce", "resync"),
        ("30014", "InvalidNonce", "resync"),
        ("30015", "AuthenticationError", "no"),
    ],
)
def test_websocket_codes_have_their_own_scope(code: str, exception: str, retry: str) -> None:
    row = codes.describe(code, "ws")
    assert (row.exception, row.retry) == (exception, retry)


def test_a_number_that_both_scopes_use_means_two_things() -> None:
    assert codes.describe("30001").meaning != codes.describe("30001", "ws").meaning


# A sound request at the wrong moment, or beyond what the venue has: nothing narrower in ccxt is true of these.
GENERAL_ON_PURPOSE = {
    "50022": "liquidation passes, and neither the request nor the funds are at fault",
    "50029": "one pair without a price, not the whole venue; nothing was placed, so no network error either",
    "50038": "the venue's own limit: more funds of the user would not help",
    "50066": "the flash repay passes",
}


def test_margin_codes_are_precise() -> None:
    margin = [code for code in codes.REST.values() if code.code.startswith("50")]
    assert len(margin) == 62
    assert {code.code for code in margin if code.exception == "OperationRejected"} == set(GENERAL_ON_PURPOSE)


@pytest.mark.parametrize("field", ["meaning", "advice"])
def test_texts_are_plain_english(field: str) -> None:
    """ASCII, no placeholders, no stray blanks, no full stop, at least three words."""
    plain = re.compile(r"(?!.*[{}%])(?!.*  )[!-~]+( [!-~]+){2,}(?<![.!])")
    assert [code for code in EVERY if not plain.fullmatch(getattr(code, field))] == []


def test_meanings_start_alike() -> None:
    """Lower case, as they continue a sentence; names keep their capitals."""
    odd = {code.meaning.split()[0] for code in EVERY if code.meaning[0].isupper()}
    assert odd == {"CNY"}


def test_retry_words_are_legal() -> None:
    assert {code.retry for code in EVERY} == set(get_args(codes.Retry))


def test_only_clock_codes_resync() -> None:
    assert {code.exception for code in EVERY if code.retry == "resync"} == {"InvalidNonce"}
    assert {code.retry for code in codes.by_exception("InvalidNonce")} == {"resync"}


def test_retry_agrees_with_the_class() -> None:
    """What ccxt calls temporary can be retried; what the caller got wrong cannot."""
    temporary = errors.OperationFailed
    callers = (errors.ArgumentsRequired, errors.BadRequest, errors.InsufficientFunds, errors.NoChange)
    for code in ROWS[1:]:
        raised = getattr(errors, code.exception)
        assert not (issubclass(raised, temporary) and code.retry == "no"), code
        assert not (issubclass(raised, callers) and code.retry != "no"), code


def test_waiting_helps_where_the_state_passes_and_nowhere_else() -> None:
    passing = {"MarketClosed", "OperationRejected", "OrderNotFillable"}
    odd = {
        code.code
        for code in ROWS
        if code.retry == "later"
        and code.exception not in passing
        and not issubclass(getattr(errors, code.exception), errors.OperationFailed)
    }
    assert odd == {"22008", "22009", "40052"}  # the market moves back, the block ends by itself
    assert {code.retry for code in codes.by_exception("MarketClosed")} == {"later"}
    margin = {code.code for code in codes.REST.values() if code.code.startswith("50") and code.retry == "later"}
    assert margin == set(GENERAL_ON_PURPOSE) | {
        *("50010", "50031", "50044", "50051"),  # faults inside the venue
        *("50025", "50026", "50027", "50030"),  # pairs at rest
    }


def test_derived_sets() -> None:
    assert {"40004", "40005", "40008", "40911"} == codes.CLOCK_CODES
    assert {"40786", "43118", "45034", "50060"} == codes.DUPLICATE_CODES


def test_a_code_is_found_again_by_its_exception() -> None:
    found = {name: codes.by_exception(name) for name in {code.exception for code in EVERY}}
    for code in EVERY:
        assert code in found[code.exception]
        assert codes.describe(code.code, code.scope) is code


def test_by_exception_takes_no_subclasses_and_loses_nothing() -> None:
    names = {code.exception for code in EVERY}
    found = [code for name in names for code in codes.by_exception(name)]
    assert len(found) == len(set(found)) == len(EVERY)
    assert codes.by_exception("NoSuchError") == ()


@pytest.mark.parametrize(
    ("code", "words"),
    [
        ("40004", "clock"),
        ("40014", "permission"),
        ("40018", "whitelist"),
        ("40085", "UTA"),
        ("40705", "90 days"),
        ("40724", "require"),
        ("43001", "margin mode"),
        ("50020", "autoLoan"),
        ("50029", "price"),
        ("50035", "fetch_max_borrowable"),
        ("50037", "borrow rate"),
        ("50042", "interest"),
        ("50060", "clientOid"),
        ("50062", "filled or cancelled"),
        ("50066", "fetch_flash_repay_status"),
        ("40010", "outcome is unknown"),
        ("40015", "outcome is unknown"),
        ("43066", "wait"),
    ],
)
def test_advice_says_what_to_do(code: str, words: str) -> None:
    assert words in codes.describe(code).advice


def test_unified_accounts_are_named() -> None:
    assert "unified trading account" in codes.describe("40085").meaning


@given(st.text() | st.integers(), st.sampled_from(get_args(codes.Scope)))
def test_describe_never_fails(code: str | int, scope: codes.Scope) -> None:
    row = codes.describe(code, scope)
    assert row.code == str(code)
    assert row.scope == scope
    assert row.advice


def test_an_unknown_code_says_so() -> None:
    row = codes.describe("99999")
    assert row == Code("rest", "99999", "ExchangeError", "no", "code not in the documentation")
    assert codes.describe("99999", "ws").exception == "ExchangeError"


def test_a_code_of_rest_means_the_same_on_a_stream() -> None:
    for code, table in (("40085", codes.UNLISTED), ("40012", codes.REST), ("30004", codes.WEBSOCKET)):
        row = codes.describe(code, "ws")
        assert row == dataclasses.replace(table[code], scope="ws")
    assert codes.describe("40085", "ws").advice == codes.describe("40085").advice
    # Where both lists have a code, the stream's own counts.
    for code in set(codes.REST) & set(codes.WEBSOCKET):
        assert codes.describe(code, "ws") is codes.WEBSOCKET[code]


def test_integers_are_understood() -> None:
    assert codes.describe(30004, "ws") is codes.WEBSOCKET["30004"]


def test_tables_cannot_be_changed() -> None:
    with pytest.raises(TypeError):
        codes.REST["00000"] = codes.describe("1")  # type: ignore[index]
    with pytest.raises(dataclasses.FrozenInstanceError):
        codes.describe("40001").retry = "later"  # type: ignore[misc]


def test_advice_overrides_belong_to_known_codes() -> None:
    assert set(codes._ADVICE["rest"]) <= set(codes.REST) | set(codes.UNLISTED)
    assert set(codes._ADVICE["ws"]) <= set(codes.WEBSOCKET)
    assert set(codes._ADVICE_BY_EXCEPTION) == {code.exception for code in EVERY} | {"ExchangeError"}


def test_public_names_are_sorted() -> None:
    assert [name for name in codes.__all__ if not hasattr(codes, name)] == []
    constants = [name for name in codes.__all__ if name.isupper()]
    classes = [name for name in codes.__all__ if name[0].isupper() and not name.isupper()]
    functions = [name for name in codes.__all__ if name.islower()]
    assert codes.__all__ == sorted(constants) + sorted(classes) + sorted(functions)
