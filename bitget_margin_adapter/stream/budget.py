"""What a client may still send: messages a second on a connection, subscriptions an hour and connections an address.

Pure windows that slide; times are milliseconds of one clock. A margin is kept, because what leaves evenly may arrive
bunched.
"""

from collections import deque

from ..wire.channels import LIMITS, StreamLimits

__all__ = ["Allowance", "Messages", "Sliding"]

HOUR = 3_600_000
_SECOND = 1_000
_SECOND_MARGIN = 250
_HOUR_MARGIN = 5_000


class Sliding:
    """At most `most` in any `window` ms."""

    def __init__(self, most: int, window: int) -> None:
        self.most = most
        self._window = window
        self._times: deque[int] = deque()

    def free(self, now: int) -> int:
        """How many may go now."""
        while self._times and self._times[0] + self._window <= now:
            self._times.popleft()
        return self.most - len(self._times)

    def free_at(self, number: int, now: int) -> int:
        """When that many may go at once; more than ever fit count as all that fit."""
        missing = min(number, self.most) - self.free(now)
        return now if missing <= 0 else self._times[missing - 1] + self._window

    def take(self, now: int, number: int = 1) -> None:
        self._times.extend([now] * number)


class Messages(Sliding):
    """One connection's, pings among them."""

    def __init__(self, limits: StreamLimits = LIMITS) -> None:
        super().__init__(limits.messages_per_second, _SECOND + _SECOND_MARGIN)


class Allowance:
    """What all connections of one process to one address share.

    The documentation does not say whether a message or each channel in it is a subscription: each channel counts here.
    """

    def __init__(self, limits: StreamLimits = LIMITS) -> None:
        self.limits = limits
        self._subscriptions = Sliding(limits.subscriptions_per_hour, HOUR + _HOUR_MARGIN)
        self._connections = 0

    def subscriptions(self, now: int, wanted: int) -> int:
        """Take as many subscriptions as are free, at most those wanted, and say how many."""
        granted = min(wanted, self._subscriptions.free(now))
        self._subscriptions.take(now, granted)
        return granted

    def subscriptions_at(self, wanted: int, now: int) -> int:
        return self._subscriptions.free_at(wanted, now)

    def connect(self) -> bool:
        """Take one of the connections, if one is left."""
        if self._connections >= self.limits.connections_per_ip:
            return False
        self._connections += 1
        return True

    def disconnect(self) -> None:
        self._connections -= 1
