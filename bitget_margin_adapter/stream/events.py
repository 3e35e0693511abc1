"""What a connection tells its owner."""

from typing import Any, NamedTuple

__all__ = ["Dropped", "Event", "Garbled", "Push", "Refused", "Subscribed", "Unsubscribed"]


class Subscribed(NamedTuple):
    """From now on the channel brings what happens; what happened before has to be read elsewhere."""

    channel: str
    symbol: str | None


class Unsubscribed(NamedTuple):
    channel: str
    symbol: str | None


class Push(NamedTuple):
    """Rows of a channel: IndexPrice, AccountChange or OrderChange."""

    channel: str
    rows: tuple[Any, ...]


class Refused(NamedTuple):
    """The venue said no, by a code of `wire.codes`: to a channel, or, where none is named, to the connection.

    `final`: asking again would only be refused again.
    """

    code: str
    message: str
    channel: str | None
    symbol: str | None
    final: bool


class Garbled(NamedTuple):
    """A message that makes no sense. Something may have been in it."""

    text: str


class Dropped(NamedTuple):
    """The connection is no longer of use: close it, and open the next one at `StreamProtocol.reconnect_at`."""

    reason: str


Event = Subscribed | Unsubscribed | Push | Refused | Garbled | Dropped
