"""Where orders meet the market: placing, taking, resting, cancelling."""

from collections.abc import Iterator, Sequence
from decimal import Decimal

from ..model.decimals import MONEY_SCALE, STEPS, ZERO, cut, round_up
from ..model.refusals import Reason, Refusal
from ..model.words import LoanRecordType, OrderStatus, OrderType, RepayRecordType, TimeInForce
from .accounts import Holding, Wallet
from .events import FillEvent, OrderEvent
from .fills import deal, fill_row, record
from .loans import Draft, draft, lend, repay, settle
from .market import Level
from .orders import FINAL, Request, Working, check, cost, finish, given, remember, working_row
from .resting import Resting
from .state import State
from .terms import PairTerms

__all__ = ["activate", "cancel", "place", "slices", "sweep"]

# Members bound once: on 3.11 each look-up on the class is a Python call, and these are asked for with every order.
_LIMIT = OrderType.LIMIT
_MARKET = OrderType.MARKET
_CANCELLED = OrderStatus.CANCELLED
_FULL_FILL = OrderStatus.FULL_FILL
_PARTIAL_FILL = OrderStatus.PARTIAL_FILL
_POST_ONLY = TimeInForce.POST_ONLY
_FOK = TimeInForce.FOK
_IOC = TimeInForce.IOC
_AUTO_LOAN = LoanRecordType.AUTO
_AUTO_REPAY = RepayRecordType.AUTO


def place(state: State, wallet: Wallet, pair: PairTerms, request: Request, now: int) -> Working:
    """Takes an order: checks all of it, then borrows, fills what fills at once, freezes what rests."""
    last = check(state, wallet, pair, request, now)
    quantity, buys = request.quantity, request.buys
    late = state.policy.latency.ms
    parts = () if late else slices(state, pair, request, quantity, request.quote, last)
    if not parts and not late and request.type is _MARKET and pair.symbol in state.market.books:
        raise Refusal(Reason.NO_PRICE, pair.symbol)
    amounts = state.ledger.amounts
    holdings, coin = wallet.holdings, pair.quote if buys else pair.base
    need = cost(pair, request, quantity, state.in_quote)
    held = holdings.get(coin)
    short = need if held is None else need - amounts[held.available]
    loan: Draft | None = None
    if short > ZERO:
        if not request.borrows:
            raise Refusal(Reason.INSUFFICIENT_BALANCE, coin)
        loan = draft(state, wallet, coin, short)
    # From here on nothing is refused.
    base = holdings.get(pair.base) or state.holding(wallet, pair.base)
    quote = holdings.get(pair.quote) or state.holding(wallet, pair.quote)
    order = Working(wallet, pair.symbol, state.ids.take(now, 1), request, now)
    if loan is not None:
        pays = loan.holding
        settle(state, pays)
        state.ledger.commit(loan.moves)
        lend(state, wallet, loan, _AUTO_LOAN, need + amounts[pays.frozen], now)
    if late:
        _freeze(state, order, quote if buys else base, need)
        order.status = OrderStatus.INIT
        wallet.open.setdefault(pair.symbol, {})[order.id] = order
        state.wait(now + late, order.id, order)
    else:
        _enter(state, order, pair, base, quote, parts, now)
    remember(wallet, order)
    wallet.safe_until = state.quiet_until = -1
    if state.events is not None:
        state.touched(wallet, pair.base, pair.quote)
        tell(state, order, now)
    return order


def activate(state: State, order: Working, now: int) -> None:
    """An order that was on its way reaches the market, unless it was cancelled before."""
    if order.status in FINAL:
        return
    wallet, pair, request = order.wallet, state.terms.pairs[order.symbol], order.request
    base, quote = state.holding(wallet, pair.base), state.holding(wallet, pair.quote)
    last = state.market.last(pair.symbol)
    order.status = OrderStatus.NEW
    del wallet.open[order.symbol][order.id]
    _enter(state, order, pair, base, quote, slices(state, pair, request, request.quantity, request.quote, last), now)
    if order.status in FINAL:
        finish(order)
    state.touched(wallet, pair.base, pair.quote)
    tell(state, order, now)


def slices(
    state: State, pair: PairTerms, request: Request, quantity: Decimal | None, quote: Decimal | None,
    last: Decimal | None,
) -> Sequence[Level]:  # fmt: skip
    """What of an order fills at once, at which prices, where the pair was last traded at `last`; changes nothing."""
    market, policy, buys = state.market, state.policy, request.buys
    limit = request.price if request.type is _LIMIT else None
    book = market.books.get(pair.symbol)
    if book is not None:
        return _walk((book.asks if buys else book.bids)[: policy.book.levels], pair, buys, limit, quantity, quote)
    if last is None or (limit is not None and (limit < last if buys else limit > last)):
        return ()
    price = policy.slippage.price(buys, last)
    if limit is not None:
        price = min(price, limit) if buys else max(price, limit)
    size = _base(quantity, quote, price, pair)
    room = market.volumes.get(pair.symbol)
    if room is not None and room < size:
        size = cut(room, pair.quantity_scale)
    return ((price, size),) if size > ZERO else ()


def _walk(
    levels: Sequence[Level], pair: PairTerms, buys: bool, limit: Decimal | None, quantity: Decimal | None,
    quote: Decimal | None,
) -> Sequence[Level]:  # fmt: skip
    parts = []
    for price, offered in levels:
        if limit is not None and (price > limit if buys else price < limit):
            break
        size = min(_base(quantity, quote, price, pair), cut(offered, pair.quantity_scale))
        if size <= ZERO:
            break
        parts.append((price, size))
        if quantity is not None:
            quantity -= size
        elif quote is not None:
            quote -= round_up(price * size, MONEY_SCALE)
    return parts


def _base(quantity: Decimal | None, quote: Decimal | None, price: Decimal, pair: PairTerms) -> Decimal:
    """The quantity wanted; of a quote amount, what it buys, cut to the pair's scale."""
    if quantity is not None:
        return quantity
    step = STEPS[pair.quantity_scale]
    # Whole steps: a division would be carried on to sixty digits first.
    return given(quote) // (price * step) * step


def _enter(
    state: State, order: Working, pair: PairTerms, base: Holding, quote: Holding, parts: Sequence[Level], now: int
) -> None:
    """The market's part of placing: take, then rest or go."""
    request = order.request
    limit, force = order.limit, request.force
    if limit is not None and (force is _POST_ONLY or force is _FOK):
        if force is _POST_ONLY:
            refused = bool(parts) or _crosses(state, pair, request.buys, limit)
        else:
            refused = request.quantity != sum((quantity for _, quantity in parts), ZERO)
        if refused:
            order.status = _CANCELLED
            _release(state, order, quote if request.buys else base)
            return
    for price, quantity in parts:
        fill(state, order, pair, base, quote, price, quantity, pair.taker_fee, now)
    if parts and (state.market.books or state.market.volumes):
        consume(state, pair.symbol, request.buys, parts)
    elif parts:
        # Without a book or a bound on volume, what fills at all fills whole.
        order.status = _FULL_FILL
        if order.frozen:
            _release(state, order, quote if request.buys else base)
        return
    left = _left(order, pair, parts[-1][0] if parts else None)
    pays = quote if request.buys else base
    # A market order that is not full waits only for its share of the next volume: an empty book is a reason to go.
    stays = pair.symbol in state.market.volumes if limit is None else force is not _IOC
    if left is not None and left <= ZERO:
        order.status = _FULL_FILL
    elif not stays:
        order.status = _CANCELLED
    if order.status in FINAL:
        _release(state, order, pays)
        return
    in_quote = state.in_quote
    need = cost(pair, request, left if request.quantity is not None else None, in_quote, order.total)
    if order.frozen:
        _release(state, order, pays, order.frozen - need)
    else:
        # Rounding of the parts may add up to a unit more than the whole had to have at hand.
        _freeze(state, order, pays, min(need, state.ledger.amounts[pays.available]))
    order.wallet.open.setdefault(pair.symbol, {})[order.id] = order
    resting = state.resting.get(pair.symbol)
    if resting is None:
        resting = state.resting[pair.symbol] = Resting()
    resting.add(order)


def _crosses(state: State, pair: PairTerms, buys: bool, limit: Decimal) -> bool:
    last = state.market.last(pair.symbol)
    if pair.symbol in state.market.books or last is None:
        return False
    return limit >= last if buys else limit <= last


def _left(order: Working, pair: PairTerms, price: Decimal | None) -> Decimal | None:
    """The base quantity still wanted; None for a market buy that has met no price."""
    request = order.request
    if request.quantity is not None:
        return request.quantity - order.filled
    if price is None or request.quote is None:
        return None
    return _base(None, request.quote - order.total, price, pair)


def fill(
    state: State, order: Working, pair: PairTerms, base: Holding, quote: Holding, price: Decimal, quantity: Decimal,
    fee_rate: Decimal, now: int,
) -> None:  # fmt: skip
    """One trade of an order, its records, and what it repays."""
    wallet, request = order.wallet, order.request
    buys, in_quote, ledger = request.buys, state.in_quote, state.ledger
    frozen = order.frozen or None
    trade, moves = deal(state, buys, fee_rate, price, quantity, base, quote, frozen)
    ledger.commit(moves)
    _, _, total, fee = trade
    if order.filled:
        order.filled += quantity
        order.total += total
    else:
        order.filled, order.total = quantity, total
    if frozen is not None:
        order.frozen -= quantity if not buys else total + fee if in_quote else total
    order.status = _PARTIAL_FILL
    held_base, held_quote = state.held(base), state.held(quote)
    record(state, wallet, pair, order.id, request.type, request.side, buys, trade, held_base, held_quote, now)
    if state.events is not None:
        row = fill_row(pair.symbol, wallet.fills[pair.symbol].rows[-1])
        state.events.append(FillEvent(wallet.account.name, wallet.place, row, now))
    if request.repays and wallet.owing:
        got, came = (base, quantity) if buys else (quote, total)
        if got.coin in wallet.owing:
            if not (in_quote and buys):
                came -= fee
            repay(state, wallet, got, came, _AUTO_REPAY, now)


def consume(state: State, symbol: str, buys: bool, parts: Sequence[Level]) -> None:
    """Takes filled quantities out of the book, and out of the volume that may be traded."""
    market = state.market
    if symbol in market.books:
        market.take(symbol, buys, parts)
    elif symbol in market.volumes:
        market.volumes[symbol] -= sum((quantity for _, quantity in parts), ZERO)


def _freeze(state: State, order: Working, pays: Holding, amount: Decimal) -> None:
    state.ledger.commit(((pays.available, pays.frozen, amount),))
    order.frozen = amount


def _release(state: State, order: Working, pays: Holding, amount: Decimal | None = None) -> None:
    amount = order.frozen if amount is None else amount
    if amount > ZERO:
        state.ledger.commit(((pays.frozen, pays.available, amount),))
        order.frozen -= amount


def cancel(state: State, order: Working, now: int) -> None:
    """Ends a working order and gives back what was frozen for it."""
    wallet, pair = order.wallet, state.terms.pairs[order.symbol]
    pays = wallet.holdings[pair.quote if order.request.buys else pair.base]
    order.status = _CANCELLED
    _release(state, order, pays)
    _leave(state, order)
    state.touched(wallet, pays.coin)
    tell(state, order, now)


def _leave(state: State, order: Working) -> None:
    del order.wallet.open[order.symbol][order.id]
    resting = state.resting.get(order.symbol)
    if resting is not None:
        resting.remove(order)
    finish(order)


def tell(state: State, order: Working, now: int) -> None:
    if state.events is not None:
        wallet = order.wallet
        state.events.append(OrderEvent(wallet.account.name, wallet.place, working_row(order), now))


def sweep(state: State, symbol: str, gap: bool, now: int) -> Iterator[Wallet]:
    """Fills resting orders that the new price reaches, and yields each wallet before going on.

    After a gap they get the market's price when that is better than their own.
    """
    resting = state.resting.get(symbol)
    if resting is None or not len(resting):
        return
    market = state.market.last(symbol)
    if market is None:
        return
    pair = state.terms.pairs[symbol]
    for order in list(resting.takers.values()):
        if order.status not in FINAL and (parts := slices(state, pair, order.request, *_wanted(order), market)):
            yield _refill(state, order, pair, parts, pair.taker_fee, now)
    for buys in (True, False):
        while (order_ := resting.best(buys)) is not None:
            parts = _reached(state, order_, pair, market, gap)
            if not parts:
                break
            yield _refill(state, order_, pair, parts, pair.maker_fee, now)


def _wanted(order: Working) -> tuple[Decimal | None, Decimal | None]:
    request = order.request
    if request.quantity is not None:
        return request.quantity - order.filled, None
    return None, given(request.quote) - order.total


def _reached(state: State, order: Working, pair: PairTerms, market: Decimal, gap: bool) -> Sequence[Level]:
    """What a resting limit order trades now, at which price."""
    price, buys = given(order.limit), order.request.buys
    left = given(order.request.quantity) - order.filled
    book = state.market.books.get(pair.symbol)
    if book is not None:
        return _walk(book.asks if buys else book.bids, pair, buys, price, left, None)
    if not state.policy.trigger.reached(buys, price, market, STEPS[pair.price_scale]):
        return ()
    room = state.market.volumes.get(pair.symbol)
    size = left if room is None else min(left, cut(room, pair.quantity_scale))
    if size <= ZERO:
        return ()
    if gap:
        price = min(price, market) if buys else max(price, market)
    return ((price, size),)


def _refill(
    state: State, order: Working, pair: PairTerms, parts: Sequence[Level], fee_rate: Decimal, now: int
) -> Wallet:
    """Further fills of a working order."""
    wallet, request = order.wallet, order.request
    base, quote = wallet.holdings[pair.base], wallet.holdings[pair.quote]
    consume(state, pair.symbol, request.buys, parts)
    for price, quantity in parts:
        # In a book a maker trades at his own price, whatever the level that met it.
        own = order.limit if pair.symbol in state.market.books and order.limit is not None else price
        fill(state, order, pair, base, quote, own, quantity, fee_rate, now)
    left = _left(order, pair, parts[-1][0])
    if left is not None and left <= ZERO:
        order.status = _FULL_FILL
        _release(state, order, quote if request.buys else base)
        _leave(state, order)
    state.touched(wallet, pair.base, pair.quote)
    tell(state, order, now)
    return wallet
