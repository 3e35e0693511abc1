"""Runs a freqtrade-style strategy: frames and signals first, then the walk or the kernel."""

import time
from collections.abc import Mapping
from typing import Any

from ..errors import BacktestError, StrategyError
from ..feeds import Feed, profile_of, read_feeds
from ..progress import Progress
from ..result import Result
from .foresight import refuse_foresight
from .frames import Provider, Signals, signals_of
from .limits import refuse_impossible
from .plan import Plan, make_strategy, plan_of
from .timeframes import timeframe_to_seconds

__all__ = ["fits", "run_strategy"]


def run_strategy(
    bot: Any, candles: Any, *, symbol: str | None, funds: Mapping[str, Any], margin_mode: str,
    config: Mapping[str, Any], rules: str, progress: bool,
) -> Result:  # fmt: skip
    strategy = make_strategy(bot, config)
    spot = rules == "freqtrade" and config.get("trading_mode", "spot") == "spot"
    plan = plan_of(strategy, config, spot)
    # Freqtrade fills holes when it loads candles; the venue's rules leave them unless they are told to.
    gap = config.get("gaps", "fill" if rules == "freqtrade" else "keep")
    feeds = read_feeds(candles, symbol, gap, plan.timeframe or config.get("timeframe"))
    wanted = config.get("exchange", {}).get("pair_whitelist") if isinstance(config.get("exchange"), Mapping) else None
    feeds = _listed(feeds, wanted)
    fits(plan, feeds)
    provider = Provider(feeds, plan.timeframe)
    strategy.dp = provider
    started = time.perf_counter()
    signals = [signals_of(strategy, plan, feed, provider, config) for feed in feeds]
    spent = time.perf_counter() - started
    refuse_foresight(bot, plan, signals, config)
    refuse_impossible(plan, signals, profile_of(feeds, config), _worth(funds, feeds, config), margin_mode, config)
    bar = Progress(max(len(feed) for feed in feeds), progress, plan.name)
    try:
        if rules == "freqtrade":
            return _freqtrade(strategy, plan, feeds, signals, provider, funds, config, bar)
        from .venue import run_on_venue

        result = run_on_venue(strategy, plan, feeds, signals, provider, funds, margin_mode, config, bar)
        result.about.setdefault("seconds_signals", round(spent, 6))
        return result
    finally:
        bar.done()


def _freqtrade(
    strategy: Any, plan: Plan, feeds: list[Feed], signals: list[Signals], provider: Provider, funds: Mapping[str, Any],
    config: Mapping[str, Any], bar: Progress,
) -> Result:  # fmt: skip
    from .walk import Walk
    from .wallet import PairLimits, ValueWallet
    from .wallet_result import stopped_result, valued_result

    profile = profile_of(feeds, config)
    pairs = [profile.pairs[feed.id] for feed in feeds]
    stake = config.get("stake_currency", feeds[0].quote)
    start = float(config.get("dry_run_wallet", funds.get(stake, 0)))
    if start <= 0:
        raise StrategyError(f"there is no {stake} to start with; give funds={{'{stake}': '10000'}}")
    fee = float(config["fee"]) if config.get("fee") is not None else max(
        float(max(pair.taker_fee, pair.maker_fee)) for pair in pairs
    )  # fmt: skip
    limits = [
        PairLimits(pair.quantity_scale, float(pair.min_amount), float(config.get("least_value", pair.min_value)), 1.0)
        for pair in pairs
    ]
    account = ValueWallet(start)
    walk = Walk(plan, strategy, signals, limits, account, provider, fee, [10.0**pair.price_scale for pair in pairs])
    try:
        walk.run(bar)
    except BacktestError as problem:
        problem.result = stopped_result(
            plan.name, feeds, walk.closed, list(walk.open.values()), start, walk.rejected, walk.now
        )
        raise
    return valued_result(plan.name, feeds, walk.closed, start, walk.rejected)


def _worth(funds: Mapping[str, Any], feeds: list[Feed], config: Mapping[str, Any]) -> float:
    """All money of the start at the first opens."""
    if config.get("dry_run_wallet") is not None:
        return float(config["dry_run_wallet"])
    opens = {feed.base: float(feed.columns.open[0]) for feed in feeds}
    places = [part for part in funds.values() if isinstance(part, Mapping)]
    plain = {coin: amount for coin, amount in funds.items() if not isinstance(amount, Mapping)}
    return sum(float(amount) * opens.get(coin, 1.0) for part in (plain, *places) for coin, amount in part.items())


def _listed(feeds: list[Feed], wanted: Any) -> list[Feed]:
    """The whitelist's pairs in its order, if there is one."""
    if not wanted:
        return feeds
    known = {feed.symbol: feed for feed in feeds}
    names = [str(name).partition(":")[0] for name in wanted]
    missing = [name for name in names if name not in known]
    if missing:
        raise StrategyError(
            f"no candles of {', '.join(missing)}, which the whitelist names; there are {', '.join(known)}"
        )
    return [known[name] for name in names]


def fits(plan: Plan, feeds: list[Feed]) -> None:
    """Raises StrategyError for candles of another length than the plan's, or too few of them."""
    if not plan.timeframe:
        return
    wanted = timeframe_to_seconds(plan.timeframe) * 1000
    for feed in feeds:
        if len(feed) > 1 and feed.interval != wanted:
            raise StrategyError(
                f"{plan.name} trades candles of {plan.timeframe}, those of {feed.symbol} last "
                f"{feed.interval // 60_000} minutes; give candles of that length"
            )
        if len(feed) <= plan.startup_candle_count + 1:
            raise StrategyError(
                f"{plan.name} needs {plan.startup_candle_count} candles before it starts, {feed.symbol} has {len(feed)}"
            )
