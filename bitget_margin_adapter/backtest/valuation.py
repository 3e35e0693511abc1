"""What an account was worth at every candle: holdings between two changes, valued afterwards in one go.

Between two changes a coin's holding stays, and its debt grows by a charge an hour; so a note at each change is enough
for equity, assets, debt and risk of every candle.
"""

from collections.abc import Sequence
from typing import Any, NamedTuple

from ..venue.service import Venue
from .feeds import Feed

__all__ = ["Curve", "Note", "Valuation", "curve"]

_HOUR = 3_600_000


class Note(NamedTuple):
    """A coin at a time: owned, owed with interest, charge an hour, the maintenance rate of its debt."""

    time: int
    hour: int
    coins: dict[str, tuple[float, float, float, float]]


class Curve(NamedTuple):
    """In the quote coin's value, one for each candle; `ms` is when the candle opened, values are at its close."""

    ms: Any
    equity: Any
    assets: Any
    debt: Any
    risk: Any
    """At the worst price of the candle."""


class Valuation:
    def __init__(self, venue: Venue) -> None:
        self._venue = venue
        self._seen = -1
        self.notes: list[Note] = []

    def version(self) -> int:
        """Grows whenever money moved: every movement but interest leaves a financial record."""
        accounts = self._venue.inside.accounts.values()
        return sum(len(wallet.finance.rows) for account in accounts for wallet in account.wallets.values())

    def note_if_changed(self, time: int) -> None:
        if self.version() != self._seen:
            self.note(time)

    def note(self, time: int) -> None:
        state = self._venue.inside
        coins: dict[str, tuple[float, float, float, float]] = {}
        for account in state.accounts.values():
            for wallet in account.wallets.values():
                for line in state.lines(wallet):
                    owing = wallet.owing.get(line.coin)
                    charge = 0.0 if owing is None else float(owing.accrual.charge)
                    before = coins.get(line.coin, (0.0, 0.0, 0.0, 0.0))
                    coins[line.coin] = (
                        before[0] + float(line.assets), before[1] + float(line.debt), before[2] + charge,
                        max(before[3], float(line.maintain)),
                    )  # fmt: skip
        self._seen = self.version()
        self.notes.append(Note(time, state.hour, coins))


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
