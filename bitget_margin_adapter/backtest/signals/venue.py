"""A freqtrade-style strategy on the margin venue: compiled where its rules allow it, else candle by candle."""

from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import Any

from ..books import FILLS, INTEREST, LIQUIDATIONS, LOANS, ORDERS, frame
from ..feeds import Feed, profile_of
from ..progress import Progress
from ..result import Result
from ..valuation import Curve, Note, curve
from .account import tier_at
from .coasting import HOUR
from .exits import ENTRY, REASONS, SIGNAL
from .frames import Provider, Signals
from .layout import LOAN, NOTE
from .plan import Plan

__all__ = ["KernelBooks", "account_funds", "can_compile", "run_on_venue", "start_equity"]

_LOANS = {0: "autoLoan", 1: "autoRepay", 2: "liqRepay"}


def can_compile(plan: Plan, feeds: Sequence[Feed], config: Mapping[str, Any]) -> bool:
    """One pair without callbacks, and market orders that fill in whole."""
    quiet = config.get("fills", "frictionless") in (None, "frictionless")
    return len(feeds) == 1 and not plan.callbacks and quiet and plan.max_open_trades > 0 and not config.get("exact")


def run_on_venue(
    strategy: Any, plan: Plan, feeds: list[Feed], signals: list[Signals], provider: Provider, funds: Mapping[str, Any],
    margin_mode: str, config: Mapping[str, Any], bar: Progress,
) -> Result:  # fmt: skip
    if not can_compile(plan, feeds, config):
        from .venue_walk import walk_on_venue

        return walk_on_venue(strategy, plan, feeds, signals, provider, funds, margin_mode, config, bar)
    return run_compact(plan, feeds[0], signals[0], funds, margin_mode, config)


def run_compact(
    plan: Plan, feed: Feed, signals: Signals, funds: Mapping[str, Any], margin_mode: str, config: Mapping[str, Any]
) -> Result:
    import time

    from .simulation import play, terms_of

    money = account_funds(funds, margin_mode, feed)
    terms = terms_of(plan, feed, profile_of([feed], config), margin_mode, money, config)
    started = time.perf_counter()
    played = play(feed, signals.flags, signals.first, terms)
    spent = time.perf_counter() - started
    books = KernelBooks(played, feed, signals, terms)
    start = start_equity(feed, money)

    def made() -> Curve:
        whole = curve([feed], books.notes)
        return whole._replace(equity=played.equity)

    about = {"rules": "venue", "rejected_signals": played.rejected, "seconds_simulation": round(spent, 6)}
    return Result(plan.name, [feed], books, made, start_equity=start, equity=played.equity, about=about)


def account_funds(funds: Mapping[str, Any], mode: str, feed: Feed) -> dict[str, float]:
    """The coins of the account that trades."""
    place = funds.get("cross" if mode == "cross" else f"isolated:{feed.id}")
    given = place if isinstance(place, Mapping) else funds
    return {str(coin): float(amount) for coin, amount in given.items() if not isinstance(amount, Mapping)}


def start_equity(feed: Feed, money: Mapping[str, float]) -> float:
    return money.get(feed.quote, 0.0) + money.get(feed.base, 0.0) * float(feed.columns.open[0])


class KernelBooks:
    """The kernel's records as the frames that the engine's records make."""

    def __init__(self, played: Any, feed: Feed, signals: Signals, terms: Any) -> None:
        self._played = played
        self._feed = feed
        self._signals = signals
        self._terms = terms

    @cached_property
    def fills(self) -> Any:
        """Column by column: the rows of ten thousand fills take longer to make than a million candles to play."""
        import numpy as np

        feed, table = self._feed, self._played.fills
        if not len(table):
            return frame(FILLS, [])
        sells = table["sells"] != 0
        numbers = list(map(str, range(1, len(table) + 1)))
        paid_in_quote = sells | (self._terms.profile.fee_coin == "quote")
        return frame(
            FILLS,
            {
                "id": numbers, "order": numbers, "timestamp": table["ms"], "datetime": None, "symbol": feed.symbol,
                "type": "market", "side": np.where(sells, "sell", "buy"), "price": table["price"],
                "amount": table["amount"], "cost": table["total"], "fee": table["fee"],
                "feeCurrency": np.where(paid_in_quote, feed.quote, feed.base), "reason": self._reasons(table),
            },
        )  # fmt: skip

    def _reasons(self, table: Any) -> list[str]:
        """The strategy's own words where it has some."""
        codes, bars = table["reason"].tolist(), table["bar"].tolist()
        reasons = [REASONS.get(code, "") for code in codes]
        for code, tags in ((ENTRY, self._signals.enter_tags), (SIGNAL, self._signals.exit_tags)):
            if tags is not None:
                reasons = [
                    str(tags[bar]) if given == code and tags[bar] else reason
                    for reason, given, bar in zip(reasons, codes, bars, strict=True)
                ]
        return reasons

    @cached_property
    def orders(self) -> Any:
        mode = self._terms.mode
        rows = [
            (
                row.order, row.id, row.timestamp, None, row.symbol, row.type, row.side, "GTC", None, row.amount,
                row.amount, 0.0, row.price, row.cost, "closed", mode,
            )
            for row in self.fills.itertuples(index=False)
        ]  # fmt: skip
        return frame(ORDERS, rows)

    @cached_property
    def loans(self) -> Any:
        names = (self._feed.base, self._feed.quote)
        symbol = self._feed.symbol if self._terms.mode == "isolated" else None
        rows = [
            (row.ms, None, _LOANS[row.kind], names[row.coin], symbol, row.amount, row.principal, row.interest)
            for row in LOAN.tuples(self._played.loans)
        ]
        return frame(LOANS, rows)

    @cached_property
    def interest(self) -> Any:
        """The first hour of each loan, then every full hour at the charge that stood."""
        feed, symbol = self._feed, self._feed.symbol if self._terms.mode == "isolated" else None
        # What falls on the last close is booked there.
        last = (int(feed.columns.ms[-1]) + feed.interval) // HOUR
        rows: list[tuple[Any, ...]] = []
        for coin, name in zip(self._terms.coins, (feed.base, feed.quote), strict=True):
            rate = coin["rate"]
            part = [row for row in LOAN.tuples(self._played.loans) if row.coin == coin["place"]]
            for place, row in enumerate(part):
                if row.kind == 0 and row.interest > 0:
                    rows.append((row.ms, None, name, symbol, rate, row.interest, "first"))
                until = part[place + 1].hour if place + 1 < len(part) else last
                if row.charge > 0:
                    rows += [
                        (at * HOUR, None, name, symbol, rate, row.charge, "scheduled")
                        for at in range(row.hour + 1, until + 1)
                    ]
        rows.sort(key=lambda row: row[0])
        return frame(INTEREST, rows)

    @cached_property
    def liquidations(self) -> Any:
        symbol = self._feed.symbol if self._terms.mode == "isolated" else None
        rows = [(int(row[0]), None, symbol, *row[1:]) for row in self._played.liquidations]
        return frame(LIQUIDATIONS, rows)

    @property
    def notes(self) -> list[Note]:
        names = (self._feed.base, self._feed.quote)
        tiers = self._terms.tiers
        made = []
        for row in NOTE.tuples(self._played.notes):
            figures = (
                (row.base_held, row.base_owed, row.base_charge),
                (row.quote_held, row.quote_owed, row.quote_charge),
            )
            coins = {}
            for c, (name, (held, owed, charge)) in enumerate(zip(names, figures, strict=True)):
                maintain = tiers[c, tier_at(tiers, c, owed), 1] if owed else 0.0
                coins[name] = (held, owed, charge, float(maintain))
            made.append(Note(row.ms, row.hour, coins))
        return made
