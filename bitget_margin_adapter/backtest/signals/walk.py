"""Freqtrade's backtest, candle by candle: entries, stops, returns, exits, in freqtrade's order and at its prices.

Where the money goes is the account's affair: freqtrade's wallet, or the margin venue.
"""

from collections.abc import Sequence
from typing import Any

from ..progress import Progress
from . import rules
from .callbacks import Callbacks
from .frames import Provider, Signals
from .plan import Plan
from .ticks import monthly_units
from .trade import Trade
from .wallet import Account, PairLimits, cut_to

__all__ = ["Walk"]

_NEVER = 1 << 62


class _Track:
    """One pair's columns as plain lists, and where entries are."""

    def __init__(self, signals: Signals, plan: Plan, limits: PairLimits, market_units: float, on_venue: bool) -> None:
        import numpy as np

        columns = signals.feed.columns
        self.pair = signals.feed.symbol
        self.limits = limits
        self.opens: list[float] = columns.open.tolist()
        self.highs: list[float] = columns.high.tolist()
        self.lows: list[float] = columns.low.tolist()
        self.closes: list[float] = columns.close.tolist()
        self.flags = signals.flags.tolist()
        self.enter_tags, self.exit_tags = signals.enter_tags, signals.exit_tags
        # The venue has one step; freqtrade infers one for each month.
        self.units = np.full(len(signals.feed), market_units) if on_venue else monthly_units(columns, market_units)
        self.places = {time: place for place, time in enumerate(columns.ms.tolist())}
        self.first = signals.first
        flags = signals.flags
        wanted = ((flags & 7) == 1) | ((flags & 13) == 4) if plan.can_short else (flags & 7) == 1
        wanted[: signals.first] = False
        self.entries = columns.ms[np.flatnonzero(wanted)]


class Walk:
    def __init__(
        self, plan: Plan, strategy: Any, signals: Sequence[Signals], limits: Sequence[PairLimits], account: Account,
        provider: Provider, fee: float, market_units: Sequence[float], on_venue: bool = False, leverage: float = 1.0,
        fixed_amount: float = 0.0,
    ) -> None:  # fmt: skip
        """On the venue the last candle may be entered, and what is open at the end stays open."""
        self.plan = plan
        self.account = account
        self.fee = fee
        self.tracks = [
            _Track(signal, plan, limit, units, on_venue)
            for signal, limit, units in zip(signals, limits, market_units, strict=True)
        ]
        self.by_pair = {track.pair: track for track in self.tracks}
        self.open: dict[str, Trade] = {}
        self.closed: list[Trade] = []
        self.callbacks = Callbacks(strategy, plan, provider)
        self.rejected = 0
        self._on_venue = on_venue
        self._leverage = leverage
        self._fixed_amount = fixed_amount
        self._signals = signals
        self._count = 0
        self._now = 0

    @property
    def now(self) -> int:
        """The candle that it has come to."""
        return self._now

    def run(self, progress: Progress) -> None:
        """Every candle at which something may happen: a trade is open, or a pair wants to enter."""
        import numpy as np

        grids = [signal.feed.columns.ms[signal.first :] for signal in self._signals]
        times = grids[0] if len(grids) == 1 else np.unique(np.concatenate(grids))
        if not len(times):
            return
        entries = np.unique(np.concatenate([track.entries for track in self.tracks]))
        end = int(times[-1])
        every, entering = times.tolist(), entries.tolist()
        place = 0
        self.callbacks.start()
        bars, calls_each = len(every), self.callbacks.has("bot_loop_start")
        wanted = set(entering)
        while place < bars:
            if not self.open and not calls_each:
                # Nothing can happen before the next entry.
                after = int(np.searchsorted(entries, every[place]))
                if after == len(entering):
                    break
                place = int(np.searchsorted(times, entering[after]))
            now = every[place]
            self._instant(now, now == end and not self._on_venue, now in wanted)
            place += 1
            if place % progress.step == 0:
                progress.tick(progress.step)
        if not self._on_venue:
            self._finish()

    def _instant(self, now: int, last: bool, entering: bool) -> None:
        self._now = now
        for pair, rate in self.account.advance(now):
            trade = self.open.get(pair)
            if trade is not None:
                self._close(trade, rate, now, "liquidation", booked=True)
        self.callbacks.loop(now)
        pairs = list(self.open)
        if entering:
            pairs += [track.pair for track in self.tracks if track.pair not in self.open]
        for pair in pairs:
            track = self.by_pair[pair]
            place = track.places.get(now)
            if place is None or place < track.first:
                continue
            flags = track.flags[place]
            short = self.plan.can_short and (flags & 13) == 4
            wants = short or (flags & 7) == 1
            held = self.open.get(pair)
            self._pair(track, place, now, wants and not last, short)
            if wants and held is not None and held.is_short != short and pair not in self.open and self.plan.can_short:
                # Reversing: the other direction may follow in the same candle.
                self._pair(track, place, now, not last, short)

    def _pair(self, track: _Track, place: int, now: int, wants: bool, short: bool) -> None:
        trade = self.open.get(track.pair)
        if trade is None and wants:
            if len(self.open) < self.plan.max_open_trades:
                trade = self._enter(track, place, now, short)
            else:
                self.rejected += 1
        if trade is not None:
            self._exit(track, place, trade, now)

    # in

    def stake(self) -> float:
        """What the plan puts into the next trade, 0 when there is not enough."""
        plan = self.plan
        tied, total = self.account.tied(), self.account.total()
        available = min(total * plan.tradable_balance_ratio - tied, total - tied)
        if plan.stake_amount is None:
            return max(0.0, min((available + tied) / plan.max_open_trades, available))
        if available < plan.stake_amount:
            return available if plan.amend_last_stake_amount and available > plan.stake_amount * 0.5 else 0.0
        return plan.stake_amount

    def _enter(self, track: _Track, place: int, now: int, short: bool) -> Trade | None:
        rate = track.opens[place]
        tag = track.enter_tags[place] if track.enter_tags is not None else ""
        callbacks, limits = self.callbacks, track.limits
        units = float(track.units[place])
        if callbacks.has("custom_entry_price") and self.plan.limit_entries:
            asked = callbacks.entry_price(track.pair, now, rate, tag, short)
            rate = rules.step_nearest(asked, units)
            rate = max(rate, track.lows[place]) if short else min(rate, track.highs[place])
        leverage = self._leverage
        if callbacks.has("leverage"):
            leverage = callbacks.leverage(track.pair, now, rate, limits.leverage, tag, short)
        reserve = min(max(1.05 / (1 - 0.05), 1.0), 1.5)
        least = max(limits.least_value * reserve, limits.least_amount * rate * 1.05) / leverage
        tied, total = self.account.tied(), self.account.total()
        available = min(total * self.plan.tradable_balance_ratio - tied, total - tied)
        proposed = self._fixed_amount * rate / leverage if self._fixed_amount else self.stake()
        stake = callbacks.stake(track.pair, now, rate, proposed, least, available, leverage, tag, short)
        if stake <= 0 or least > available:
            return None
        if stake < least:
            if stake * 1.3 < least:
                return None
            stake = least
        stake = min(stake, available)
        amount = cut_to(stake / rate * leverage, limits.amount_units)
        stake = amount * rate / leverage
        if amount <= 0 or stake < least or not track.lows[place] <= rate <= track.highs[place]:
            return None
        if not callbacks.confirm_entry(track.pair, amount, rate, now, tag, short):
            return None
        self._count += 1
        trade = Trade(
            pair=track.pair, is_short=short, opened=now, open_rate=rate, amount=amount, stake_amount=stake,
            leverage=leverage, fee=self.fee, units=units, enter_tag=tag, number=self._count,
        )  # fmt: skip
        if not self.account.enter(trade, now):
            return None
        self.open[track.pair] = trade
        trade.set_stop(trade.open_rate, self.plan.stoploss, initial=True)
        callbacks.filled(trade, now)
        return trade

    # out

    def _exit(self, track: _Track, place: int, trade: Trade, now: int) -> None:
        """The first reason to leave that is confirmed and whose price the candle has."""
        opened, high, low = track.opens[place], track.highs[place], track.lows[place]
        flags = track.flags[place]
        trade.max_rate, trade.min_rate = max(trade.max_rate, high), min(trade.min_rate, low)
        stopped = self._stop(trade, opened, high, low, now)
        minutes = (now - trade.opened) // 60_000
        entry = flags & (4 if trade.is_short else 1)
        reasons: list[str] = []
        left = self._asked(track, place, trade, opened, flags, now)
        if left:
            reasons.append(left)
        if stopped == "stop_loss":
            reasons.append(stopped)
        roi = None if entry and self.plan.ignore_roi_if_entry_signal else self._roi(minutes)
        best = trade.calc_profit_ratio(rules.best_profit(trade.is_short, high, low))
        if roi is not None and best > roi[1]:
            reasons.append("roi")
        if stopped == "trailing_stop_loss":
            reasons.append(stopped)
        for reason in reasons:
            rate = self._rate(track, place, trade, reason, roi, minutes, now)
            if rate is None:
                continue
            rate = rules.step_nearest(rate, trade.units)
            if not self.callbacks.confirm_exit(trade, rate, reason, now):
                continue
            # A price beyond the candle rests, and is asked for anew at the next one.
            if low <= rate <= high:
                self._close(trade, rate, now, reason)
            return

    def _stop(self, trade: Trade, opened: float, high: float, low: float, now: int) -> str:
        """Moves the stop by the candle's best price, if it is not hit already, and says whether it is hit."""
        plan, short = self.plan, trade.is_short
        if trade.stop_loss > high if short else trade.stop_loss < low:
            bound = rules.best_profit(short, high, low)
            if plan.use_custom_stoploss or plan.trailing_stop:
                profit = trade.calc_profit_ratio(bound)
                share = plan.stoploss
                if plan.use_custom_stoploss:
                    asked = self.callbacks.stoploss(trade, now, bound, profit)
                    if asked is not None:
                        share = asked
                        trade.set_stop(bound, asked)
                offset = plan.trailing_stop_positive_offset
                if plan.trailing_stop and not (plan.trailing_only_offset_is_reached and profit < offset):
                    if plan.trailing_stop_positive is not None and profit > offset:
                        share = plan.trailing_stop_positive
                    trade.set_stop(bound, share)
        hit = trade.stop_loss <= high if short else trade.stop_loss >= low
        if not hit:
            return ""
        return "trailing_stop_loss" if trade.is_stop_loss_trailing else "stop_loss"

    def _asked(self, track: _Track, place: int, trade: Trade, opened: float, flags: int, now: int) -> str:
        """The exit signal's tag or custom_exit's word, if the strategy wants to leave at this open."""
        plan = self.plan
        if not plan.use_exit_signal:
            return ""
        exits, enters = (8, 4) if trade.is_short else (2, 1)
        reason = ""
        if flags & exits and not flags & enters:
            tag = track.exit_tags[place] if track.exit_tags is not None else ""
            reason = tag or "exit_signal"
        elif self.callbacks.has("custom_exit"):
            reason = self.callbacks.custom_exit(trade, now, opened)
        if reason and plan.exit_profit_only and trade.calc_profit_ratio(opened) <= plan.exit_profit_offset:
            return ""
        return reason

    def _roi(self, minutes: int) -> tuple[int, float] | None:
        found = None
        for entry in self.plan.minimal_roi:
            if entry[0] > minutes:
                break
            found = entry
        return found

    def _rate(
        self, track: _Track, place: int, trade: Trade, reason: str, roi: tuple[int, float] | None, minutes: int,
        now: int,
    ) -> float | None:  # fmt: skip
        opened, high, low = track.opens[place], track.highs[place], track.lows[place]
        short, plan = trade.is_short, self.plan
        if reason in ("stop_loss", "trailing_stop_loss"):
            outside = trade.stop_loss < low if short else trade.stop_loss > high
            if outside or reason == "stop_loss" or minutes:
                return rules.gap_stop(trade.stop_loss, opened, high, low, short)
            armed = plan.trailing_stop and plan.trailing_only_offset_is_reached and not plan.use_custom_stoploss
            positive = (plan.trailing_stop_positive or 0.0) if armed else 0.0
            offset = plan.trailing_stop_positive_offset
            share = trade.stop_loss_pct or 0.0
            return rules.opening_stop(opened, high, low, share, offset, positive, trade.leverage, short)
        if reason == "roi" and roi is not None:
            return self._roi_rate(track, place, trade, roi, minutes)
        if plan.limit_exits and self.callbacks.has("custom_exit_price"):
            rate = self.callbacks.exit_price(trade, now, opened, reason)
            return min(rate, high) if short else max(rate, low)
        return opened

    def _roi_rate(
        self, track: _Track, place: int, trade: Trade, roi: tuple[int, float], minutes: int
    ) -> float | None:  # fmt: skip
        opened, high, low, close = track.opens[place], track.highs[place], track.lows[place], track.closes[place]
        since, share = roi
        short = trade.is_short
        on_candle = not self.plan.minutes or since % self.plan.minutes == 0
        if share == -1 and on_candle:
            return opened
        rate = rules.roi_price(
            trade.open_rate, share, trade.leverage, trade.fee_open, short, trade.amount, trade.interest
        )
        beyond = opened < rate if short else opened > rate
        if minutes > 0 and minutes == since and on_candle and beyond:
            return opened
        if minutes == 0:
            against = (
                opened < close and trade.open_rate < opened and rate < close
                if short
                else opened > close and trade.open_rate > opened and rate > close
            )
            if against:
                return None
        return min(max(rate, low), high)

    def _close(self, trade: Trade, rate: float, now: int, reason: str, booked: bool = False) -> None:
        trade.exit_reason = reason
        profit = trade.calc_profit(rate) if booked else self.account.leave(trade, rate, now)
        if profit is None:
            return
        trade.closed, trade.close_rate = now, rate
        trade.is_open = False
        trade.close_profit_abs = profit
        trade.close_profit = profit / (trade.amount * trade.open_rate * self._entry_cost(trade)) * trade.leverage
        self.open.pop(trade.pair, None)
        self.closed.append(trade)
        if not booked:
            self.callbacks.filled(trade, now)

    @staticmethod
    def _entry_cost(trade: Trade) -> float:
        return 1 - trade.fee_open if trade.is_short else 1 + trade.fee_open

    def _finish(self) -> None:
        """At the end what is open leaves at the open of its pair's last candle."""
        for pair, trade in list(self.open.items()):
            track = self.by_pair[pair]
            last = max(track.places)
            self._close(trade, track.opens[-1], last, "force_exit")
