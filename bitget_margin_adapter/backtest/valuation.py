"""What an account was worth at every candle: holdings between two changes, valued afterwards in one go.

Between two changes a coin's holding stays, and its debt grows by a charge an hour; so a note at each change is enough
for equity, assets, debt and risk of every candle.
"""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any, NamedTuple

from ..engine.accounts import Wallet
from ..engine.terms import tier_of
from ..venue.service import Venue
from .feeds import Feed

__all__ = ["Curve", "Note", "Valuation", "curve"]

_HOUR = 3_600_000


class Note(NamedTuple):
    """A coin at a time: owned, owed with interest, charge an hour, the maintenance rate of its debt."""

    time: int
    hour: int
    coins: dict[str, tuple[float, float, float, float]]


_Kept = tuple[str, Wallet, Decimal, Decimal, Decimal, Decimal, Decimal, int]
"""A coin of a wallet: available, frozen, principal, interest on the books, charge an hour, the last hour booked."""


class Curve(NamedTuple):
    """In the quote coin's value, one for each candle; `ms` is when the candle opened, values are at its close."""

    ms: Any
    equity: Any
    assets: Any
    debt: Any
    risk: Any
    """At the worst price of the candle."""


class Valuation:
    """Notes what a venue's accounts hold; what was noted is read when the run is over."""

    def __init__(self, venue: Venue) -> None:
        self._venue = venue
        self._seen = -1
        self._kept: list[tuple[int, int, list[_Kept]]] = []

    def version(self) -> int:
        """Grows whenever money moved: every movement but interest leaves a financial record."""
        count = 0
        for account in self._venue.inside.accounts.values():
            for wallet in account.wallets.values():
                count += len(wallet.finance.rows)
        return count

    def note_if_changed(self, time: int) -> None:
        version = self.version()
        if version != self._seen:
            self._seen = version
            self.note(time)

    def note(self, time: int) -> None:
        """A run may note tens of thousands of times, so figures are kept as they are."""
        state = self._venue.inside
        amounts = state.ledger.amounts
        self._kept.append(
            (
                time,
                state.hour,
                [
                    (
                        coin, wallet, amounts[holding.available], amounts[holding.frozen], amounts[holding.principal],
                        amounts[holding.interest], holding.accrual.charge, holding.accrual.hour,
                    )
                    for account in state.accounts.values()
                    for wallet in account.wallets.values()
                    for coin, holding in wallet.holdings.items()
                ],
            )
        )  # fmt: skip

    @property
    def first(self) -> Note:
        return _note(*self._kept[0])

    @property
    def notes(self) -> list[Note]:
        """All of them; a run may have tens of thousands."""
        return [_note(*kept) for kept in self._kept]


def _note(time: int, hour: int, kept: list[_Kept]) -> Note:
    return Note(time, hour, _coins(hour, kept))


def _coins(hour: int, kept: list[_Kept]) -> dict[str, tuple[float, float, float, float]]:
    """All wallets together; a coin's maintenance rate is the highest that counts anywhere."""
    coins: dict[str, tuple[float, float, float, float]] = {}
    for coin, wallet, available, frozen, principal, interest, charge, since in kept:
        owned, owed, maintain = available + frozen, principal + interest, 0.0
        if charge:
            owed += charge * (hour - since)
        if principal:
            credit = wallet.holdings[coin].credit
            maintain = float(tier_of(credit.tiers, owed, credit.side).maintain_margin_rate)
        before = coins.get(coin)
        figures = float(owned), float(owed), float(charge), maintain
        if before is not None:
            sums = (one + other for one, other in zip(before[:3], figures[:3], strict=True))
            figures = (*sums, max(before[3], maintain))  # type: ignore[assignment]  # three and one
        coins[coin] = figures
    return coins


def curve(feeds: Sequence[Feed], notes: Sequence[Note]) -> Curve:
    """One value for each candle of the finest grid that the feeds make together."""
    import numpy as np

    times, ends = _grid(feeds)
    closes = {feed.base: _shown(feed, feed.columns.close, ends) for feed in feeds}
    lows = {feed.base: _shown(feed, feed.columns.low, ends) for feed in feeds}
    highs = {feed.base: _shown(feed, feed.columns.high, ends) for feed in feeds}
    # The hour that falls on the close is booked after it.
    hours = (ends - 1) // _HOUR
    which = np.searchsorted(np.array([note.time for note in notes]), ends - 1, side="right") - 1
    which = np.maximum(which, 0)
    bars = len(times)
    assets, debt = np.zeros(bars), np.zeros(bars)
    need, have = np.zeros(bars), np.zeros(bars)
    passed = np.maximum(hours - np.array([note.hour for note in notes])[which], 0)
    for coin in {coin for note in notes for coin in note.coins}:
        table = np.array([note.coins.get(coin, (0.0, 0.0, 0.0, 0.0)) for note in notes])
        owned = table[:, 0][which]
        owed = table[:, 1][which] + table[:, 2][which] * passed
        price = closes.get(coin, 1.0)
        assets += owned * price
        debt += owed * price
        net = owned - owed
        # A long position is worst at the low, a short one at the high.
        worst = np.where(net < 0, highs[coin], lows[coin]) if coin in closes else 1.0
        need += owed * worst * table[:, 3][which]
        have += net * worst
    risk = np.where(need > 0, np.where(have > 0, need / np.where(have > 0, have, 1.0), 99.0), 0.0)
    return Curve(times, assets - debt, assets, debt, np.minimum(risk, 99.0))


def _grid(feeds: Sequence[Feed]) -> tuple[Any, Any]:
    """When the candles open, and when the finest of them have closed."""
    import numpy as np

    single = len(feeds) == 1
    times = feeds[0].columns.ms if single else np.unique(np.concatenate([feed.columns.ms for feed in feeds]))
    return times, times + min(feed.interval for feed in feeds)


def _shown(feed: Feed, values: Any, ends: Any) -> Any:
    """For each end, the value of the last candle that has closed by then; the first open before there is one."""
    import numpy as np

    if len(ends) == len(feed) and ends[0] == feed.columns.ms[0] + feed.interval:
        return values
    place = np.searchsorted(feed.columns.ms + feed.interval, ends, side="right") - 1
    return np.where(place >= 0, values[np.maximum(place, 0)], feed.columns.open[0])
