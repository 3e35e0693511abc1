"""Signatures that were used: with `strict_replay` a signed POST is good for once.

A strict venue also refuses an honest client whose two equal requests fall into one millisecond; hence it is an option.
Pure: the times that count as now are passed in.
"""

from ..model.refusals import Reason, Refusal
from .auth import Times, is_recent

__all__ = ["Repeats"]

_FEWEST = 1_024


class Repeats:
    """Keeps the signatures whose timestamps are still good, and at most as many that no more are."""

    def __init__(self) -> None:
        self._used: dict[tuple[str, str], int] = {}
        self._full = _FEWEST

    def __len__(self) -> int:
        return len(self._used)

    def use(self, key: str, signature: str, stamp: int, times: Times) -> None:
        """For a request whose signature is right. Raises Refusal the second time."""
        if (key, signature) in self._used:
            raise Refusal(Reason.BAD_SIGNATURE, "it was used before, and this emulator runs with strict_replay")
        if len(self._used) >= self._full:
            self._used = {used: at for used, at in self._used.items() if is_recent(at, times)}
            self._full = max(_FEWEST, 2 * len(self._used))
        self._used[key, signature] = stamp
