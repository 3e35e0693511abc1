"""Flash repay: the same coin first, then the largest, with its states when it takes time."""

import pytest

from bitget_margin_adapter.model.refusals import Reason, Refusal

from .conftest import Desk, dec


def test_same_coin_first_then_the_others_are_sold() -> None:
    desk = Desk(funds={"BTC": "1", "ETH": "1"})
    desk.call("cross_borrow", coin="USDT", borrowAmount="1000")
    desk.call("transfer", fromType="margin_cross", toType="spot", coin="USDT", amount="600")
    asked = desk.call("cross_flash_repay", coin="USDT")
    assert asked.coin == "USDT"
    assert desk.call("cross_flash_repay_status", idList=[asked.id])[0].status == "FINISH"
    assert (desk.asset("USDT").borrow, desk.asset("USDT").interest) == (0, 0)
    row = desk.history()[0]
    assert (row.side, row.source, row.order_type) == ("systemRepay-sell", "SYS", "market")
    assert desk.history("ETHUSDT") == []
    assert [row.type for row in desk.records("repays")] == ["forceRepay", "forceRepay"]
    assert desk.records("repays")[1].total_amount == 400
    kinds = {row.margin_type for row in desk.records("financial_records")}
    assert {"exchange_in", "exchange_out"} <= kinds


def test_a_base_coin_is_bought_for_the_quote() -> None:
    desk = Desk(funds={"isolated:BTCUSDT": {"USDT": "10000"}, "USDT": "1"})
    desk.order("sell", "0.1", mode="isolated", loanType="autoLoan")
    answer = desk.call("isolated_flash_repay", symbols=["BTCUSDT"])
    assert [(row.symbol, row.code) for row in answer] == [("BTCUSDT", "success")]
    asset = desk.asset("BTC", "isolated")
    assert (asset.borrow, asset.interest) == (0, 0)
    assert 0 <= asset.available < dec("0.000001")
    history = desk.call("isolated_order_history", symbol="BTCUSDT", startTime="0").rows
    assert history[0].side == "systemRepay-buy"


def test_without_a_name_everything_is_repaid() -> None:
    desk = Desk(funds={"USDT": "10000", "isolated:BTCUSDT": {"USDT": "1000"}})
    desk.order("sell", "0.1", loanType="autoLoan")
    desk.order("sell", "1", symbol="ETHUSDT", loanType="autoLoan")
    desk.order("sell", "0.01", mode="isolated", loanType="autoLoan")
    desk.call("cross_flash_repay")
    assert desk.asset("BTC").borrow == desk.asset("ETH").borrow == 0
    assert [row.symbol for row in desk.call("isolated_flash_repay")] == ["BTCUSDT"]
    assert desk.asset("BTC", "isolated").borrow == 0


def test_coins_without_a_pair_of_their_own_go_by_way_of_usdt() -> None:
    desk = Desk(funds={"ETH": "10"})
    desk.call("cross_borrow", coin="BTC", borrowAmount="0.1")
    desk.call("transfer", fromType="margin_cross", toType="spot", coin="BTC", amount="0.1")
    desk.call("cross_flash_repay")
    assert desk.asset("BTC").borrow == 0
    assert desk.history()[0].side == "systemRepay-buy"
    assert desk.history("ETHUSDT")[0].side == "systemRepay-sell"


def test_states_while_it_lasts() -> None:
    desk = Desk({"flash_repay_ms": 1000})
    desk.call("cross_borrow", coin="USDT", borrowAmount="1000")
    asked = desk.call("cross_flash_repay")
    states = []
    for now in (0, 499, 500, 999, 1000):
        desk.now = now
        states.append(str(desk.call("cross_flash_repay_status", idList=[asked.id, "1"])[0].status))
        if now < 1000:
            assert desk.asset("USDT").borrow == 1000
            with pytest.raises(Refusal) as caught:
                desk.order("buy", "100")
            assert caught.value.reason is Reason.REPAYING
    assert states == ["BEGIN", "BEGIN", "REPAYING", "REPAYING", "FINISH"]
    assert desk.asset("USDT").borrow == 0
    desk.order("buy", "100")
