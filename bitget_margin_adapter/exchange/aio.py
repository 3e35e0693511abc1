"""The asyncio exchange: `ccxt.async_support.bitgetmargin`."""

import asyncio
from collections.abc import Callable, Coroutine
from functools import wraps
from typing import Any, Concatenate, ParamSpec, TypeVar

import aiohttp
import ccxt.async_support
from ccxt.base import errors

from ..flows import account, loans, market, order_lists, orders, records
from ..flows.effects import Flow, Inherit, LoadMarkets, Sleep, Together
from .closed import close_inherited
from .delivery import Fetch, lost
from .front import Front

__all__ = ["bitgetmargin"]


async def _refuse_redirect(session: Any, context: Any, params: Any) -> None:
    # It would carry the signature to wherever it leads.
    raise aiohttp.ClientError("the venue's answer was a redirect")


_NO_REDIRECT = aiohttp.TraceConfig()
_NO_REDIRECT.on_request_redirect.append(_refuse_redirect)
_NO_REDIRECT.freeze()

P = ParamSpec("P")
R = TypeVar("R")


def _awaited(flow: Callable[Concatenate[Any, P], Flow[R]]) -> Callable[Concatenate[Any, P], Coroutine[Any, Any, R]]:
    """A method that awaits the flow's end."""

    @wraps(flow)
    async def method(self: "bitgetmargin", /, *args: P.args, **kwargs: P.kwargs) -> R:
        result: R = await self._drive(self._begin(flow, args, kwargs))
        return result

    return method


@close_inherited
class bitgetmargin(Front, ccxt.async_support.bitget):
    """Bitget margin trading behind ccxt's unified calls; `options['paper'] = True` trades on paper."""

    async def perform(self, effect: Any) -> Any:
        """The only place where this class waits, or lets ccxt speak to the network."""
        kind = type(effect)
        if kind is Fetch:
            return await self._fetched(effect)
        if kind is LoadMarkets:
            return await self.load_markets()
        if kind is Sleep:
            return await asyncio.sleep(effect.ms / 1000)
        if kind is Inherit:
            return await getattr(super(), effect.method)(*effect.args)
        if kind is Together:
            return await self._together(effect.flows)
        raise TypeError(f"no such effect: {effect!r}")

    async def _together(self, flows: tuple[Flow[Any], ...]) -> list[Any]:
        tasks = [asyncio.ensure_future(self._drive(self._steps(flow))) for flow in flows]
        try:
            return list(await asyncio.gather(*tasks))
        finally:
            # After a failure nobody waits for the others: they must not go on sending.
            for task in tasks:
                task.cancel()

    async def _drive(self, steps: Flow[Any]) -> Any:
        try:
            effect = next(steps)
            while True:
                try:
                    reply = await self.perform(effect)
                except Exception as problem:
                    effect = steps.throw(problem)
                else:
                    effect = steps.send(reply)
        except StopIteration as stop:
            return stop.value
        finally:
            # Interrupted or cancelled: what was booked is given back now, not when the traceback is let go.
            steps.close()

    async def _fetched(self, effect: Fetch) -> Any:
        try:
            return await self.fetch(effect.url, effect.method, effect.headers, effect.body)
        except errors.ExchangeError as problem:
            if type(problem) is errors.ExchangeError and isinstance(problem.__cause__, aiohttp.ClientError):
                raise lost(problem) from problem.__cause__
            raise

    def open(self, *args: Any) -> Any:
        """ccxt's: makes the session if there is none."""
        result = super().open(*args)
        session = self.session
        if session is not None and _NO_REDIRECT not in session.trace_configs:
            session.trace_configs.append(_NO_REDIRECT)
        return result

    async def fetch2(
        self, path: str, api: Any = "public", method: str = "GET", params: Any = {}, *rest: Any, **named: Any
    ) -> Any:
        flow = self._raw_flow(path, api, method, params)
        if flow is not None:
            return await self._drive(self._steps(flow))
        return await super().fetch2(path, api, method, params, *rest, **named)

    async def load_time_difference(self, params: Any = {}) -> int:
        """Measure how far this machine's clock is ahead of the venue's, ms, and sign with it from now on."""
        offset: int = await self._drive(self._measured())
        return offset

    async def sandbox_control(self, name: str, body: Any = None) -> Any:
        """Steer the paper account: clock, market, fund, faults, snapshot, reset, fork, state."""
        return self._control(name, body)

    fetch_markets = _awaited(market.fetch_markets)
    fetch_currencies = _awaited(market.fetch_currencies)
    fetch_time = _awaited(market.fetch_time)
    fetch_status = _awaited(market.fetch_status)
    fetch_trading_fee = _awaited(market.fetch_trading_fee)
    fetch_trading_fees = _awaited(market.fetch_trading_fees)
    fetch_cross_borrow_rate = _awaited(market.fetch_cross_borrow_rate)
    fetch_cross_borrow_rates = _awaited(market.fetch_cross_borrow_rates)
    fetch_isolated_borrow_rate = _awaited(market.fetch_isolated_borrow_rate)
    fetch_isolated_borrow_rates = _awaited(market.fetch_isolated_borrow_rates)
    fetch_market_leverage_tiers = _awaited(market.fetch_market_leverage_tiers)
    fetch_leverage_tiers = _awaited(market.fetch_leverage_tiers)

    fetch_balance = _awaited(account.fetch_balance)
    transfer = _awaited(account.transfer)
    fetch_risk_rate = _awaited(account.fetch_risk_rate)
    fetch_max_borrowable = _awaited(account.fetch_max_borrowable)
    fetch_max_transferable = _awaited(account.fetch_max_transferable)

    borrow_margin = _awaited(loans.borrow_margin)
    borrow_cross_margin = _awaited(loans.borrow_cross_margin)
    borrow_isolated_margin = _awaited(loans.borrow_isolated_margin)
    repay_margin = _awaited(loans.repay_margin)
    repay_cross_margin = _awaited(loans.repay_cross_margin)
    repay_isolated_margin = _awaited(loans.repay_isolated_margin)
    flash_repay = _awaited(loans.flash_repay)
    fetch_flash_repay_status = _awaited(loans.fetch_flash_repay_status)

    create_order = _awaited(orders.create_order)
    create_orders = _awaited(orders.create_orders)
    create_market_buy_order_with_cost = _awaited(orders.create_market_buy_order_with_cost)
    cancel_order = _awaited(orders.cancel_order)
    cancel_orders = _awaited(orders.cancel_orders)
    cancel_all_orders = _awaited(orders.cancel_all_orders)

    fetch_order = _awaited(order_lists.fetch_order)
    fetch_open_orders = _awaited(order_lists.fetch_open_orders)
    fetch_closed_orders = _awaited(order_lists.fetch_closed_orders)
    fetch_canceled_orders = _awaited(order_lists.fetch_canceled_orders)
    fetch_canceled_and_closed_orders = _awaited(order_lists.fetch_canceled_and_closed_orders)
    fetch_orders = _awaited(order_lists.fetch_orders)
    fetch_my_trades = _awaited(order_lists.fetch_my_trades)
    fetch_order_trades = _awaited(order_lists.fetch_order_trades)

    fetch_borrow_interest = _awaited(records.fetch_borrow_interest)
    fetch_borrow_history = _awaited(records.fetch_borrow_history)
    fetch_repay_history = _awaited(records.fetch_repay_history)
    fetch_my_liquidations = _awaited(records.fetch_my_liquidations)
    fetch_ledger = _awaited(records.fetch_ledger)
