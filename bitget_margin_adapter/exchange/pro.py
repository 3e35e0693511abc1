"""The streaming exchange: `ccxt.pro.bitgetmargin`. Its private streams come with a later release and say so."""

from typing import Any

import ccxt.pro

from . import aio
from .closed import close_inherited

__all__ = ["bitgetmargin"]


@close_inherited
class bitgetmargin(aio.bitgetmargin, ccxt.pro.bitget):
    """The asyncio exchange with ccxt's public streams."""

    def describe(self) -> Any:
        return super().describe()
