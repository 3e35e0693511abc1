"""One trade: the moves on the books, and the records that it leaves."""

from decimal import ROUND_HALF_UP, Decimal

from ..model.decimals import MONEY_SCALE, STEPS, ZERO
from ..model.rows import Fill
from ..model.words import MarginType, OrderType, Side
from .accounts import Holding, Wallet
from .ledger import Move
from .records import Log, Row
from .state import State
from .terms import PairTerms

__all__ = ["Trade", "deal", "fill_row", "record"]

Trade = tuple[Decimal, Decimal, Decimal, Decimal]
"""Price, base quantity, total in quote, fee (in the coin that the terms say)."""

_UNIT = STEPS[MONEY_SCALE]
_DEAL = (MarginType.DEAL_IN.value, MarginType.DEAL_OUT.value)
_LIQUIDATION = (MarginType.SYS_EXCHANGE_IN.value, MarginType.SYS_EXCHANGE_OUT.value)
_REPAYMENT = (MarginType.EXCHANGE_IN.value, MarginType.EXCHANGE_OUT.value)
_KINDS = {
    Side.BUY: _DEAL,
    Side.SELL: _DEAL,
    Side.LIQUIDATION_BUY: _LIQUIDATION,
    Side.LIQUIDATION_SELL: _LIQUIDATION,
    Side.REPAY_BUY: _REPAYMENT,
    Side.REPAY_SELL: _REPAYMENT,
}


def deal(
    state: State, buys: bool, fee_rate: Decimal, price: Decimal, quantity: Decimal, base: Holding, quote: Holding,
    frozen: Decimal | None,
) -> tuple[Trade, tuple[Move, ...]]:  # fmt: skip
    """The figures of a trade and its moves, paid from what is frozen for the order, if anything is."""
    total = (price * quantity).quantize(_UNIT, ROUND_HALF_UP)
    base_house, quote_house = base.house, quote.house
    if buys and frozen is not None and total > frozen:
        # Rounding of a part may not take more than was frozen for the whole.
        total = frozen
    if state.in_quote:
        fee = (total * fee_rate).quantize(_UNIT, ROUND_HALF_UP)
        if buys:
            if frozen is not None:
                fee = min(fee, frozen - total)
            source = quote.available if frozen is None else quote.frozen
            return (price, quantity, total, fee), (
                (source, quote_house.market, total),
                (source, quote_house.fees, fee),
                (base_house.market, base.available, quantity),
            )
    if buys:
        fee = (quantity * fee_rate).quantize(_UNIT, ROUND_HALF_UP)
        return (price, quantity, total, fee), (
            (quote.available if frozen is None else quote.frozen, quote_house.market, total),
            (base_house.market, base.available, quantity),
            (base.available, base_house.fees, fee),
        )
    fee = (total * fee_rate).quantize(_UNIT, ROUND_HALF_UP)
    return (price, quantity, total, fee), (
        (base.available if frozen is None else base.frozen, base_house.market, quantity),
        (quote_house.market, quote.available, total),
        (quote.available, quote_house.fees, fee),
    )


def record(
    state: State, wallet: Wallet, pair: PairTerms, order_id: int, kind: OrderType, side: Side, buys: bool,
    trade: Trade, held_base: Decimal, held_quote: Decimal, now: int,
) -> None:  # fmt: skip
    """The fill and both financial rows, with what was held of either coin right after the trade."""
    price, quantity, total, fee = trade
    log = wallet.fills.get(pair.symbol)
    if log is None:
        log = wallet.fills[pair.symbol] = Log()
    in_quote = state.in_quote
    coin = pair.quote if in_quote or not buys else pair.base
    row_id = state.ids.take(now, 3)
    log.rows.append((row_id, now, order_id, kind._value_, side._value_, price, quantity, total, coin, fee))
    came, went = _KINDS[side]
    row = wallet.finance.rows.append
    if buys:
        row((row_id + 1, now, pair.quote, went, -total, fee if in_quote else ZERO, held_quote))
        row((row_id + 2, now, pair.base, came, quantity, ZERO if in_quote else fee, held_base))
    else:
        row((row_id + 1, now, pair.base, went, -quantity, ZERO, held_base))
        row((row_id + 2, now, pair.quote, came, total, fee, held_quote))


def fill_row(symbol: str, row: Row) -> Fill:
    fill_id, time, order_id, kind, side, price, quantity, total, coin, fee = row
    return Fill(
        symbol,
        str(fill_id),
        str(order_id),
        OrderType(kind),
        Side(side),
        price,
        quantity,
        total,
        coin,
        -fee,
        time,
    )
