"""The forms in which people write a pair, and the one that the venue's margin API reads.

>>> market_id("BTC/USDT"), market_id("btcusdt"), market_id("BTCUSDT_SPBL")
('BTCUSDT', 'BTCUSDT', 'BTCUSDT')
"""

__all__ = ["SPOT_SUFFIX", "market_id", "stream_id"]

SPOT_SUFFIX = "_SPBL"
"""What the order channels put behind a symbol, and some clients everywhere."""


def market_id(text: str) -> str:
    """The venue's symbol, e.g. BTCUSDT.

    Raises ValueError for contracts (BTCUSDT_UMCBL, BTC/USDT:USDT), which have no margin account.
    """
    base, _, suffix = text.strip().upper().partition("_")
    if (suffix and f"_{suffix}" != SPOT_SUFFIX) or ":" in base:
        raise ValueError(f"{text!r} is a contract, margin trades pairs such as BTC/USDT")
    return base.replace("/", "")


def stream_id(text: str) -> str:
    """The instId of the order channels, e.g. BTCUSDT_SPBL."""
    return market_id(text) + SPOT_SUFFIX
