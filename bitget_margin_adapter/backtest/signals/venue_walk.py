"""A strategy's walk with the money on the margin venue: every entry and exit is an order through ccxt's calls."""

from collections.abc import Mapping, Sequence
from typing import Any

from ccxt.base import errors

from ...engine.interest import hourly
from ...model.decimals import ZERO, exact, round_up
from ...model.words import Mode
from ...venue.profile import Profile
from ..bots import open_exchange
from ..errors import BacktestError
from ..exchange import ReplayExchange
from ..feeds import Feed, place_funds, profile_of
from ..played import played_result
from ..progress import Progress
from ..result import Result
from ..stage import ACCOUNT, Stage
from .frames import Provider, Signals
from .plan import Plan
from .trade import Trade
from .walk import Walk
from .wallet import PairLimits

__all__ = ["VenueAccount", "walk_on_venue"]

_HOUR = 3_600_000
_LOANS = {"autoBorrow": True, "autoRepay": True}


class VenueAccount:
    """A walk's account on a stage. `reasons` says by order why it was given."""

    def __init__(self, stage: Stage, exchange: Any, feeds: Sequence[Feed], profile: Profile, mode: str) -> None:
        self._stage = stage
        self._exchange = exchange
        self._feeds = {feed.symbol: feed for feed in feeds}
        self._profile = profile
        self._mode = mode
        self._trades: dict[str, Trade] = {}
        self._charges: dict[str, tuple[float, int]] = {}
        self._forced = 0
        self.reasons: dict[str, str] = {}

    def advance(self, time: int) -> list[tuple[str, float]]:
        stage = self._stage
        if stage.idle():
            stage.moment = max(stage.moment, time)
            return []
        stage.catch_up()
        stage.play(time)
        for pair, trade in self._trades.items():
            charge, hour = self._charges[pair]
            trade.interest = charge * (1 + time // _HOUR - hour)
        forced = sum(len(wallet.liquidations) for wallet in self._wallets())
        if forced == self._forced:
            return []
        self._forced = forced
        return [(pair, self._price(pair)) for pair, trade in list(self._trades.items()) if self._is_gone(trade)]

    def total(self) -> float:
        self._stage.catch_up()
        state = self._stage.venue.inside
        lines = (line for wallet in self._wallets() for line in state.lines(wallet))
        return float(sum(((line.assets - line.debt) * line.price for line in lines), ZERO))

    def tied(self) -> float:
        return sum(trade.stake_amount for trade in self._trades.values())

    def enter(self, trade: Trade, time: int) -> bool:
        symbol = trade.pair
        self._show(symbol, trade.open_rate)
        side = "sell" if trade.is_short else "buy"
        coin = self._coin(symbol, trade.is_short)
        before = self._principal(symbol, coin)
        try:
            order = self._exchange.create_order(symbol, "market", side, trade.amount, trade.open_rate, _LOANS)
        except (errors.InsufficientFunds, errors.InvalidOrder):
            return False
        self.reasons[order["id"]] = trade.enter_tag
        trade.amount = trade.amount_requested = self._filled(symbol)
        trade.stake_amount = trade.amount * trade.open_rate / trade.leverage
        lent = self._principal(symbol, coin) - before
        rate = self._stage.venue.inside.rates[coin] * self._profile.vip_discounts[0]
        trade.interest = float(hourly(lent, rate)) if lent > ZERO else 0.0
        self._charges[symbol] = (trade.interest, time // _HOUR)
        self._trades[symbol] = trade
        self._stage.valuation.note_if_changed(time)
        return True

    def leave(self, trade: Trade, rate: float, time: int) -> float | None:
        """None when the venue does not take the order; the trade then stays open."""
        symbol, feed = trade.pair, self._feeds[trade.pair]
        self._show(symbol, rate)
        balance = self._exchange.fetch_balance({"symbol": symbol} if self._mode == "isolated" else {})
        try:
            if not trade.is_short:
                order = self._exchange.create_order(symbol, "market", "sell", balance[feed.base]["free"], None, _LOANS)
            else:
                cost = self._cost_of(feed, balance[feed.base]["debt"], rate)
                order = self._exchange.create_market_buy_order_with_cost(symbol, cost, _LOANS)
        except (errors.InsufficientFunds, errors.InvalidOrder):
            return None
        self.reasons[order["id"]] = trade.exit_reason or ""
        self._drop(symbol)
        self._stage.valuation.note_if_changed(time)
        return trade.calc_profit(rate)

    def _cost_of(self, feed: Feed, owed: Any, rate: float) -> str:
        """What buys the whole debt, fee included, up to the steps."""
        pair = self._profile.pairs[feed.id]
        wanted = exact(owed) if self._profile.fee_coin == "quote" else exact(owed) / (1 - pair.taker_fee)
        quantity = round_up(wanted, pair.quantity_scale)
        cost = max(round_up(quantity * exact(rate), pair.price_scale), pair.min_value)
        return f"{cost:f}"

    def _show(self, symbol: str, price: float) -> None:
        self._stage.catch_up()
        if self._price(symbol) != price:
            self._stage.control.run("market", {"symbol": symbol, "price": price})

    def _price(self, symbol: str) -> float:
        last = self._stage.venue.market.last(self._feeds[symbol].id)
        return 0.0 if last is None else float(last)

    def _wallets(self) -> list[Any]:
        return list(self._stage.venue.inside.accounts[ACCOUNT].margin())

    def _wallet(self, symbol: str) -> Any:
        id_ = self._feeds[symbol].id
        wanted = Mode.CROSS if self._mode == "cross" else Mode.ISOLATED
        return next(
            (wallet for wallet in self._wallets() if wallet.mode is wanted and wallet.symbol in (None, id_)), None
        )

    def _coin(self, symbol: str, short: bool) -> str:
        return self._feeds[symbol].base if short else self._feeds[symbol].quote

    def _principal(self, symbol: str, coin: str) -> Any:
        wallet = self._wallet(symbol)
        holding = None if wallet is None else wallet.owing.get(coin)
        return ZERO if holding is None else self._stage.venue.inside.ledger.amounts[holding.principal]

    def _filled(self, symbol: str) -> float:
        return float(self._wallet(symbol).fills[self._feeds[symbol].id].rows[-1][6])

    def _is_gone(self, trade: Trade) -> bool:
        """Whether so little is left of a position that it cannot be traded."""
        state, base = self._stage.venue.inside, self._feeds[trade.pair].base
        holding = self._wallet(trade.pair).holdings[base]
        left = state.owed(holding) if trade.is_short else state.held(holding)
        gone = float(left) * self._price(trade.pair) < float(self._profile.pairs[self._feeds[trade.pair].id].min_value)
        if gone:
            self._drop(trade.pair)
        return gone

    def _drop(self, symbol: str) -> None:
        self._trades.pop(symbol, None)
        self._charges.pop(symbol, None)


def walk_on_venue(
    strategy: Any, plan: Plan, feeds: list[Feed], signals: list[Signals], provider: Provider, funds: Mapping[str, Any],
    margin_mode: str, config: Mapping[str, Any], bar: Progress,
) -> Result:  # fmt: skip

    profile = profile_of(feeds, config)
    stage = Stage(feeds, profile, place_funds(funds, margin_mode, feeds), config)
    exchange = open_exchange(stage, margin_mode, ReplayExchange, config.get("options", {}))
    exchange.load_markets()
    account = VenueAccount(stage, exchange, feeds, profile, margin_mode)
    pairs = [profile.pairs[feed.id] for feed in feeds]
    most = [float(pair.cross_leverage if margin_mode == "cross" else pair.isolated_leverage) for pair in pairs]
    limits = [
        PairLimits(pair.quantity_scale, float(pair.min_amount), float(pair.min_value), leverage)
        for pair, leverage in zip(pairs, most, strict=True)
    ]
    walk = Walk(
        plan, strategy, signals, limits, account, provider, float(pairs[0].taker_fee),
        [10.0**pair.price_scale for pair in pairs], on_venue=True, leverage=float(config.get("leverage", 1.0)),
        fixed_amount=float(config.get("position_amount", 0.0)),
    )  # fmt: skip
    problem: BacktestError | None = None
    try:
        walk.run(bar)
    except BacktestError as raised:
        problem = raised
    else:
        end = max(int(feed.columns.ms[-1]) + feed.interval for feed in feeds)
        stage.catch_up()
        stage.play(end)
    until = None if problem is None else stage.moment
    about = {"rules": "venue", "rejected_signals": walk.rejected}
    result = played_result(plan.name, stage, feeds, until, account.reasons, about)
    if problem is not None:
        problem.result = result
        raise problem
    return result
