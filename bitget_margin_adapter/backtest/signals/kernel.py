"""The compiled pass: signals, fills, fees, loans, hourly interest, tiers and risk of one pair in one margin account.

It follows `walk` in its decisions and the engine in its money, candle by candle, and stops where a liquidation begins:
that is the engine's own business (`forced`), after which the pass goes on. All state lies in arrays, so that a pass can
stop and go on anywhere; their columns are named below. Coin 0 is the base, coin 1 the quote.
"""

from math import floor, inf
from typing import Any

from . import rules
from .compiled import compiled
from .money import cut_steps, hourly, up_steps
from .till import accrue, buy, indebted, log_fill, log_loan, note, over, sell, worth

__all__ = [
    "COIN_FIELDS", "CURSOR_FIELDS", "DONE", "FILL_FIELDS", "FULL", "LIQUIDATE", "LOAN_FIELDS", "TRADE_FIELDS",
    "log_fill", "log_loan", "note", "simulate",
]  # fmt: skip

DONE, LIQUIDATE, FULL = 0, 1, 2

COIN_FIELDS = ("held", "principal", "interest", "charge", "price", "rate", "ceiling")
TRADE_FIELDS = (
    "side", "opened", "rate", "amount", "stake", "charge", "hour", "stop", "first_stop", "share", "units", "leverage",
    "entry",
)  # fmt: skip
CURSOR_FIELDS = ("bar", "phase", "held", "hour", "fills", "loans", "notes", "rejected", "changed", "moment")
FILL_FIELDS = ("ms", "pair", "sells", "price", "amount", "total", "fee", "reason", "bar")
LOAN_FIELDS = ("ms", "coin", "amount", "principal", "interest", "kind", "hour", "charge")

_HOUR = 3_600_000
_step_up = compiled(rules.step_up)
_step_down = compiled(rules.step_down)
_step_nearest = compiled(rules.step_nearest)
_ratio = compiled(rules.profit_ratio)
_distance = compiled(rules.stop_distance)
_gap_stop = compiled(rules.gap_stop)
_opening_stop = compiled(rules.opening_stop)
_roi_price = compiled(rules.roi_price)

ENTRY, SIGNAL, STOP, ROI, TRAILING = 1, 2, 3, 4, 5


@compiled
def enter(
    coin: Any, tiers: Any, pairs: Any, settings: Any, trade: Any, count: Any, k: Any, short: Any, price: Any,
    cursor: Any, fills: Any, loans: Any, ms: Any, units: Any,
) -> Any:  # fmt: skip
    """An entry by the plan's stake; nothing when there is not enough, or the venue refuses."""
    tied = 0.0
    for j in range(count - 1):
        if trade[j, 0] != 0.0:
            tied += trade[j, 4]
    total = worth(coin, count)
    available = min(total * settings[1] - tied, total - tied)
    stake = settings[0]
    leverage = settings[2]
    if settings[14] > 0.0:
        stake = settings[14] * price / leverage
    elif stake < 0.0:
        stake = max(0.0, min((available + tied) / settings[12], available))
    elif available < stake:
        return
    least = max(pairs[k, 4] * settings[13], pairs[k, 3] * price * 1.05) / leverage
    if stake <= 0.0 or least > available:
        return
    if stake < least:
        if stake * 1.3 < least:
            return
        stake = least
    stake = min(stake, available)
    amount = cut_steps(stake / price * leverage, pairs[k, 0])
    if amount <= 0.0 or amount * price / leverage < least:
        return
    owed_before = coin[k if short else count - 1, 1]
    if short:
        done = sell(coin, tiers, pairs, settings, count, k, amount, price, cursor, fills, loans, ms, ENTRY)
    else:
        cost = cut_steps(amount * price, 1e8)
        done = buy(coin, tiers, pairs, settings, count, k, cost, price, cursor, fills, loans, ms, ENTRY)
    if done <= 0.0:
        cursor[7] += 1
        return
    lent = coin[k if short else count - 1, 1] - owed_before
    trade[k, 0] = -1.0 if short else 1.0
    trade[k, 1] = ms
    trade[k, 2] = price
    trade[k, 3] = done
    trade[k, 4] = done * price / leverage
    trade[k, 5] = hourly(lent, coin[k if short else count - 1, 5]) if lent > 0.0 else 0.0
    trade[k, 6] = cursor[3]
    stop = _distance(price, settings[4], leverage, short)
    stop = _step_down(stop, units) if short else _step_up(stop, units)
    trade[k, 7] = stop
    trade[k, 8] = stop
    trade[k, 9] = -abs(settings[4])
    trade[k, 10] = units
    trade[k, 11] = leverage
    trade[k, 12] = cursor[0]


@compiled
def leave(
    coin: Any, tiers: Any, pairs: Any, settings: Any, trade: Any, count: Any, k: Any, price: Any, cursor: Any,
    fills: Any, loans: Any, ms: Any, reason: Any,
) -> Any:  # fmt: skip
    """Sells what a long holds, or buys back what a short owes; whether the venue took it."""
    if trade[k, 0] > 0.0:
        quantity = cut_steps(coin[k, 0], pairs[k, 0])
        done = sell(coin, tiers, pairs, settings, count, k, quantity, price, cursor, fills, loans, ms, reason)
    else:
        owed = coin[k, 1] + coin[k, 2]
        gross = owed if settings[3] > 0.0 else owed / (1.0 - pairs[k, 2])
        quantity = up_steps(gross, pairs[k, 0])
        cost = max(up_steps(quantity * price, pairs[k, 1]), pairs[k, 4])
        done = buy(coin, tiers, pairs, settings, count, k, cost, price, cursor, fills, loans, ms, reason)
    if done > 0.0:
        trade[k, 0] = 0.0
        return True
    return False


@compiled
def roi_at(
    roi: Any, minutes: Any,
) -> Any:  # fmt: skip
    found = -1
    for j in range(roi.shape[0]):
        if roi[j, 0] > minutes:
            break
        found = j
    return found


@compiled
def exit_price(
    trade: Any, settings: Any, roi: Any, pairs: Any, k: Any, flags: Any, ms: Any, opened: Any, high: Any,
    low: Any, close: Any, hour: Any,
) -> Any:  # fmt: skip
    """The price at which the plan leaves in this candle and why (reason 0: it stays); moves the stop."""
    short = trade[k, 0] < 0.0
    fee, leverage, amount, rate = pairs[k, 2], trade[k, 11], trade[k, 3], trade[k, 2]
    interest = trade[k, 5] * (1.0 + hour - trade[k, 6]) if trade[k, 5] > 0.0 else 0.0
    bound = low if short else high
    best = _ratio(rate, bound, fee, leverage, short, amount, interest)
    if settings[5] > 0.0 and (trade[k, 7] > high if short else trade[k, 7] < low):
        offset = settings[7]
        if not (settings[8] > 0.0 and best < offset):
            share = settings[4]
            if settings[6] > 0.0 and best > offset:
                share = settings[6]
            stop = _distance(bound, share, leverage, short)
            stop = _step_down(stop, trade[k, 10]) if short else _step_up(stop, trade[k, 10])
            if (stop < trade[k, 7]) if short else (stop > trade[k, 7]):
                trade[k, 7] = stop
                trade[k, 9] = -abs(share)
    hit = trade[k, 7] <= high if short else trade[k, 7] >= low
    trailing = trade[k, 7] != trade[k, 8]
    minutes = floor((ms - trade[k, 1]) / 60000.0)
    enters = (flags & 4) if short else (flags & 1)
    exits = (flags & 8) if short else (flags & 2)
    step = roi_at(roi, minutes)
    roi_hit = step >= 0 and best > roi[step, 1] and not (enters != 0 and settings[11] > 0.0)
    price = 0.0
    reason = 0
    if settings[9] > 0.0 and exits != 0 and enters == 0:
        now = _ratio(rate, opened, fee, leverage, short, amount, interest)
        if settings[10] < -1e300 or now > settings[10]:
            return opened, SIGNAL
    if hit and not trailing:
        price = _gap_stop(trade[k, 7], opened, high, low, short)
        reason = STOP
    elif roi_hit:
        share = roi[step, 1]
        since = roi[step, 0]
        on_candle = settings[15] == 0.0 or since % settings[15] == 0.0
        price = _roi_price(rate, share, leverage, fee, short, amount, interest)
        beyond = opened < price if short else opened > price
        if on_candle and (share == -1.0 or (minutes > 0.0 and minutes == since and beyond)):
            price = opened
        else:
            price = min(max(price, low), high)
        reason = ROI
    elif hit:
        outside = trade[k, 7] < low if short else trade[k, 7] > high
        if outside or minutes > 0.0:
            price = _gap_stop(trade[k, 7], opened, high, low, short)
        else:
            positive = settings[6] if settings[5] > 0.0 and settings[8] > 0.0 else 0.0
            price = _opening_stop(opened, high, low, trade[k, 9], settings[7], positive, leverage, short)
        reason = TRAILING
    if reason == 0:
        return 0.0, 0
    price = _step_nearest(price, trade[k, 10])
    if low <= price <= high:
        return price, reason
    return 0.0, 0


@compiled
def fence(
    coin: Any, tiers: Any, count: Any, trade: Any, settings: Any, roi: Any, pairs: Any, ratio: Any,
    isolated: Any, minutes: Any,
) -> Any:  # fmt: skip
    """For a single pair: prices strictly between which, and minutes of the trade until which, nothing happens.

    The risk bounds leave room for 48 hours of interest.
    """
    low, high, until = 0.0, inf, inf
    short = trade[0, 0] < 0.0
    if trade[0, 0] != 0.0:
        if settings[5] > 0.0:
            return inf, 0.0, 0.0
        if short:
            high = trade[0, 7]
        else:
            low = trade[0, 7]
        step = roi_at(roi, minutes)
        if step >= 0:
            target = _roi_price(trade[0, 2], roi[step, 1], trade[0, 11], pairs[0, 2], short, trade[0, 3], 0.0)
            if short:
                # Interest moves the target nearer by less than this.
                low = max(low, target * 1.0000001)
            else:
                high = min(high, target * 0.9999999)
        if step + 1 < roi.shape[0]:
            until = roi[step + 1, 0]
    if coin[0, 1] + coin[0, 2] + coin[1, 1] + coin[1, 2] > 0.0:
        saved0, saved1, price = coin[0, 2], coin[1, 2], coin[0, 4]
        coin[0, 2] = saved0 + coin[0, 3] * 48.0
        coin[1, 2] = saved1 + coin[1, 3] * 48.0
        found = False
        for width in (0.5, 0.25, 0.1, 0.05, 0.02, 0.01):
            coin[0, 4] = price * (1.0 - width)
            below = over(coin, tiers, count, ratio, isolated)
            coin[0, 4] = price * (1.0 + width)
            above = over(coin, tiers, count, ratio, isolated)
            if not below and not above:
                low = max(low, price * (1.0 - width))
                high = min(high, price * (1.0 + width))
                found = True
                break
        coin[0, 2] = saved0
        coin[1, 2] = saved1
        coin[0, 4] = price
        if not found:
            return inf, 0.0, 0.0
        if until == inf or until > minutes + 2880.0:
            until = minutes + 2820.0
    return low, high, until


@compiled
def coast(
    ms: Any, highs: Any, lows: Any, closes: Any, flags: Any, interval: Any, coin: Any, tiers: Any, pairs: Any,
    settings: Any, roi: Any, trade: Any, cursor: Any, equity: Any,
) -> Any:  # fmt: skip
    """The short way: as long as nothing can happen, only hours and the equity pass. Leaves the cursor where it may."""
    bar, bars = cursor[0], ms.shape[0]
    side = trade[0, 0]
    minutes = floor((ms[bar] - trade[0, 1]) / 60000.0) if side != 0.0 else 0.0
    if bar > 0:
        coin[0, 4] = closes[bar - 1]
    low, high, until = fence(coin, tiers, 2, trade, settings, roi, pairs, settings[16], settings[17] > 0.0, minutes)
    limit = inf
    if until < inf:
        limit = (trade[0, 1] if side != 0.0 else float(ms[bar])) + until * 60000.0
    # Which signals end the coasting: without a trade an entry, with one its exit.
    if side == 0.0:
        mask1, want1, mask2, want2 = 7, 1, 13, 4
    elif side > 0.0:
        mask1, want1, mask2, want2 = 3, 2, 3, 2
    else:
        mask1, want1, mask2, want2 = 12, 8, 12, 8
    cash = coin[1, 0] - coin[1, 1] - coin[1, 2]
    base = coin[0, 0] - coin[0, 1] - coin[0, 2]
    owing = indebted(coin, 2)
    begun = bar
    if owing:
        if interval > _HOUR:
            return
        next_hour = (cursor[3] + 1) * _HOUR
        while bar < bars:
            flag = flags[bar]
            if (flag & mask1) == want1 or (flag & mask2) == want2:
                break
            if lows[bar] <= low or highs[bar] >= high or ms[bar] >= limit:
                break
            if ms[bar] >= next_hour:
                while ms[bar] >= next_hour:
                    accrue(coin, 2, cursor)
                    next_hour += _HOUR
                cash = coin[1, 0] - coin[1, 1] - coin[1, 2]
                base = coin[0, 0] - coin[0, 1] - coin[0, 2]
            equity[bar] = cash + base * closes[bar]
            bar += 1
    elif side != 0.0:
        while bar < bars:
            flag = flags[bar]
            if (flag & mask1) == want1 or lows[bar] <= low or highs[bar] >= high or ms[bar] >= limit:
                break
            equity[bar] = cash + base * closes[bar]
            bar += 1
    else:
        while bar < bars:
            flag = flags[bar]
            if (flag & 7) == 1 or (flag & 13) == 4:
                break
            equity[bar] = cash + base * closes[bar]
            bar += 1
    cursor[0] = bar
    if bar > begun:
        coin[0, 4] = closes[bar - 1]


@compiled
def decide(
    now: Any, flag: Any, opened: Any, high: Any, low: Any, close: Any, unit: Any, may_enter: Any, coin: Any,
    tiers: Any, pairs: Any, settings: Any, roi: Any, trade: Any, cursor: Any, fills: Any, loans: Any,
) -> Any:  # fmt: skip
    """Entry, exit and reversal of one candle."""
    short = (flag & 13) == 4
    wants = (short or (flag & 7) == 1) and may_enter
    before = trade[0, 0]
    entered = False
    if before == 0.0:
        if not wants:
            return
        enter(coin, tiers, pairs, settings, trade, 2, 0, short, opened, cursor, fills, loans, now, unit)
        entered = True
    for _ in range(2):
        if trade[0, 0] == 0.0:
            return
        price, reason = exit_price(trade, settings, roi, pairs, 0, flag, now, opened, high, low, close, cursor[3])
        if reason != 0:
            if price != coin[0, 4]:
                # A price set by hand holds until the next candle.
                coin[0, 4] = price
                cursor[2] = cursor[0] + 1
            leave(coin, tiers, pairs, settings, trade, 2, 0, price, cursor, fills, loans, now, reason)
        if entered or trade[0, 0] != 0.0 or not wants or (before < 0.0) == short:
            return
        coin[0, 4] = opened
        enter(coin, tiers, pairs, settings, trade, 2, 0, short, opened, cursor, fills, loans, now, unit)
        entered = True


@compiled
def simulate(
    ms: Any, opens: Any, highs: Any, lows: Any, closes: Any, flags: Any, units: Any, first: Any, interval: Any,
    coin: Any, tiers: Any, pairs: Any, settings: Any, roi: Any, trade: Any, cursor: Any, fills: Any,
    loans: Any, notes: Any, equity: Any,
) -> Any:  # fmt: skip
    """Plays on from the cursor. DONE at the end; LIQUIDATE when the engine must; FULL when the records need room."""
    bars = ms.shape[0]
    ratio, isolated = settings[16], settings[17] > 0.0
    # Candles of an hour or less see no full hour inside them.
    long_bars = interval > _HOUR
    last_entry = bars - 1 if settings[18] > 0.0 else bars
    while cursor[0] < bars:
        if cursor[1] == 0:
            coast(ms, highs, lows, closes, flags, interval, coin, tiers, pairs, settings, roi, trade, cursor, equity)
            if cursor[0] == bars:
                break
        bar = cursor[0]
        now = ms[bar]
        if cursor[1] == 0:
            # Full hours since the last candle, at its prices.
            hours = now // _HOUR
            if indebted(coin, 2):
                while cursor[3] < hours:
                    accrue(coin, 2, cursor)
                    if over(coin, tiers, 2, ratio, isolated):
                        cursor[9] = cursor[3] * _HOUR
                        return LIQUIDATE
            cursor[3] = hours
            coin[0, 4] = opens[bar]
            cursor[1] = 1
            if over(coin, tiers, 2, ratio, isolated):
                cursor[9] = now
                return LIQUIDATE
        if cursor[1] == 1:
            if cursor[4] + 8 > fills.shape[0] or cursor[5] + 16 > loans.shape[0] or cursor[6] + 4 > notes.shape[0]:
                return FULL
            if bar >= first:
                unit = units[bar] if units.shape[0] > 1 else units[0]
                decide(
                    now, flags[bar], opens[bar], highs[bar], lows[bar], closes[bar], unit, bar < last_entry, coin,
                    tiers, pairs, settings, roi, trade, cursor, fills, loans,
                )  # fmt: skip
            cursor[1] = 3
            if cursor[8] != 0:
                note(notes, cursor, coin, 2, now)
                if over(coin, tiers, 2, ratio, isolated):
                    cursor[9] = now
                    return LIQUIDATE
        # The way through the candle: it only matters to debts.
        while cursor[1] < 6 and indebted(coin, 2):
            phase = cursor[1]
            moment = now + interval * (phase - 2) // 3
            if long_bars:
                reached = (moment - 1 if phase == 5 else moment) // _HOUR
                while cursor[3] < reached:
                    accrue(coin, 2, cursor)
                    if over(coin, tiers, 2, ratio, isolated):
                        cursor[9] = cursor[3] * _HOUR
                        return LIQUIDATE
            if cursor[2] != bar + 1:
                up_first = highs[bar] - opens[bar] <= opens[bar] - lows[bar]
                if phase == 5:
                    coin[0, 4] = closes[bar]
                elif (phase == 3) == up_first:
                    coin[0, 4] = highs[bar]
                else:
                    coin[0, 4] = lows[bar]
            cursor[1] = phase + 1
            if over(coin, tiers, 2, ratio, isolated):
                cursor[9] = moment
                return LIQUIDATE
        if long_bars:
            # Hours without a debt pass unseen.
            cursor[3] = max(cursor[3], (now + interval - 1) // _HOUR)
        coin[0, 4] = closes[bar]
        equity[bar] = worth(coin, 2)
        cursor[0] = bar + 1
        cursor[1] = 0
    return DONE
