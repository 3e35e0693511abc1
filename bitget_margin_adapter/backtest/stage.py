"""Where a bot is replayed: a private paper account whose time is the replay's, and which only moves when it must.

While nothing rests and no price on the way can reach a liquidation, candles are not played one by one: the venue is
brought to the present when somebody asks it something. What then can be asked, and the answers, are the same.
"""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from ..paper.host import PaperHost
from ..paper.settings import Settings
from ..venue.profile import Profile
from ..venue.replay import Replay, latest
from ..wire.endpoints import ENDPOINTS
from .feeds import Feed
from .fence import Fence, clear_until, fence_of
from .valuation import Valuation

__all__ = ["ACCOUNT", "Stage"]

ACCOUNT = "private"

_Shown = tuple[int, int, float | None]

_WRITES = frozenset(name for name, row in ENDPOINTS.items() if row.permission == "trade")


class Stage(PaperHost):
    """`moment` is the virtual now, set by whoever drives; the venue follows when it is asked."""

    def __init__(
        self, feeds: Sequence[Feed], profile: Profile, funds: Mapping[str, Any], config: Mapping[str, Any]
    ) -> None:
        settings = Settings(
            account=None, clock="virtual", funds=dict(funds), fills=config.get("fills"), vip=config.get("vip", 0),
            profile=profile.as_mapping(),
        )  # fmt: skip
        ohlcv = config.get("ohlcv", "fresh")
        if ohlcv not in ("fresh", "shared"):
            raise ValueError(f"config['ohlcv'] is {ohlcv!r}, choose of 'fresh', 'shared'")
        self.shared_ohlcv = ohlcv == "shared"
        """Whether fetch_ohlcv hands out tuples, the same ones again and again, in place of lists of the bot's own."""
        self.moment = min(int(feed.columns.ms[0]) for feed in feeds)
        self.changes = 0
        """How many calls may have changed something."""
        self.feeds = tuple(feeds)
        self._moving = frozenset(feed.id for feed in feeds)
        self.turn = 0
        """Another one whenever the venue may have changed by whatever means."""
        self._places = [0] * len(self.feeds)
        self._times = [feed.rows.times for feed in self.feeds]
        self._opens = [memoryview(feed.columns.open) for feed in self.feeds]
        self._reached = self.moment
        """Up to when the venue has come: the clock's time, without asking it."""
        self._fence: Fence | None = None
        self._fenced = False
        self.calm_until = -1
        """Up to then no price can change what accounts hold; -1 while that is not known."""
        super().__init__(settings, ACCOUNT, {feed.id: feed.rows for feed in feeds})
        self.valuation = Valuation(self.venue)
        self.valuation.note(self.moment)

    @property
    def replay(self) -> Replay:
        if self._replay is None:
            raise RuntimeError("a stage always has candles")
        return self._replay

    def now(self) -> int:
        return max(self.moment, self._reached)

    def call(self, account: str, endpoint: str, params: Mapping[str, Any]) -> Any:
        self.catch_up()
        try:
            return super().call(account, endpoint, params)
        finally:
            if endpoint in _WRITES:
                self.changed()

    def changed(self) -> None:
        """Somebody may have changed the venue: what was known about the way ahead is void."""
        self.changes += 1
        self.turn += 1
        self._fenced, self.calm_until = False, -1

    def last_price(self, symbol: str) -> Decimal | None:
        self.catch_up()
        return super().last_price(symbol)

    def public(self, account: str, path: str, params: Mapping[str, Any]) -> Any:
        self.catch_up()
        return super().public(account, path, params)

    def catch_up(self) -> None:
        """Bring the venue to the present; only sound while the way was `clear`."""
        if self._reached < self.moment:
            self.turn += 1
            self.replay.jump(self.moment)
            self.clock.set(self.moment)
            self._reached = self.moment

    def clear(self, limit: int) -> int:
        """Up to when, looking no further than `limit`, time may be set without playing the prices on the way.

        The present when the next price must be played. At the time it names something may happen: the venue does it
        when it is asked, or when the next price is played.
        """
        if not self._fenced:
            self.catch_up()
            self._fence = fence = fence_of(self.venue.inside, self._moving)
            self._fenced = True
            if fence is not None and not fence.bounds:
                self.calm_until = fence.until
        return self.moment if self._fence is None else clear_until(self._fence, self.feeds, self.moment, limit)

    def untouched(self) -> bool:
        """Whether accounts are as they were when the venue was last brought to the present, but for interest."""
        if self.moment <= self.calm_until or self._reached >= self.moment:
            return True
        if self._fence is None or not self._fenced:
            return False
        if len(self.feeds) > 1:
            return False
        # The price of this very moment may be the first one outside.
        low, high = self._fence.bounds.get(self.feeds[0].id, (0.0, float("inf")))
        price = self.shown(0)[2]
        if price is None or not low < price < high:
            return False
        self.calm_until = self.moment
        return True

    def shown(self, number: int) -> _Shown:
        """Of a feed: how many candles have closed, when the one opened that is forming (-1: none is), the last price.

        At the open of a candle this is known without bringing the venue to the present.
        """
        times, place, now = self._times[number], self._places[number], self.moment
        if times[place] < now and place + 1 < len(times) and times[place + 1] == now:
            # The next one, at its open: nearly always.
            place += 1
            self._places[number] = place
        if times[place] == now > self._reached:
            return place, now, self._opens[number][place]
        return self._look(number)

    def _look(self, number: int) -> _Shown:
        times, now = self._times[number], self.moment
        place = self._places[number]
        if not (times[place] <= now and (place + 1 == len(times) or now < times[place + 1])):
            place = latest(times, self.feeds[number].interval, now)
            self._places[number] = max(0, place)
        if place < 0:
            return 0, -1, None
        opened = times[place]
        if opened == now > self._reached:
            return place, now, self._opens[number][place]
        self.catch_up()
        market, id_ = self.venue.market, self.feeds[number].id
        last = market.last(id_)
        forming = id_ in market.bars
        return place + 1 - forming, opened if forming else -1, None if last is None else float(last)

    def play(self, now: int) -> None:
        """Every price up to `now`; what changes on the way is noted for the equity."""
        self.catch_up()
        self.turn += 1
        self.replay.finish(now)
        self.valuation.note_if_changed(now - 1)
        self.replay.play_until(now)
        self.moment = now
        self.clock.set(now)
        self._reached = now
        self.valuation.note_if_changed(now)
        self._fenced, self.calm_until = False, -1

    def travel(self, target: int) -> None:
        """To `target`, where nobody is called on the way; candles that matter are played one by one."""
        while self.moment < target:
            clear = self.clear(target)
            if clear > self.moment:
                self.moment = clear
                continue
            self.catch_up()
            opens = self.replay.next_open()
            self.play(target if opens is None else min(opens, target))

    def idle(self) -> bool:
        """Whether no price at all can matter."""
        state = self.venue.inside
        return not (
            state.debtors or state.waiting or state.events is not None or state.policy.share is not None
            or any(len(resting) for resting in state.resting.values())
        )  # fmt: skip
