"""What time and prices bring: hourly interest, late orders, risk after every price, resting orders that fill."""

from collections.abc import Mapping
from heapq import heappop
from typing import Any

from ..model.decimals import ZERO, Numeric, exact
from . import flash, matching, risk
from .accounts import Wallet
from .events import PriceEvent
from .ids import HOUR_MS
from .liquidation import check
from .loans import reprice, settle
from .market import Bar, Candle
from .orders import Working
from .state import State

__all__ = ["advance", "close", "next_due", "opens", "set_prices", "show", "show_book", "show_index", "watched", "way"]

# A named tuple's own constructor costs three times as much.
_new = tuple.__new__

_FAR = 24 * 365
"""How many hours ahead risk is looked at, so that idle debtors cost nothing in between."""


def advance(state: State, now: int) -> None:
    """Everything that is due up to and including `now`, in time order; an hour's interest before the rest of it."""
    waiting = state.waiting
    while waiting and waiting[0][0] <= now:
        due, _, _, what = heappop(waiting)
        _hours(state, due // HOUR_MS)
        state.now = max(state.now, due)
        if isinstance(what, Working):
            matching.activate(state, what, due)
            check(state, what.wallet, due)
        else:
            flash.run(state, what, due)
    if now >= state.next_hour:
        _hours(state, now // HOUR_MS)
    state.now = max(state.now, now)


def next_due(state: State) -> int | None:
    """When `advance` has something to do again, if ever."""
    times = [state.waiting[0][0]] if state.waiting else []
    if state.debtors or state.new_rates or state.new_vips:
        times.append(state.next_hour)
    return min(times, default=None)


def _hours(state: State, target: int) -> None:
    """Full hours pass. Prices stand still meanwhile, so risk only rises, and the hour it is too high can be found."""
    if target <= state.hour:
        return
    if state.new_rates or state.new_vips:
        _new_rates(state)
    while state.hour < target:
        fresh = state.quiet_version == state.market.version
        if fresh and state.quiet_until >= target:
            state.set_hour(target)
            return
        first, quiet = target + 1, target + _FAR
        for wallet in state.debtors:
            safe = _safe_until(state, wallet, target)
            quiet = min(quiet, safe)
            first = min(first, safe + 1)
        state.quiet_until, state.quiet_version = quiet, state.market.version
        if first > target:
            state.set_hour(target)
            return
        state.set_hour(first)
        state.now = max(state.now, first * HOUR_MS)
        for wallet in list(state.debtors):
            if wallet.safe_until < first:
                wallet.safe_until = -1
                check(state, wallet, first * HOUR_MS)
        state.quiet_until = -1


def _safe_until(state: State, wallet: Wallet, target: int) -> int:
    """The last hour before risk reaches the next ratio; looked for beyond `target`, found up to it."""
    version = state.market.version
    if wallet.safe_version == version and wallet.safe_until >= target:
        return wallet.safe_until
    ratio = state.terms.liquidation_ratio if wallet.warned else state.terms.warning_ratio

    def reached(hour: int) -> bool:
        return risk.reaches(risk.sums(state.lines(wallet, hour)), ratio)

    if not reached(target + _FAR):
        safe = target + _FAR
    elif not reached(target):
        safe = target
    else:
        low, high = state.hour, target
        while high - low > 1:
            middle = (low + high) // 2
            low, high = (low, middle) if reached(middle) else (middle, high)
        safe = low
    wallet.safe_until, wallet.safe_version = safe, version
    return safe


def _new_rates(state: State) -> None:
    """Rates announced during the last hour count from this one on."""
    for wallet, holding in state.debts():
        if holding.coin in state.new_rates or wallet.account.name in state.new_vips:
            settle(state, holding)
    state.set_rates(state.new_rates)
    for name, level in state.new_vips.items():
        state.accounts[name].vip = level
    for wallet, holding in state.debts():
        rate = state.daily_rate(wallet, holding.coin)
        if rate != holding.accrual.rate:
            settle(state, holding)
            reprice(state, holding, rate)
        wallet.safe_until = -1
    state.new_rates, state.new_vips, state.quiet_until = {}, {}, -1


# prices


def set_prices(state: State, prices: Mapping[str, Numeric], now: int) -> None:
    """Prices by hand; they outlast what is left of the candles that are being played."""
    state.market.held.update(symbol for symbol in prices if symbol in state.market.bars)
    show(state, prices, now)


def show(state: State, prices: Mapping[str, Numeric], now: int, gap: bool = True) -> None:
    """New prices of one instant: all of them, then risk, then resting orders, in the order given."""
    for symbol, price in prices.items():
        state.market.show(symbol, price)
    _react(state, tuple(prices), now, gap)


def show_index(state: State, prices: Mapping[str, Numeric], now: int) -> None:
    state.market.show_index(prices)
    _react(state, (), now, gap=True)


def show_book(state: State, symbol: str, bids: Any, asks: Any, now: int) -> None:
    state.market.show_book(symbol, bids, asks)
    _react(state, (symbol,), now, gap=False)


def _react(state: State, symbols: tuple[str, ...], now: int, gap: bool) -> None:
    if state.events is not None:
        for symbol in symbols:
            if (price := state.market.last(symbol)) is not None:
                state.events.append(PriceEvent(symbol, price, now))
    if state.debtors:
        coins = {coin for symbol in symbols for coin in _coins(state, symbol)}
        for wallet in list(state.debtors):
            if not symbols or not coins.isdisjoint(wallet.holdings):
                check(state, wallet, now)
    if state.resting:
        for symbol in symbols:
            for wallet in matching.sweep(state, symbol, gap, now):
                check(state, wallet, now)


def _coins(state: State, symbol: str) -> tuple[str, str]:
    pair = state.terms.pairs[symbol]
    return pair.base, pair.quote


def watched(state: State, symbol: str) -> bool:
    """Whether a price of this pair between open and close could matter to anybody."""
    return bool(state.debtors or state.waiting or state.events is not None or len(state.resting.get(symbol, ())))


def opens(state: State, prices: Mapping[str, Numeric], now: int) -> None:
    """Candles begin: their open is the price, and as much volume is to be had as the last candle's allows."""
    for symbol in prices:
        state.market.bars[symbol] = _new(Bar, (now, 1))
        state.market.held.discard(symbol)
        if state.policy.share is not None:
            closed = state.market.candles(symbol)
            volume = exact(closed[-1][5]) if closed else ZERO
            state.market.volumes[symbol] = state.policy.share.allowance(volume)
    show(state, prices, now)


def way(state: State, prices: Mapping[str, Numeric], volumes: Mapping[str, Numeric], now: int) -> None:
    """The next price on the way through the candles: resting orders fill at their own prices."""
    for symbol in prices:
        bar = state.market.bars.get(symbol, Bar(now, 1))
        if bar.shown == 1 and state.policy.share is not None:
            before = state.market.candles(symbol)
            given = state.policy.share.allowance(exact(before[-1][5])) if before else ZERO
            used = given - state.market.volumes.get(symbol, given)
            own = state.policy.share.allowance(exact(volumes.get(symbol, 0)))
            state.market.volumes[symbol] = max(ZERO, own - used)
        state.market.bars[symbol] = Bar(bar.ms, bar.shown + 1)
    held = state.market.held
    show(state, {symbol: price for symbol, price in prices.items() if symbol not in held}, now, gap=False)


def close(state: State, candles: Mapping[str, Candle], now: int) -> None:
    """Candles end: the close is the last price on their way, and they can be read from now on."""
    way(
        state,
        {symbol: candle[4] for symbol, candle in candles.items()},
        {symbol: candle[5] for symbol, candle in candles.items()},
        now,
    )
    for symbol, candle in candles.items():
        state.market.close_bar(symbol, candle)
