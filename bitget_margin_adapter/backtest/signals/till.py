"""The kernel's till: what an account is worth, may borrow, buys and sells; the engine's rules in floats."""

from math import floor
from typing import Any

from .compiled import compiled
from .money import cut_steps, half_up8, hourly, round_up8

__all__ = [
    "accrue", "borrow", "buy", "indebted", "log_fill", "log_loan", "most_borrowable", "note", "over", "repay", "sell",
    "tier_at", "worth",
]  # fmt: skip


@compiled
def worth(
    coin: Any, count: Any,
) -> Any:  # fmt: skip
    """The account at the present prices."""
    total = 0.0
    for c in range(count):
        total += (coin[c, 0] - coin[c, 1] - coin[c, 2]) * coin[c, 4]
    return total


@compiled
def tier_at(
    tiers: Any, c: Any, debt: Any,
) -> Any:  # fmt: skip
    last = tiers.shape[1] - 1
    for k in range(last):
        if debt <= tiers[c, k, 0]:
            return k
    return last


@compiled
def over(
    coin: Any, tiers: Any, count: Any, ratio: Any, isolated: Any,
) -> Any:  # fmt: skip
    """Whether the risk rate is at least `ratio`."""
    need = have = 0.0
    owes = 0
    largest = 0.0
    which = 0.0
    value = 0.0
    for c in range(count):
        owed = coin[c, 1] + coin[c, 2]
        price = coin[c, 4]
        have += (coin[c, 0] - owed) * price
        if owed > 0.0:
            owes += 1
            maintain = tiers[c, tier_at(tiers, c, owed), 1]
            value += owed * price
            need += owed * price * maintain
            if owed * price > largest:
                largest = owed * price
                which = maintain
    if owes == 0:
        return False
    if isolated and owes > 1:
        need = value * which
    return need >= have * ratio


@compiled
def most_borrowable(
    coin: Any, tiers: Any, count: Any, c: Any,
) -> Any:  # fmt: skip
    have = debt = 0.0
    for k in range(count):
        owed = coin[k, 1] + coin[k, 2]
        have += coin[k, 0] * coin[k, 4]
        debt += owed * coin[k, 4]
    net = have - debt
    owed = coin[c, 1] + coin[c, 2]
    most = 0.0
    floor_ = 0.0
    levels = tiers.shape[1]
    for k in range(levels):
        top = (net * (tiers[c, k, 2] - 1.0) - debt) / coin[c, 4]
        if k < levels - 1:
            top = min(top, tiers[c, k, 0] - owed)
        if owed + top > floor_ or floor_ == 0.0:
            most = max(most, top)
        floor_ = tiers[c, k, 0]
    most = min(most, coin[c, 6] - owed)
    return floor(max(most, 0.0) * 1e8) / 1e8


@compiled
def log_loan(
    loans: Any, cursor: Any, ms: Any, c: Any, amount: Any, principal: Any, interest: Any, kind: Any,
    charge: Any,
) -> Any:  # fmt: skip
    row = cursor[5]
    loans[row, 0] = ms
    loans[row, 1] = c
    loans[row, 2] = amount
    loans[row, 3] = principal
    loans[row, 4] = interest
    loans[row, 5] = kind
    loans[row, 6] = cursor[3]
    loans[row, 7] = charge
    cursor[5] = row + 1


@compiled
def borrow(
    coin: Any, tiers: Any, count: Any, c: Any, amount: Any, cursor: Any, loans: Any, ms: Any,
) -> Any:  # fmt: skip
    """Whether the venue lends it."""
    if amount > most_borrowable(coin, tiers, count, c):
        return False
    first = hourly(amount, coin[c, 5])
    coin[c, 0] = half_up8(coin[c, 0] + amount)
    coin[c, 1] = half_up8(coin[c, 1] + amount)
    coin[c, 2] = half_up8(coin[c, 2] + first)
    coin[c, 3] = hourly(coin[c, 1], coin[c, 5])
    log_loan(loans, cursor, ms, c, amount, amount, first, 0, coin[c, 3])
    return True


@compiled
def repay(
    coin: Any, c: Any, amount: Any, cursor: Any, loans: Any, ms: Any,
) -> Any:  # fmt: skip
    """Interest first, then principal, of what a fill brought in."""
    interest = min(amount, coin[c, 2])
    principal = min(amount - interest, coin[c, 1])
    paid = half_up8(interest + principal)
    if paid <= 0.0:
        return
    coin[c, 0] = half_up8(coin[c, 0] - paid)
    coin[c, 2] = half_up8(coin[c, 2] - interest)
    coin[c, 1] = half_up8(coin[c, 1] - principal)
    coin[c, 3] = hourly(coin[c, 1], coin[c, 5])
    log_loan(loans, cursor, ms, c, paid, principal, interest, 1, coin[c, 3])


@compiled
def log_fill(
    fills: Any, cursor: Any, ms: Any, k: Any, sells: Any, price: Any, amount: Any, total: Any, fee: Any,
    reason: Any,
) -> Any:  # fmt: skip
    row = cursor[4]
    fills[row, 0] = ms
    fills[row, 1] = k
    fills[row, 2] = sells
    fills[row, 3] = price
    fills[row, 4] = amount
    fills[row, 5] = total
    fills[row, 6] = fee
    fills[row, 7] = reason
    fills[row, 8] = cursor[0]
    cursor[4] = row + 1
    cursor[8] = 1


@compiled
def buy(
    coin: Any, tiers: Any, pairs: Any, settings: Any, count: Any, k: Any, cost: Any, price: Any, cursor: Any,
    fills: Any, loans: Any, ms: Any, reason: Any,
) -> Any:  # fmt: skip
    """A market buy that spends `cost`, borrowing what is short; the quantity, 0 when the venue refuses."""
    fee_rate, quote, in_quote = pairs[k, 2], count - 1, settings[3] > 0.0
    quantity = cut_steps(cost / price, pairs[k, 0])
    if cost < pairs[k, 4] or cost / price < pairs[k, 3] or cost / price > pairs[k, 5] or quantity <= 0.0:
        return 0.0
    need = cost
    if in_quote:
        need = half_up8(cost + round_up8(cost * fee_rate))
    short = half_up8(need - coin[quote, 0])
    if short > 0.0 and not borrow(coin, tiers, count, quote, short, cursor, loans, ms):
        return 0.0
    total = half_up8(price * quantity)
    if in_quote:
        fee = half_up8(total * fee_rate)
        coin[quote, 0] = half_up8(coin[quote, 0] - total - fee)
        came = quantity
    else:
        fee = half_up8(quantity * fee_rate)
        coin[quote, 0] = half_up8(coin[quote, 0] - total)
        came = half_up8(quantity - fee)
    coin[k, 0] = half_up8(coin[k, 0] + came)
    log_fill(fills, cursor, ms, k, 0.0, price, quantity, total, fee, reason)
    if coin[k, 1] + coin[k, 2] > 0.0:
        repay(coin, k, came, cursor, loans, ms)
    return quantity


@compiled
def sell(
    coin: Any, tiers: Any, pairs: Any, settings: Any, count: Any, k: Any, quantity: Any, price: Any,
    cursor: Any, fills: Any, loans: Any, ms: Any, reason: Any,
) -> Any:  # fmt: skip
    """A market sale, borrowing what is short; the quantity, 0 when the venue refuses."""
    fee_rate, quote = pairs[k, 2], count - 1
    if quantity < pairs[k, 3] or quantity > pairs[k, 5] or quantity * price < pairs[k, 4]:
        return 0.0
    short = half_up8(quantity - coin[k, 0])
    if short > 0.0 and not borrow(coin, tiers, count, k, short, cursor, loans, ms):
        return 0.0
    total = half_up8(price * quantity)
    fee = half_up8(total * fee_rate)
    coin[k, 0] = half_up8(coin[k, 0] - quantity)
    came = half_up8(total - fee)
    coin[quote, 0] = half_up8(coin[quote, 0] + came)
    log_fill(fills, cursor, ms, k, 1.0, price, quantity, total, fee, reason)
    if coin[quote, 1] + coin[quote, 2] > 0.0:
        repay(coin, quote, came, cursor, loans, ms)
    return quantity


@compiled
def note(
    notes: Any, cursor: Any, coin: Any, count: Any, ms: Any,
) -> Any:  # fmt: skip
    """What is held and owed after a change."""
    row = cursor[6]
    if row > 0 and notes[row - 1, 0] == ms:
        row -= 1
    notes[row, 0] = ms
    notes[row, 1] = cursor[3]
    for c in range(count):
        notes[row, 2 + 3 * c] = coin[c, 0]
        notes[row, 3 + 3 * c] = coin[c, 1] + coin[c, 2]
        notes[row, 4 + 3 * c] = coin[c, 3]
    cursor[6] = row + 1
    cursor[8] = 0


@compiled
def accrue(
    coin: Any, count: Any, cursor: Any,
) -> Any:  # fmt: skip
    """One more hour's interest on whatever is owed."""
    cursor[3] += 1
    for c in range(count):
        if coin[c, 3] > 0.0:
            coin[c, 2] = half_up8(coin[c, 2] + coin[c, 3])


@compiled
def indebted(
    coin: Any, count: Any,
) -> Any:  # fmt: skip
    owed = 0.0
    for c in range(count):
        owed += coin[c, 1] + coin[c, 2]
    return owed > 0.0
