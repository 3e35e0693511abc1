import pytest
from hypothesis import given
from hypothesis import strategies as st

from bitget_margin_adapter.model.symbols import market_id, stream_id

coins = st.text(st.sampled_from("ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"), min_size=1, max_size=10)


@pytest.mark.parametrize("text", ["BTC/USDT", "BTCUSDT", "btcusdt", "BTCUSDT_SPBL", "btcusdt_spbl", " BTC/USDT "])
def test_forms_that_mean_the_pair(text: str) -> None:
    assert market_id(text) == "BTCUSDT"
    assert stream_id(text) == "BTCUSDT_SPBL"


@pytest.mark.parametrize("text", ["BTCUSDT_UMCBL", "BTCUSD_DMCBL", "BTC/USDT:USDT", "BTCUSDT_SPBL_X"])
def test_contracts_are_refused(text: str) -> None:
    with pytest.raises(ValueError, match="contract"):
        market_id(text)


@given(coins, coins)
def test_every_form_leads_to_one(base: str, quote: str) -> None:
    assert (
        market_id(f"{base}/{quote}")
        == market_id(base + quote)
        == market_id((base + quote).lower())
        == market_id(stream_id(f"{base}/{quote}"))
    )
