"""When a bot is called, and with which candle: at the open of the next one, pairs of one instant in the input's order.

After a hole the call comes with the next candle; after a pair's last candle, when that has closed; none after the end
of all candles. Calls come in blocks, made from the columns in bulk.
"""

from collections.abc import Iterable, Iterator, Sequence
from itertools import repeat
from typing import Any, Final, NamedTuple

from .feeds import Feed

__all__ = ["Block", "Candle", "blocks"]

_SIZE: Final = 1024

Candle = list[Any]


class Block(NamedTuple):
    """Calls one after the other: when, for which pair, with which closed candle."""

    times: list[int]
    symbols: Iterable[str]
    candles: list[Candle]


def blocks(feeds: Sequence[Feed], shared: bool = False) -> Iterator[Block]:
    """All calls of a run; each candle is a list of its own, the bot's to keep or change.

    `shared` says that tuples of the candles will be asked for as well.
    """
    import numpy as np

    end = max(int(feed.columns.ms[-1]) for feed in feeds)
    closes = [np.append(feed.columns.ms[1:], feed.columns.ms[-1] + feed.interval) for feed in feeds]
    counts = [int(np.searchsorted(ends, end, side="right")) for ends in closes]
    times = np.concatenate([ends[:count] for ends, count in zip(closes, counts, strict=True)])
    which = np.repeat(np.arange(len(feeds)), counts)
    order = np.argsort(times, kind="stable")
    times, which = times[order], which[order]
    names = [feed.symbol for feed in feeds]
    done = [0] * len(feeds)
    for start in range(0, len(times), _SIZE):
        at = times[start : start + _SIZE].tolist()
        if len(feeds) == 1:
            yield Block(at, repeat(names[0]), _candles(feeds[0], start, start + len(at), shared))
            continue
        ours = which[start : start + _SIZE]
        sources = []
        for number, count in enumerate(np.bincount(ours, minlength=len(feeds)).tolist()):
            sources.append(iter(_candles(feeds[number], done[number], done[number] + count, shared)))
            done[number] += count
        picked = ours.tolist()
        yield Block(at, [names[number] for number in picked], [next(sources[number]) for number in picked])


def _candles(feed: Feed, first: int, last: int, shared: bool) -> list[Candle]:
    return list(map(list, feed.rows.shared(first, last))) if shared else feed.rows.lists(first, last)
