"""The kernel's margin account: what it is worth, may borrow, buys and sells; the engine's rules in floats."""

from math import floor
from typing import Any

from .money import cut_steps, half_up8, hourly, round_up8

__all__ = [
    "accrue", "borrow", "buy", "indebted", "log_fill", "log_loan", "most_borrowable", "note", "over", "repay", "sell",
    "tier_at", "worth",
]  # fmt: skip


def worth(base: Any, quote: Any) -> float:
    """The account at the present price."""
    value: float = (base.held - base.principal - base.interest) * base.price
    cash: float = quote.held - quote.principal - quote.interest
    return value + cash


def indebted(base: Any, quote: Any) -> bool:
    owed: float = base.principal + base.interest + quote.principal + quote.interest
    return owed > 0.0


def tier_at(tiers: Any, place: int, debt: float) -> int:
    last = tiers.shape[1] - 1
    for k in range(last):
        if debt <= tiers[place, k, 0]:
            return k
    return int(last)


def over(base: Any, quote: Any, tiers: Any, ratio: float, isolated: int) -> bool:
    """Whether the risk rate is at least `ratio`."""
    owed_base, owed_quote = base.principal + base.interest, quote.principal + quote.interest
    if owed_base <= 0.0 and owed_quote <= 0.0:
        return False
    value = owed_base * base.price
    have = (base.held - owed_base) * base.price + (quote.held - owed_quote)
    maintain = tiers[base.place, tier_at(tiers, base.place, owed_base), 1] if owed_base > 0.0 else 0.0
    maintain_quote = tiers[quote.place, tier_at(tiers, quote.place, owed_quote), 1] if owed_quote > 0.0 else 0.0
    need = value * maintain + owed_quote * maintain_quote
    if isolated and owed_base > 0.0 and owed_quote > 0.0:
        # The larger debt's rate goes for both.
        need = (value + owed_quote) * (maintain_quote if owed_quote > value else maintain)
    return bool(need >= have * ratio)


def most_borrowable(coin: Any, base: Any, quote: Any, tiers: Any) -> float:
    debt = (base.principal + base.interest) * base.price + (quote.principal + quote.interest)
    net = base.held * base.price + quote.held - debt
    owed = coin.principal + coin.interest
    most: float = 0.0
    bottom = 0.0
    levels = tiers.shape[1]
    for k in range(levels):
        top = (net * (tiers[coin.place, k, 2] - 1.0) - debt) / coin.price
        if k < levels - 1:
            top = min(top, tiers[coin.place, k, 0] - owed)
        if owed + top > bottom or bottom == 0.0:
            most = max(most, top)
        bottom = tiers[coin.place, k, 0]
    most = max(min(most, coin.ceiling - owed), 0.0)
    return floor(most * 1e8) / 1e8


def log_loan(
    loans: Any, cursor: Any, ms: int, coin: Any, amount: float, principal: float, interest: float, kind: int
) -> None:
    row = loans[cursor.loans]
    row.ms = ms
    row.coin = coin.place
    row.amount = amount
    row.principal = principal
    row.interest = interest
    row.kind = kind
    row.hour = cursor.hour
    row.charge = coin.charge
    cursor.loans += 1


def borrow(
    coin: Any, base: Any, quote: Any, tiers: Any, amount: float, cursor: Any, loans: Any, ms: int
) -> bool:  # fmt: skip
    """Whether the venue lends it."""
    if amount > most_borrowable(coin, base, quote, tiers):
        return False
    first = hourly(amount, coin.rate)
    coin.held = half_up8(coin.held + amount)
    coin.principal = half_up8(coin.principal + amount)
    coin.interest = half_up8(coin.interest + first)
    coin.charge = hourly(coin.principal, coin.rate)
    log_loan(loans, cursor, ms, coin, amount, amount, first, 0)
    return True


def repay(coin: Any, amount: float, cursor: Any, loans: Any, ms: int) -> None:
    """Interest first, then principal, of what a fill brought in."""
    interest = min(amount, coin.interest)
    principal = min(amount - interest, coin.principal)
    paid = half_up8(interest + principal)
    if paid <= 0.0:
        return
    coin.held = half_up8(coin.held - paid)
    coin.interest = half_up8(coin.interest - interest)
    coin.principal = half_up8(coin.principal - principal)
    coin.charge = hourly(coin.principal, coin.rate)
    log_loan(loans, cursor, ms, coin, paid, principal, interest, 1)


def log_fill(
    fills: Any, cursor: Any, ms: int, sells: int, price: float, amount: float, total: float, fee: float
) -> None:
    """The reason is for whoever gave the order to add."""
    row = fills[cursor.fills]
    row.ms = ms
    row.sells = sells
    row.price = price
    row.amount = amount
    row.total = total
    row.fee = fee
    row.bar = cursor.bar
    cursor.fills += 1
    cursor.changed = 1


def buy(
    base: Any, quote: Any, tiers: Any, terms: Any, cost: float, price: float, cursor: Any, fills: Any, loans: Any,
    ms: int,
) -> float:  # fmt: skip
    """A market buy that spends `cost`, borrowing what is short; the quantity, 0 when the venue refuses."""
    wanted = cost / price
    quantity = cut_steps(wanted, terms.amount_units)
    if cost < terms.least_value or wanted < terms.least_amount or wanted > terms.most_amount or quantity <= 0.0:
        return 0.0
    need = cost
    if terms.fee_in_quote:
        need = half_up8(cost + round_up8(cost * terms.fee))
    short = half_up8(need - quote.held)
    if short > 0.0 and not borrow(quote, base, quote, tiers, short, cursor, loans, ms):
        return 0.0
    total = half_up8(price * quantity)
    if terms.fee_in_quote:
        fee = half_up8(total * terms.fee)
        quote.held = half_up8(quote.held - total - fee)
        came = quantity
    else:
        fee = half_up8(quantity * terms.fee)
        quote.held = half_up8(quote.held - total)
        came = half_up8(quantity - fee)
    base.held = half_up8(base.held + came)
    log_fill(fills, cursor, ms, 0, price, quantity, total, fee)
    if base.principal + base.interest > 0.0:
        repay(base, came, cursor, loans, ms)
    return quantity


def sell(
    base: Any, quote: Any, tiers: Any, terms: Any, quantity: float, price: float, cursor: Any, fills: Any, loans: Any,
    ms: int,
) -> float:  # fmt: skip
    """A market sale, borrowing what is short; the quantity, 0 when the venue refuses."""
    if quantity < terms.least_amount or quantity > terms.most_amount or quantity * price < terms.least_value:
        return 0.0
    short = half_up8(quantity - base.held)
    if short > 0.0 and not borrow(base, base, quote, tiers, short, cursor, loans, ms):
        return 0.0
    total = half_up8(price * quantity)
    fee = half_up8(total * terms.fee)
    base.held = half_up8(base.held - quantity)
    came = half_up8(total - fee)
    quote.held = half_up8(quote.held + came)
    log_fill(fills, cursor, ms, 1, price, quantity, total, fee)
    if quote.principal + quote.interest > 0.0:
        repay(quote, came, cursor, loans, ms)
    return quantity


def note(notes: Any, cursor: Any, base: Any, quote: Any, ms: int) -> None:
    """What is held and owed after a change; a second one at the same time replaces the first."""
    place = cursor.notes
    if place > 0 and notes[place - 1].ms == ms:
        place -= 1
    row = notes[place]
    row.ms = ms
    row.hour = cursor.hour
    row.base_held = base.held
    row.base_owed = base.principal + base.interest
    row.base_charge = base.charge
    row.quote_held = quote.held
    row.quote_owed = quote.principal + quote.interest
    row.quote_charge = quote.charge
    cursor.notes = place + 1
    cursor.changed = 0


def accrue(base: Any, quote: Any, cursor: Any) -> None:
    """One more hour's interest on whatever is owed."""
    cursor.hour += 1
    if base.charge > 0.0:
        base.interest = half_up8(base.interest + base.charge)
    if quote.charge > 0.0:
        quote.interest = half_up8(quote.interest + quote.charge)
