"""Both exchange classes behind one blocking face, so that a test runs on each."""

import asyncio
from typing import Any

import bitget_margin_adapter as bma

__all__ = ["DOORS", "Door"]


class Door:
    """`door.call("fetch_balance")` on a fresh object of the synchronous or the asyncio class."""

    def __init__(self, kind: str, config: dict[str, Any]) -> None:
        self.kind = kind
        self.config = config
        self.exchange: Any = None

    def call(self, name: str, *args: Any, **kwargs: Any) -> Any:
        return self.calls((name, args, kwargs))[0]

    def calls(self, *wanted: tuple[str, tuple[Any, ...], dict[str, Any]]) -> list[Any]:
        if self.kind == "sync":
            if self.exchange is None:
                self.exchange = bma.bitgetmargin(self.config)
            return [getattr(self.exchange, name)(*args, **kwargs) for name, args, kwargs in wanted]
        return asyncio.run(self._calls(wanted))

    async def _calls(self, wanted: Any) -> list[Any]:
        self.exchange = bma.async_support.bitgetmargin(self.config)
        try:
            return [await getattr(self.exchange, name)(*args, **kwargs) for name, args, kwargs in wanted]
        finally:
            await self.exchange.close()


DOORS = ("sync", "async")
