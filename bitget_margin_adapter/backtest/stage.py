"""Where a bot is replayed: a private paper account whose time is the replay's, and which only moves when it must.

While nothing rests and no price on the way can reach a liquidation, candles are not played one by one: the venue is
brought to the present when somebody asks it something. What then can be asked, and the answers, are the same.
"""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from ..engine.accounts import Wallet
from ..model.decimals import exact
from ..paper.host import PaperHost
from ..paper.settings import Settings
from ..venue.profile import Profile
from ..venue.replay import Replay
from ..wire.endpoints import ENDPOINTS
from .feeds import Feed
from .valuation import Valuation

__all__ = ["ACCOUNT", "Fence", "Stage"]

ACCOUNT = "private"

_WRITES = frozenset(name for name, row in ENDPOINTS.items() if row.permission == "trade")
_WIDTHS = (0.5, 0.25, 0.1, 0.05, 0.02, 0.01)
_HOUR = 3_600_000
_AHEAD = 24 * 30
"""Hours of interest that a fence allows for."""

Fence = tuple[float, float, int]
"""Prices that may be reached on either side, and a time: inside, nothing can happen that the bot does not do."""

_OPEN_FENCE: Fence = (0.0, float("inf"), 1 << 62)


class Stage(PaperHost):
    """`moment` is the virtual now, set by whoever drives; the venue follows when it is asked."""

    def __init__(
        self, feeds: Sequence[Feed], profile: Profile, funds: Mapping[str, Any], config: Mapping[str, Any]
    ) -> None:
        settings = Settings(
            account=None, clock="virtual", funds=dict(funds), fills=config.get("fills"), vip=config.get("vip", 0),
            profile=profile.as_mapping(),
        )  # fmt: skip
        self.moment = min(int(feed.columns.ms[0]) for feed in feeds)
        self.changes = 0
        """How many calls may have changed something."""
        self._behind = False
        super().__init__(settings, ACCOUNT, {feed.id: feed.rows for feed in feeds})
        self.valuation = Valuation(self.venue)
        self.valuation.note(self.moment)

    @property
    def replay(self) -> Replay:
        if self._replay is None:
            raise RuntimeError("a stage always has candles")
        return self._replay

    def now(self) -> int:
        return self.moment if self.moment > self.clock.now() else self.clock.now()

    def call(self, account: str, endpoint: str, params: Mapping[str, Any]) -> Any:
        self.catch_up()
        try:
            return super().call(account, endpoint, params)
        finally:
            if endpoint in _WRITES:
                self.changes += 1

    def last_price(self, symbol: str) -> Decimal | None:
        self.catch_up()
        return super().last_price(symbol)

    def public(self, account: str, path: str, params: Mapping[str, Any]) -> Any:
        self.catch_up()
        return super().public(account, path, params)

    def catch_up(self) -> None:
        """Bring the venue to the present; only sound while `fence` held on the whole way."""
        if self.clock.now() < self.moment:
            self.replay.jump(self.moment)
            self.clock.set(self.moment)

    def play(self, now: int) -> None:
        """Every price up to `now`; what changes on the way is noted for the equity."""
        self.replay.finish(now)
        self.valuation.note_if_changed(now - 1)
        self.replay.play_until(now)
        self.moment = now
        self.clock.set(now)
        self.valuation.note_if_changed(now)

    def fence(self, symbol: str) -> Fence | None:
        """Within which prices of this pair nothing happens, all others standing still; None: play every price.

        For one pair only: with several, callers play whenever there is a debt or an order.
        """
        state = self.venue.inside
        if state.waiting or state.events is not None or state.policy.share is not None:
            return None
        resting = state.resting.get(symbol)
        low, high, until = _OPEN_FENCE
        if resting is not None and len(resting):
            if resting.takers:
                return None
            if resting.buys:
                low = float(-resting.buys[0][0])
            if resting.sells:
                high = float(resting.sells[0][0])
        for wallet in state.debtors:
            box = self._safe_box(wallet, symbol)
            if box is None:
                return None
            low, high, until = max(low, box[0]), min(high, box[1]), min(until, box[2])
        return low, high, until

    def idle(self) -> bool:
        """Whether no price at all can matter."""
        state = self.venue.inside
        return not (
            state.debtors or state.waiting or state.events is not None or state.policy.share is not None
            or any(len(resting) for resting in state.resting.values())
        )  # fmt: skip

    def _safe_box(self, wallet: Wallet, symbol: str) -> Fence | None:
        """Risk is linear in the price and rises with the hours: what holds in both corners holds between them."""
        state = self.venue.inside
        last = state.market.last(symbol)
        if last is None:
            return None
        base = state.terms.pairs[symbol].base
        ratio = state.terms.liquidation_ratio
        hour = state.hour + _AHEAD
        lines = state.lines(wallet, hour)
        for width in _WIDTHS:
            low, high = last * exact(1 - width), last * exact(1 + width)
            for price in (low, high):
                need = have = exact(0)
                for line in lines:
                    at = price if line.coin == base else line.price
                    need += line.debt * at * line.maintain
                    have += (line.assets - line.debt) * at
                if need >= have * ratio:
                    break
            else:
                return float(low), float(high), (hour - 1) * _HOUR
        return None
