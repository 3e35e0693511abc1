"""One pass over one pair in one margin account: signals, fills, fees, loans, hourly interest, tiers and risk.

It follows `walk` in its decisions and the engine in its money, candle by candle, and stops where a liquidation begins:
that is the engine's own business (`liquidation`), after which the pass goes on. All state lies in records (`layout`),
so that a pass can stop and go on anywhere.
"""

from typing import Any

from .account import accrue, buy, indebted, note, over, sell, worth
from .coasting import HOUR, coast, fallen
from .exits import ENTRY, STAYS, exit_price, stop_at
from .money import cut_steps, hourly, up_steps

__all__ = ["DONE", "FULL", "LIQUIDATE", "simulate"]

DONE, LIQUIDATE, FULL = 0, 1, 2


def enter(
    base: Any, quote: Any, tiers: Any, terms: Any, trade: Any, short: bool, price: float, cursor: Any, fills: Any,
    loans: Any, ms: int,
) -> None:  # fmt: skip
    """An entry by the plan's stake; nothing when there is not enough, or the venue refuses."""
    total = worth(base, quote)
    available = min(total * terms.balance_ratio, total)
    stake = terms.stake
    if terms.fixed_amount > 0.0:
        stake = terms.fixed_amount * price / terms.leverage
    elif stake < 0.0:
        stake = max(0.0, min(available / terms.places, available))
    elif available < stake:
        return
    least = max(terms.least_value * terms.reserve, terms.least_amount * price * 1.05) / terms.leverage
    if stake <= 0.0 or least > available:
        return
    if stake < least:
        if stake * 1.3 < least:
            return
        stake = least
    stake = min(stake, available)
    amount = cut_steps(stake / price * terms.leverage, terms.amount_units)
    if amount <= 0.0 or amount * price / terms.leverage < least:
        return
    coin = base if short else quote
    owed = coin.principal
    if short:
        done = sell(base, quote, tiers, terms, amount, price, cursor, fills, loans, ms)
    else:
        cost = cut_steps(amount * price, 1e8)
        done = buy(base, quote, tiers, terms, cost, price, cursor, fills, loans, ms)
    if done <= 0.0:
        cursor.rejected += 1
        return
    fills[cursor.fills - 1].reason = ENTRY
    lent = coin.principal - owed
    trade.side = -1.0 if short else 1.0
    trade.opened = ms
    trade.rate = price
    trade.amount = done
    trade.charge = hourly(lent, coin.rate) if lent > 0.0 else 0.0
    trade.hour = cursor.hour
    trade.stop = stop_at(price, terms.stoploss, terms, short)
    trade.first_stop = trade.stop
    trade.share = -abs(terms.stoploss)


def leave(
    base: Any, quote: Any, tiers: Any, terms: Any, trade: Any, price: float, cursor: Any, fills: Any, loans: Any,
    ms: int, reason: int,
) -> None:  # fmt: skip
    """Sells what a long holds, or buys back what a short owes; a trade whose order the venue refuses stays open."""
    if trade.side > 0.0:
        quantity = cut_steps(base.held, terms.amount_units)
        done = sell(base, quote, tiers, terms, quantity, price, cursor, fills, loans, ms)
    else:
        owed = base.principal + base.interest
        gross = owed if terms.fee_in_quote else owed / (1.0 - terms.fee)
        cost = max(up_steps(up_steps(gross, terms.amount_units) * price, terms.price_units), terms.least_value)
        done = buy(base, quote, tiers, terms, cost, price, cursor, fills, loans, ms)
    if done > 0.0:
        fills[cursor.fills - 1].reason = reason
        trade.side = 0.0


def decide(
    now: int, flag: int, opened: float, high: float, low: float, base: Any, quote: Any, tiers: Any, terms: Any,
    roi: Any, trade: Any, cursor: Any, fills: Any, loans: Any,
) -> None:  # fmt: skip
    """Entry, exit and reversal of one candle."""
    short = flag & 13 == 4
    wants = short or flag & 7 == 1
    before = trade.side
    entered = False
    for _ in range(2):
        if trade.side == 0.0:
            if not wants:
                return
            base.price = opened
            enter(base, quote, tiers, terms, trade, short, opened, cursor, fills, loans, now)
            entered = True
            if trade.side == 0.0:
                return
        price, reason = exit_price(trade, terms, roi, flag, now, opened, high, low, cursor.hour)
        if reason != STAYS:
            if price != base.price:
                # A price set by hand holds until the next candle.
                base.price = price
                cursor.held = cursor.bar + 1
            leave(base, quote, tiers, terms, trade, price, cursor, fills, loans, now, reason)
        # Reversing: the other direction may follow in the same candle.
        if entered or trade.side != 0.0 or (before < 0.0) == short:
            return


def simulate(
    ms: Any, opens: Any, highs: Any, lows: Any, closes: Any, block_highs: Any, block_lows: Any, flags: Any,
    first: int, interval: int, base: Any, quote: Any, tiers: Any, terms: Any, roi: Any, trade: Any, cursor: Any,
    fills: Any, loans: Any, notes: Any, equity: Any,
) -> int:  # fmt: skip
    """Plays on from the cursor. DONE at the end; LIQUIDATE when the engine must; FULL when the records need room."""
    bars = len(ms)
    ratio, isolated = terms.liquidation_ratio, terms.isolated
    # Candles of an hour or less see no full hour inside them.
    long_bars = interval > HOUR
    while cursor.bar < bars:
        if cursor.phase == 0:
            coast(
                ms, highs, lows, closes, block_highs, block_lows, flags, interval, base, quote, tiers, terms, roi,
                trade, cursor, equity,
            )  # fmt: skip
            if cursor.bar == bars:
                break
        bar = cursor.bar
        now = ms[bar]
        if cursor.phase == 0:
            # Full hours since the last candle, at its prices.
            hours = now // HOUR
            if indebted(base, quote):
                while cursor.hour < hours:
                    accrue(base, quote, cursor)
                    if over(base, quote, tiers, ratio, isolated):
                        cursor.moment = cursor.hour * HOUR
                        return LIQUIDATE
            cursor.hour = hours
            base.price = opens[bar]
            cursor.phase = 1
            if over(base, quote, tiers, ratio, isolated):
                cursor.moment = now
                return LIQUIDATE
        if cursor.phase == 1:
            if cursor.fills + 8 > len(fills) or cursor.loans + 16 > len(loans) or cursor.notes + 4 > len(notes):
                return FULL
            if bar >= first:
                decide(
                    now, flags[bar], opens[bar], highs[bar], lows[bar], base, quote, tiers, terms, roi, trade, cursor,
                    fills, loans,
                )  # fmt: skip
            cursor.phase = 3
            if cursor.changed:
                note(notes, cursor, base, quote, now)
                if over(base, quote, tiers, ratio, isolated):
                    cursor.moment = now
                    return LIQUIDATE
        # The way through the candle: it only matters to debts.
        while cursor.phase < 6 and indebted(base, quote):
            phase = cursor.phase
            moment = now + interval * (phase - 2) // 3
            if long_bars:
                reached = (moment - 1 if phase == 5 else moment) // HOUR
                while cursor.hour < reached:
                    accrue(base, quote, cursor)
                    if over(base, quote, tiers, ratio, isolated):
                        cursor.moment = cursor.hour * HOUR
                        return LIQUIDATE
            if cursor.held != bar + 1:
                up_first = highs[bar] - opens[bar] <= opens[bar] - lows[bar]
                if phase == 5:
                    base.price = closes[bar]
                elif (phase == 3) == up_first:
                    base.price = highs[bar]
                else:
                    base.price = lows[bar]
            cursor.phase = phase + 1
            if over(base, quote, tiers, ratio, isolated):
                cursor.moment = moment
                return LIQUIDATE
        if long_bars:
            # Hours without a debt pass unseen.
            cursor.hour = max(cursor.hour, (now + interval - 1) // HOUR)
        base.price = closes[bar]
        if len(equity) > 0:
            equity[bar] = worth(base, quote)
        else:
            cursor.worth = worth(base, quote)
            cursor.peak, cursor.trough, cursor.fall = fallen(cursor.peak, cursor.trough, cursor.fall, cursor.worth)
        cursor.bar = bar + 1
        cursor.phase = 0
    return DONE
