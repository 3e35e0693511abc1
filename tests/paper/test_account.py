"""A bot's day on paper: the calls of a live exchange, answered by the engine."""

import asyncio
import threading
from typing import Any

import ccxt
import pytest

import bitget_margin_adapter as bma

from .conftest import CANDLES, HOUR, START


def test_short_sell_take_profit_and_repay(paper: Any) -> None:
    """Every figure by hand: fee 0.1 % of what is received, interest 0.0001 a day, rounded up."""
    paper.borrow_cross_margin("ETH", 2)
    sold = paper.create_order("ETH/USDT", "market", "sell", 2)
    assert paper.fetch_order(sold["id"], "ETH/USDT")["fee"] == {"currency": "USDT", "cost": 0.2}
    buy = paper.create_order("ETH/USDT", "limit", "buy", 2.0101, 95)
    assert [order["id"] for order in paper.fetch_open_orders("ETH/USDT")] == [buy["id"]]

    paper.sandbox_control("clock", {"advance_ms": HOUR})
    # The first candle went down to 95: filled at its own price.
    order = paper.fetch_order(buy["id"], "ETH/USDT")
    assert (order["status"], order["average"], order["filled"]) == ("closed", 95.0, 2.0101)
    assert order["fee"] == {"currency": "ETH", "cost": 0.0020101}

    balance = paper.fetch_balance()
    # 2 x 0.0001 / 24 = 0.0000083.. up to 8 decimals, once when borrowed and once at the full hour.
    assert balance["ETH"]["debt"] == 2.00001668
    assert balance["ETH"]["free"] == 2.0080899
    assert balance["USDT"]["free"] == pytest.approx(1000 + 200 - 0.2 - 2.0101 * 95, abs=1e-9)

    repaid = paper.repay_cross_margin("ETH", balance["ETH"]["debt"])
    assert repaid["remainDebt"] == 0.0
    assert paper.fetch_balance()["ETH"]["debt"] == 0.0
    assert [row["interest"] for row in paper.fetch_borrow_interest("ETH")] == [0.00000834, 0.00000834]
    assert paper.fetch_repay_history("ETH")[0]["interest"] == 0.00001668
    assert paper.fetch_risk_rate()["riskRate"] == 0.0


def test_the_bot_sees_nothing_of_the_future(paper: Any) -> None:
    assert paper.milliseconds() == START
    assert paper.fetch_ohlcv("ETH/USDT", "1h") == [[START, 100.0, 100.0, 100.0, 100.0, 0.0]]
    paper.sandbox_control("clock", {"advance_ms": HOUR})
    candles = paper.fetch_ohlcv("ETH/USDT", "1h")
    assert candles == [CANDLES[0], [START + HOUR, 110.0, 110.0, 110.0, 110.0, 0.0]]
    assert paper.fetch_ticker("ETH/USDT")["last"] == 110.0
    assert paper.fetch_time() == paper.milliseconds() == START + HOUR
    assert paper.fetch_ohlcv("ETH/USDT", "1d")[0][1:5] == [100.0, 110.0, 95.0, 110.0]


def test_refusals_are_the_exceptions_of_the_live_venue(paper: Any) -> None:
    with pytest.raises(ccxt.InsufficientFunds, match="cross_borrow: refused with code 50035"):
        paper.borrow_cross_margin("ETH", 1_000_000)
    with pytest.raises(ccxt.InsufficientFunds, match="50020"):
        paper.create_order("ETH/USDT", "market", "sell", 1)
    with pytest.raises(ccxt.OperationRejected, match="50029"):
        paper.create_order("BTC/USDT", "market", "sell", 1)
    with pytest.raises(ccxt.OrderNotFound, match="43001"):
        paper.cancel_order("1", "ETH/USDT")


def test_an_order_can_borrow_what_it_lacks_and_repay_with_what_it_brings(paper: Any) -> None:
    paper.create_order("ETH/USDT", "market", "buy", 15, 100, {"autoBorrow": True})
    assert paper.fetch_balance()["USDT"]["debt"] > 500
    paper.create_order("ETH/USDT", "market", "sell", 10, None, {"autoRepay": True})
    assert paper.fetch_balance()["USDT"]["debt"] == 0.0


def test_isolated_accounts_are_apart(paper: Any) -> None:
    paper.transfer("USDT", 300, "cross", "isolated", {"symbol": "ETH/USDT"})
    balances = paper.fetch_balance({"marginMode": "isolated"})
    assert balances["ETH/USDT"]["USDT"]["free"] == 300.0
    paper.borrow_margin("USDT", 100, "ETH/USDT")
    assert paper.fetch_risk_rate("ETH/USDT")["riskRate"] > 0
    assert paper.fetch_risk_rate()["riskRate"] == 0.0
    assert paper.fetch_balance()["USDT"]["total"] == 700.0


def test_one_name_is_one_account_for_threads_and_for_asyncio() -> None:
    option = {"account": "alice", "funds": {"USDT": "1000"}, "market": "manual", "clock": "virtual"}
    first = bma.bitgetmargin({"options": {"paper": option}})
    first.sandbox_control("market", {"symbol": "ETH/USDT", "price": "100"})

    def borrow() -> None:
        bma.bitgetmargin({"options": {"paper": "alice"}}).borrow_cross_margin("USDT", 1)

    threads = [threading.Thread(target=borrow) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=20)

    async def main() -> Any:
        exchange = bma.async_support.bitgetmargin({"options": {"paper": "alice"}})
        try:
            await asyncio.gather(*(exchange.borrow_cross_margin("USDT", 1) for _ in range(4)))
            return await exchange.fetch_balance()
        finally:
            await exchange.close()

    assert asyncio.run(main()) == first.fetch_balance()
    assert len(first.fetch_borrow_history("USDT")) == 12
    other = bma.bitgetmargin({"options": {"paper": {"account": "bob", "market": "manual"}}})
    assert other.fetch_balance()["USDT"] == {"free": 10000.0, "used": 0.0, "total": 10000.0, "debt": 0.0}


def test_funds_go_where_they_are_told() -> None:
    funds = {"USDT": "5", "spot": {"BTC": "1"}, "isolated:BTCUSDT": {"USDT": "7"}}
    exchange = bma.bitgetmargin({"options": {"paper": {"account": None, "funds": funds, "market": "manual"}}})
    assert exchange.fetch_balance()["total"] == {"USDT": 5.0}
    assert exchange.fetch_balance({"marginMode": "isolated"})["BTC/USDT"]["USDT"]["total"] == 7.0
    moved = exchange.transfer("BTC", 1, "spot", "cross")
    assert (moved["amount"], moved["status"]) == (1.0, "ok")
    assert exchange.fetch_balance()["BTC"]["free"] == 1.0


@pytest.mark.parametrize(
    ("option", "text"),
    [
        ({"acount": "x"}, "no 'acount'"),
        ({"market": "real"}, "one of candles, live, manual"),
        ({"clock": "sand"}, "one of wall, virtual"),
        ({"market": "candles"}, "needs candles"),
        ({"speed": 0}, "above zero"),
        ({"account": None, "vip": 9}, "vip must be"),
        ({"account": None, "fees": "2"}, "fees"),
        ({"account": None, "funds": {"XYZ": "1"}}, "no coin 'XYZ'"),
        ({"account": None, "funds": {"isolated:BTCUSDT": {"ETH": "1"}}}, "no place in BTCUSDT"),
        ({"account": None, "candles": "missing-ETHUSDT.csv"}, "no such file"),
        ({"account": None, "candles": {"ETH/USDT": [[1, 1, 1, 1, 1, 1]]}}, "milliseconds"),
        ({"account": None, "candles": {"ABC/XYZ": CANDLES}}, "no pair ABCXYZ"),
        (7, "True, an account's name, or a dictionary"),
    ],
)
def test_options_that_make_no_sense(option: Any, text: str) -> None:
    with pytest.raises(ccxt.BadRequest, match=text):
        bma.bitgetmargin({"options": {"paper": option}}).fetch_balance()


def test_the_sandbox_switch_goes_to_paper_and_back() -> None:
    exchange = bma.bitgetmargin()
    exchange.set_sandbox_mode(True)
    assert exchange.fetch_balance()["USDT"]["free"] == 10000.0
    exchange.set_sandbox_mode(False)
    with pytest.raises(ccxt.AuthenticationError):
        exchange.fetch_balance()
    assert bma.bitgetmargin({"sandbox": True}).fetch_balance()["USDT"]["free"] == 10000.0


class TestNoSignedRequest:
    """On paper nothing that could be signed leaves the process, whatever is called."""

    @pytest.fixture
    def closed(self, paper: Any, monkeypatch: pytest.MonkeyPatch) -> Any:
        paper.apiKey, paper.secret, paper.password = "key", "secret", "phrase"

        def refuse(*args: Any, **kwargs: Any) -> Any:
            pytest.fail(f"a request left the process: {args}")

        monkeypatch.setattr(paper, "fetch", refuse)
        monkeypatch.setattr(paper.session, "request", refuse)
        return paper

    def test_unified_calls_stay_inside(self, closed: Any) -> None:
        closed.borrow_cross_margin("USDT", 1)
        closed.create_order("ETH/USDT", "market", "buy", 1)
        closed.fetch_my_trades("ETH/USDT")
        closed.fetch_ticker("ETH/USDT")

    def test_raw_calls_of_the_table_are_answered_inside(self, closed: Any) -> None:
        body = closed.privateMarginGetMarginV1CrossAccountAssets({"coin": "USDT"})
        assert body["data"][0]["available"] == "1000"
        assert body["code"] == "00000"

    def test_other_private_calls_cannot_be_built(self, closed: Any) -> None:
        with pytest.raises(ccxt.NotSupported):
            closed.privateSpotGetV2SpotAccountAssets({})
        with pytest.raises(ccxt.NotSupported):
            closed.sign("v2/spot/account/assets", ["private", "spot"], "GET", {})


class TestControl:
    def test_snapshot_and_reset(self, paper: Any) -> None:
        first = paper.sandbox_control("snapshot")["snapshot"]
        before = paper.fetch_balance()
        paper.borrow_cross_margin("USDT", 100)
        paper.sandbox_control("clock", {"advance_ms": 2 * HOUR})
        later = paper.sandbox_control("state")
        paper.sandbox_control("reset", {"snapshot": first})
        assert (paper.milliseconds(), paper.fetch_balance()) == (START, before)
        # The same again leads to the same: the candles are played anew.
        paper.borrow_cross_margin("USDT", 100)
        paper.sandbox_control("clock", {"advance_ms": 2 * HOUR})
        assert paper.sandbox_control("state")["accounts"] == later["accounts"]
        paper.sandbox_control("reset")
        assert paper.fetch_balance() == before

    def test_fund_and_state(self, paper: Any) -> None:
        paper.sandbox_control("fund", {"account": "isolated:ETH/USDT", "coin": "USDT", "amount": "50"})
        state = paper.sandbox_control("state")
        assert set(state) == {"now", "prices", "accounts", "orders", "loans", "faults"}
        assert paper.fetch_balance({"marginMode": "isolated", "symbol": "ETH/USDT"})["USDT"]["free"] == 50.0

    def test_fork_is_another_account_of_the_same_venue(self, paper: Any) -> None:
        paper.sandbox_control("fork", {"to": "twin"})
        twin = bma.bitgetmargin({"options": {"paper": "twin"}})
        twin.borrow_cross_margin("USDT", 10)
        assert twin.fetch_balance()["USDT"]["debt"] > 0
        assert paper.fetch_balance()["USDT"]["debt"] == 0
        assert twin.milliseconds() == paper.milliseconds()

    @pytest.mark.parametrize(
        ("word", "body", "text"),
        [
            ("clock", {}, "advance_ms or set_ms"),
            ("clock", {"advance_ms": -1}, "cannot go back"),
            ("clock", {"set_ms": 1}, "cannot go back"),
            ("market", {"price": 1}, "symbol is missing"),
            ("market", {"symbol": "ABC/XYZ", "price": 1}, "no pair"),
            ("market", {"symbol": "ETH/USDT"}, "one of price, candle, book"),
            ("market", {"symbol": "ETH/USDT", "price": -1}, "cannot cost"),
            ("fund", {"account": "cross", "coin": "USDT"}, "amount is missing"),
            ("reset", {"snapshot": "77"}, "no snapshot"),
            ("jump", {}, "no word 'jump'"),
        ],
    )
    def test_nonsense_is_refused(self, paper: Any, word: str, body: Any, text: str) -> None:
        with pytest.raises(ccxt.BadRequest, match=text):
            paper.sandbox_control(word, body)

    def test_live_objects_cannot_be_steered(self) -> None:
        with pytest.raises(ccxt.NotSupported, match="paper"):
            bma.bitgetmargin().sandbox_control("state")


class TestSettingsOfOthers:
    """What an account is was said by whoever opened it."""

    def test_another_setting_is_refused_and_the_same_one_is_not(self) -> None:
        bma.bitgetmargin({"options": {"paper": {"account": "F", "fees": "0.002"}}}).fetch_balance()
        same = bma.bitgetmargin({"options": {"paper": {"account": "F", "fees": "0.002", "funds": {"USDT": "1"}}}})
        assert same.fetch_trading_fee("BTC/USDT")["taker"] == 0.002
        with pytest.raises(ccxt.BadRequest, match="another fees"):
            bma.bitgetmargin({"options": {"paper": {"account": "F", "fees": "0.3"}}}).fetch_balance()

    @pytest.mark.parametrize(
        "option",
        [
            {"account": 5}, {"account": ""}, "", {"funds": []}, {"funds": "100"}, {"store": 5}, {"candles": 5},
            {"speed": "x"}, {"speed": float("inf")}, {"vip": "1"}, {"vip": 1.5}, {"rates": 5}, {"profile": 5},
            {"fees": [1]}, {"fees": {}}, {"profile": {"only": ["FOO"]}}, {"profile": {"pairs": 5}},
            {"profile": {"coins": {"BTC": {"tiers": 5}}}}, {"profile": {"coins": {"BTC": {"tiers": [{}]}}}},
            {"profile": {"vip_discounts": 5}}, {"profile": {"recovery_ratio": "0.9", "liquidation_ratio": "0.5"}},
            {"funds": {"isolated:BTCUSDT_UMCBL": {"USDT": "1"}}}, {"funds": {"USDT": "0.000000001"}},
        ],
        ids=str,
    )  # fmt: skip
    def test_wrong_kinds(self, option: Any) -> None:
        option = option if isinstance(option, str) else {"account": None, **option}
        with pytest.raises(ccxt.BadRequest, match="paper"):
            bma.bitgetmargin({"options": {"paper": option}}).fetch_balance()


def test_candles_are_walked_from_the_first_one_asked_for(paper: Any) -> None:
    paper.sandbox_control("clock", {"advance_ms": 3 * HOUR})
    walked: list[int] = []
    since = START
    while True:
        rows = paper.fetch_ohlcv("ETH/USDT", "1h", since, 1)
        if not rows:
            break
        walked += [row[0] for row in rows]
        since = rows[-1][0] + 1
    assert walked == [START + hour * HOUR for hour in range(4)]
    with pytest.raises(ccxt.BadRequest, match="granularity"):
        paper.fetch_ohlcv("ETH/USDT", "1m")


def test_ledger_amounts_lead_from_before_to_after(paper: Any) -> None:
    paper.create_order("ETH/USDT", "market", "buy", 1, 100)
    rows = {row["currency"]: row for row in paper.fetch_ledger() if row["type"] == "trade"}
    assert (rows["ETH"]["before"], rows["ETH"]["after"]) == (0.0, 0.999)
    assert (rows["USDT"]["before"], rows["USDT"]["after"]) == (1000.0, 900.0)


@pytest.mark.parametrize(
    ("word", "body"),
    [
        ("market", {"symbol": "ETH/USDT", "candle": 5}),
        ("market", {"symbol": "ETH/USDT", "candle": [None, 1, 2, 1, 1, 5]}),
        ("market", {"symbol": "ETH/USDT", "book": 5}),
        ("market", {"symbol": "ETH/USDT", "book": {"bids": [[1]], "asks": []}}),
        ("market", {"symbol": "ETH/USDT", "book": {"bids": [[2, 1]], "asks": [[1, 1]]}}),
        ("fund", {"account": "spot", "coin": "USDT", "amount": "0.000000001"}),
        ("clock", 5),
    ],
    ids=str,
)
def test_control_bodies_that_make_no_sense(paper: Any, word: str, body: Any) -> None:
    with pytest.raises(ccxt.BadRequest, match=f"sandbox_control {word}"):
        paper.sandbox_control(word, body)


def test_a_text_is_no_list_of_ids(paper: Any) -> None:
    with pytest.raises(ccxt.BadRequest, match="ids is a list"):
        paper.cancel_orders("123", "ETH/USDT")
    with pytest.raises(ccxt.BadRequest, match="symbols is a list"):
        paper.flash_repay(None, "ETH/USDT")


@pytest.mark.parametrize("name", ["create_market_sell_order_with_cost", "fetch_fees"])
def test_shorthands_that_lead_nowhere_say_so(paper: Any, name: str) -> None:
    with pytest.raises(ccxt.NotSupported, match=name):
        getattr(paper, name)("ETH/USDT", 10)


def test_every_loan_is_found_however_long_ago() -> None:
    option = {"account": None, "market": "manual", "clock": "virtual"}
    exchange = bma.bitgetmargin({"options": {"paper": option}})
    for _ in range(4):
        exchange.borrow_cross_margin("USDT", 1)
        exchange.sandbox_control("clock", {"advance_ms": 40 * 24 * HOUR})
    assert len(exchange.fetch_borrow_history("USDT")) == 2
    assert len(exchange.fetch_borrow_history("USDT", params={"paginate": True})) == 4


def test_a_market_buy_spends_amount_times_price_so_that_the_amount_results(paper: Any) -> None:
    paper.sandbox_control("market", {"symbol": "ETH/USDT", "price": "100.00005"})
    order = paper.create_order("ETH/USDT", "market", "buy", 1)
    assert paper.fetch_order(order["id"], "ETH/USDT")["filled"] == 1.0


def test_another_type_of_account_is_not_answered_with_this_one(paper: Any) -> None:
    with pytest.raises(ccxt.NotSupported, match="type 'spot'"):
        paper.fetch_balance({"type": "spot"})
    assert paper.fetch_balance({"type": "margin"})["USDT"]["free"] == 1000.0


def test_ids_come_from_a_function_or_an_iterator(paper: Any) -> None:
    paper.options["idSource"] = iter(["first"])
    assert paper.create_order("ETH/USDT", "limit", "buy", 1, 50)["clientOrderId"] == "first"
    paper.options["idSource"] = 5
    with pytest.raises(ccxt.BadRequest, match="idSource"):
        paper.create_order("ETH/USDT", "limit", "buy", 1, 50)


def test_a_market_buy_without_a_price_asks_nobody_else_for_it(paper: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(ccxt.bitget, "fetch_ticker")
    bought = paper.create_order("ETH/USDT", "market", "buy", 0.5)
    assert paper.fetch_order(bought["id"], "ETH/USDT")["cost"] == 50.0
    with pytest.raises(ccxt.OperationRejected, match="50029"):
        paper.create_order("BTC/USDT", "market", "buy", 1)
