"""The borrows and repayments that an exchange object has sent lately.

The venue gives them no id of ours. So when an answer is lost, its record can only be told from records of equal
amounts by counting: one more than those that were acknowledged is ours.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import TypeVar

from .context import Context

__all__ = ["LOOK_BACK", "Outcome", "Sent", "book", "own_of"]

LOOK_BACK = 60_000
"""How far before its sending a record may be dated, ms: clocks differ by as much as the venue lets them."""

_BLURRED = 10_000
"""Around the beginning of that time nobody can say what the venue's list still shows, ms."""

_KEY = "sentLoans"

Key = tuple[str | None, ...]
R = TypeVar("R")


class Outcome(StrEnum):
    OPEN = "open"
    DONE = "done"
    REFUSED = "refused"
    UNKNOWN = "unknown"


@dataclass(eq=False)
class Sent:
    key: Key
    at: int
    outcome: Outcome = Outcome.OPEN


def book(ctx: Context, key: Key, at: int) -> Sent:
    """Note what is about to be sent."""
    lately: list[Sent] = ctx.options.setdefault(_KEY, [])
    while lately and lately[0].at < at - 2 * LOOK_BACK:
        lately.pop(0)
    sent = Sent(key, at)
    lately.append(sent)
    return sent


def own_of(ctx: Context, sent: Sent, rows: Sequence[R]) -> R | None:
    """Ours of the rows like it (newest first), if that is certain."""
    done = 0
    alike = [other for other in ctx.options.get(_KEY, ()) if other.key == sent.key]
    for other in alike[:-1]:
        # This one stands among them, open, when another like it was sent since.
        if other.outcome in (Outcome.OPEN, Outcome.UNKNOWN):
            return None
        if other.outcome is Outcome.DONE:
            before = sent.at - other.at
            if abs(before - LOOK_BACK) < _BLURRED:
                return None
            done += before < LOOK_BACK
    return rows[0] if len(rows) == done + 1 else None
