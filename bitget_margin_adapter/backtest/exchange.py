"""The exchange object of a replayed bot: the same class, with short ways to what bots ask for at every candle."""

from typing import Any

from ..exchange.sync import bitgetmargin

__all__ = ["ReplayExchange"]


class ReplayExchange(bitgetmargin):
    """Every answer is the one that `bitgetmargin` on the same paper account would give."""

    def describe(self) -> Any:
        return super().describe()
