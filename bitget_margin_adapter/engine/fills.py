"""One trade: the moves on the books, and the records that it leaves."""

from decimal import Decimal

from ..model.decimals import MONEY_SCALE, ZERO, half_up
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

_KINDS = {
    Side.BUY: (MarginType.DEAL_IN, MarginType.DEAL_OUT),
    Side.SELL: (MarginType.DEAL_IN, MarginType.DEAL_OUT),
    Side.LIQUIDATION_BUY: (MarginType.SYS_EXCHANGE_IN, MarginType.SYS_EXCHANGE_OUT),
    Side.LIQUIDATION_SELL: (MarginType.SYS_EXCHANGE_IN, MarginType.SYS_EXCHANGE_OUT),
    Side.REPAY_BUY: (MarginType.EXCHANGE_IN, MarginType.EXCHANGE_OUT),
    Side.REPAY_SELL: (MarginType.EXCHANGE_IN, MarginType.EXCHANGE_OUT),
}


def deal(
    state: State, buys: bool, fee_rate: Decimal, price: Decimal, quantity: Decimal, base: Holding, quote: Holding,
    frozen: bool, most: Decimal | None = None,
) -> tuple[Trade, tuple[Move, ...]]:  # fmt: skip
    """The figures of a trade and its moves, paid from the frozen or the available slot."""
    total = half_up(price * quantity, MONEY_SCALE)
    if most is not None and total > most:
        # Rounding of a part may not take more than was frozen for the whole.
        total = most
    base_house, quote_house = state.ledger.house(base.coin), state.ledger.house(quote.coin)
    if state.terms.fee_coin == "quote":
        fee = half_up(total * fee_rate, MONEY_SCALE)
        if buys:
            if most is not None:
                fee = min(fee, most - total)
            source = quote.frozen if frozen else quote.available
            return (price, quantity, total, fee), (
                (source, quote_house.market, total),
                (source, quote_house.fees, fee),
                (base_house.market, base.available, quantity),
            )
    if buys:
        fee = half_up(quantity * fee_rate, MONEY_SCALE)
        return (price, quantity, total, fee), (
            (quote.frozen if frozen else quote.available, quote_house.market, total),
            (base_house.market, base.available, quantity),
            (base.available, base_house.fees, fee),
        )
    fee = half_up(total * fee_rate, MONEY_SCALE)
    return (price, quantity, total, fee), (
        (base.frozen if frozen else base.available, base_house.market, quantity),
        (quote_house.market, quote.available, total),
        (quote.available, quote_house.fees, fee),
    )


def record(
    state: State, wallet: Wallet, pair: PairTerms, order_id: int, kind: OrderType, side: Side, buys: bool,
    trade: Trade, base: Holding, quote: Holding, held: tuple[Decimal, Decimal], now: int,
) -> None:  # fmt: skip
    """The fill and both financial rows; `held` is what was held of base and quote right after the trade."""
    price, quantity, total, fee = trade
    log = wallet.fills.get(pair.symbol)
    if log is None:
        log = wallet.fills[pair.symbol] = Log()
    in_quote = state.terms.fee_coin == "quote"
    coin = pair.quote if in_quote or not buys else pair.base
    next_id = state.ids.next
    log.rows.append((next_id(now), now, order_id, kind.value, side.value, price, quantity, total, coin, -fee))
    came, went = _KINDS[side]
    rows = wallet.finance.rows
    if buys:
        paid_fee = fee if in_quote else ZERO
        rows.append((next_id(now), now, pair.quote, went.value, -total, paid_fee, held[1]))
        rows.append((next_id(now), now, pair.base, came.value, quantity, fee - paid_fee, held[0]))
    else:
        rows.append((next_id(now), now, pair.base, went.value, -quantity, ZERO, held[0]))
        rows.append((next_id(now), now, pair.quote, came.value, total, fee, held[1]))


def fill_row(symbol: str, row: Row) -> Fill:
    fill_id, time, order_id, kind, side, price, quantity, total, coin, fees = row
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
        fees,
        time,
    )
