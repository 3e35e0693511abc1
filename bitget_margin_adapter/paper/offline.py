"""Margin pairs without a network: of the bundled profile, or of a file.

A file is JSON: the venue's answer to `currencies`, its rows alone, or a profile of the paper venue.
"""

import json
from functools import lru_cache
from pathlib import Path
from typing import Any

from ccxt.base import errors

from ..model.rows import Pair
from ..venue.profile import DEFAULT, Profile
from ..venue.service import Venue
from ..wire.parse import parse

__all__ = ["offline_pairs"]


def offline_pairs(option: Any, id: str) -> tuple[Pair, ...]:
    """The pairs that `options['offlineMarkets']` names. Raises BadRequest for a file that has none."""
    if option is True:
        return _of_profile(None)
    try:
        path = Path(option).expanduser()
        return _of_file(path, path.stat().st_mtime_ns)
    except (OSError, TypeError, ValueError) as problem:
        raise errors.BadRequest(
            f"{id} options['offlineMarkets'] is {option!r}: {problem}; give True, or the path of a JSON file with the "
            "venue's list of pairs or a profile"
        ) from None


@lru_cache(maxsize=8)
def _of_file(path: Path, changed: int) -> tuple[Pair, ...]:
    content = json.loads(path.read_text(encoding="utf-8"))
    if isinstance(content, list):
        content = {"data": content}
    if "data" in content:
        pairs: tuple[Pair, ...] = parse("pairs", content)
        return pairs
    return _of_profile(content)


def _of_profile(parts: dict[str, Any] | None) -> tuple[Pair, ...]:
    venue = Venue(DEFAULT if parts is None else Profile.from_mapping(parts))
    venue.open_account("offline", {}, 0)
    pairs: tuple[Pair, ...] = venue.handle("offline", "currencies", {}, 0)
    return pairs
