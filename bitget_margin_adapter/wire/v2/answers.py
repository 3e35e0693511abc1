"""v2's answers into the model's values and back.

>>> from_v2("cross_risk_rate", {"code": "00000", "data": {"riskRateRatio": "0.5"}}).rate
Decimal('0.5')
"""

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from ...model.rows import Accepted, Batch, Ceiling
from ..parse import Malformed, body_reader
from ..render import SUCCESS, data_writer
from .endpoints import ENDPOINTS_V2
from .shapes import ANSWERS_V2, PairCeiling

__all__ = ["answer_to_v2", "from_v2"]

_READERS = {name: body_reader(name, answer) for name, answer in ANSWERS_V2.items()}
_WRITERS = {name: data_writer(answer) for name, answer in ANSWERS_V2.items()}


class _Turn(NamedTuple):
    """A value of another structure than v1's: both ways. `read` gets what v1 was asked for as well."""

    read: Callable[[Any, Mapping[str, Any]], Any]
    write: Callable[[Any], Any]


def _alone(row: Accepted, params: Mapping[str, Any]) -> Batch:
    return Batch((row,), ())


def _one_accepted(batch: Batch) -> Accepted:
    # Alone, a cancellation that fails is a refusal of the whole call, and no row.
    (row,) = batch.accepted
    return row


def _of_coin(row: PairCeiling, params: Mapping[str, Any]) -> Ceiling:
    wanted = str(params.get("coin") or "").upper()
    for coin, amount in ((row.base_coin, row.base_amount), (row.quote_coin, row.quote_amount)):
        if coin.upper() == wanted:
            return Ceiling(row.symbol, coin, amount, row.info)
    raise Malformed("max amounts", "data", f"are of {row.base_coin} and {row.quote_coin}, not of {wanted or 'a coin'}")


def _of_pair(ceilings: tuple[Ceiling, Ceiling]) -> PairCeiling:
    base, quote = ceilings
    return PairCeiling(base.symbol or "", base.coin, base.amount, quote.coin, quote.amount)


_TURNS = {
    "cancelled": _Turn(_alone, _one_accepted),
    "pair_max_borrowable": _Turn(_of_coin, _of_pair),
    "pair_max_transfer_out": _Turn(_of_coin, _of_pair),
}


def from_v2(endpoint: str, body: Any, params: Mapping[str, Any] | None = None) -> Any:
    """The value that `wire.parse` would make of v1's answer; `params` are those of the v1 request.

    `info` of the rows is v2's row. Raises Malformed, and nothing else, whatever the body.
    """
    answer = ENDPOINTS_V2[endpoint].answer
    value = _READERS[answer](body)
    turn = _TURNS.get(answer)
    return value if turn is None else turn.read(value, params or {})


def answer_to_v2(endpoint: str, value: Any, request_time: int) -> dict[str, Any]:
    """The whole body of a success. Ceilings of an isolated account are a tuple of both coins', base first."""
    answer = ENDPOINTS_V2[endpoint].answer
    turn = _TURNS.get(answer)
    data = _WRITERS[answer](value if turn is None else turn.write(value))
    return {"code": SUCCESS, "msg": "success", "requestTime": request_time, "data": data}
