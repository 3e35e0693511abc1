"""The synchronous exchange: `ccxt.bitgetmargin`."""

import time
from collections.abc import Callable
from functools import wraps
from typing import Any, Concatenate, ParamSpec, TypeVar

import ccxt
from ccxt.base import errors
from requests.exceptions import RequestException

from ..flows import account, loans, market, order_lists, orders, records
from ..flows.effects import Flow, Inherit, LoadMarkets, Sleep, Together
from .closed import close_inherited
from .delivery import Fetch, lost
from .front import Front

__all__ = ["bitgetmargin"]

P = ParamSpec("P")
R = TypeVar("R")


def _blocking(flow: Callable[Concatenate[Any, P], Flow[R]]) -> Callable[Concatenate[Any, P], R]:
    """A method that runs the flow to its end."""

    @wraps(flow)
    def method(self: "bitgetmargin", /, *args: P.args, **kwargs: P.kwargs) -> R:
        result: R = self._drive(self._begin(flow, args, kwargs))
        return result

    return method


@close_inherited
class bitgetmargin(Front, ccxt.bitget):
    """Bitget margin trading behind ccxt's unified calls; `options['paper'] = True` trades on paper."""

    def perform(self, effect: Any) -> Any:
        """The only place where this class waits, or lets ccxt speak to the network."""
        kind = type(effect)
        if kind is Fetch:
            return self._fetched(effect)
        if kind is LoadMarkets:
            return self.load_markets()
        if kind is Sleep:
            return time.sleep(effect.ms / 1000)
        if kind is Inherit:
            return getattr(super(), effect.method)(*effect.args)
        if kind is Together:
            return [self._drive(self._steps(flow)) for flow in effect.flows]
        raise TypeError(f"no such effect: {effect!r}")

    def _drive(self, steps: Flow[Any]) -> Any:
        try:
            effect = next(steps)
            while True:
                try:
                    reply = self.perform(effect)
                except Exception as problem:
                    effect = steps.throw(problem)
                else:
                    effect = steps.send(reply)
        except StopIteration as stop:
            return stop.value
        finally:
            # Interrupted or cancelled: what was booked is given back now, not when the traceback is let go.
            steps.close()

    def _fetched(self, effect: Fetch) -> Any:
        # A redirect would carry the signature to wherever it leads.
        self.session.max_redirects = 0
        try:
            return self.fetch(effect.url, effect.method, effect.headers, effect.body)
        except errors.ExchangeError as problem:
            if type(problem) is errors.ExchangeError and isinstance(problem.__cause__, RequestException):
                raise lost(problem) from problem.__cause__
            raise

    def fetch2(
        self, path: str, api: Any = "public", method: str = "GET", params: Any = {}, *rest: Any, **named: Any
    ) -> Any:
        flow = self._raw_flow(path, api, method, params)
        if flow is not None:
            return self._drive(self._steps(flow))
        return super().fetch2(path, api, method, params, *rest, **named)

    def load_time_difference(self, params: Any = {}) -> int:
        """Measure how far this machine's clock is ahead of the venue's, ms, and sign with it from now on."""
        offset: int = self._drive(self._measured())
        return offset

    def sandbox_control(self, name: str, body: Any = None) -> Any:
        """Steer the paper account: clock, market, fund, faults, snapshot, reset, fork, state."""
        return self._control(name, body)

    fetch_markets = _blocking(market.fetch_markets)
    fetch_currencies = _blocking(market.fetch_currencies)
    fetch_time = _blocking(market.fetch_time)
    fetch_status = _blocking(market.fetch_status)
    fetch_trading_fee = _blocking(market.fetch_trading_fee)
    fetch_trading_fees = _blocking(market.fetch_trading_fees)
    fetch_cross_borrow_rate = _blocking(market.fetch_cross_borrow_rate)
    fetch_cross_borrow_rates = _blocking(market.fetch_cross_borrow_rates)
    fetch_isolated_borrow_rate = _blocking(market.fetch_isolated_borrow_rate)
    fetch_isolated_borrow_rates = _blocking(market.fetch_isolated_borrow_rates)
    fetch_market_leverage_tiers = _blocking(market.fetch_market_leverage_tiers)
    fetch_leverage_tiers = _blocking(market.fetch_leverage_tiers)

    fetch_balance = _blocking(account.fetch_balance)
    transfer = _blocking(account.transfer)
    fetch_risk_rate = _blocking(account.fetch_risk_rate)
    fetch_max_borrowable = _blocking(account.fetch_max_borrowable)
    fetch_max_transferable = _blocking(account.fetch_max_transferable)

    borrow_margin = _blocking(loans.borrow_margin)
    borrow_cross_margin = _blocking(loans.borrow_cross_margin)
    borrow_isolated_margin = _blocking(loans.borrow_isolated_margin)
    repay_margin = _blocking(loans.repay_margin)
    repay_cross_margin = _blocking(loans.repay_cross_margin)
    repay_isolated_margin = _blocking(loans.repay_isolated_margin)
    flash_repay = _blocking(loans.flash_repay)
    fetch_flash_repay_status = _blocking(loans.fetch_flash_repay_status)

    create_order = _blocking(orders.create_order)
    create_orders = _blocking(orders.create_orders)
    create_market_buy_order_with_cost = _blocking(orders.create_market_buy_order_with_cost)
    cancel_order = _blocking(orders.cancel_order)
    cancel_orders = _blocking(orders.cancel_orders)
    cancel_all_orders = _blocking(orders.cancel_all_orders)

    fetch_order = _blocking(order_lists.fetch_order)
    fetch_open_orders = _blocking(order_lists.fetch_open_orders)
    fetch_closed_orders = _blocking(order_lists.fetch_closed_orders)
    fetch_canceled_orders = _blocking(order_lists.fetch_canceled_orders)
    fetch_canceled_and_closed_orders = _blocking(order_lists.fetch_canceled_and_closed_orders)
    fetch_orders = _blocking(order_lists.fetch_orders)
    fetch_my_trades = _blocking(order_lists.fetch_my_trades)
    fetch_order_trades = _blocking(order_lists.fetch_order_trades)

    fetch_borrow_interest = _blocking(records.fetch_borrow_interest)
    fetch_borrow_history = _blocking(records.fetch_borrow_history)
    fetch_repay_history = _blocking(records.fetch_repay_history)
    fetch_my_liquidations = _blocking(records.fetch_my_liquidations)
    fetch_ledger = _blocking(records.fetch_ledger)
