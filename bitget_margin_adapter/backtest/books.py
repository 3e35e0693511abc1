"""What the engine has on record after a run, as frames with ccxt's field names."""

from collections.abc import Mapping
from functools import cached_property
from typing import TYPE_CHECKING, Any, Protocol

from ..engine.accounts import Wallet
from ..engine.fills import fill_row
from ..engine.interest import charges
from ..engine.orders import order_row
from ..engine.records import Query
from ..model.decimals import ZERO
from ..model.words import BASE_SIDES, Mode
from ..wire.unify.orders import TIME_IN_FORCE

if TYPE_CHECKING:
    # It brings ccxt, which takes longer to import than a strategy on the kernel takes to run.
    from .stage import Stage

__all__ = ["FILLS", "INTEREST", "LIQUIDATIONS", "LOANS", "ORDERS", "Books", "EngineBooks", "frame"]

FILLS = (
    "id", "order", "timestamp", "datetime", "symbol", "type", "side", "price", "amount", "cost", "fee", "feeCurrency",
    "reason",
)  # fmt: skip
ORDERS = (
    "id", "clientOrderId", "timestamp", "datetime", "symbol", "type", "side", "timeInForce", "price", "amount",
    "filled", "remaining", "average", "cost", "status", "marginMode",
)  # fmt: skip
LOANS = ("timestamp", "datetime", "type", "currency", "symbol", "amount", "principal", "interest")
INTEREST = ("timestamp", "datetime", "currency", "symbol", "rate", "interest", "type")
LIQUIDATIONS = ("timestamp", "datetime", "symbol", "riskRate", "assets", "debt", "fee")

_STATUS = {"new": "open", "init": "open", "partial_fill": "open", "full_fill": "closed", "cancelled": "canceled"}
_NEVER = 1 << 62


class Books(Protocol):
    """The records of a run, whoever kept them. Each is a DataFrame, made when somebody looks."""

    @property
    def fills(self) -> Any: ...
    @property
    def orders(self) -> Any: ...
    @property
    def loans(self) -> Any: ...
    @property
    def interest(self) -> Any: ...
    @property
    def liquidations(self) -> Any: ...


def frame(columns: tuple[str, ...], rows: list[tuple[Any, ...]] | Mapping[str, Any]) -> Any:
    """A frame of rows, or of columns, whose `datetime` is made of `timestamp`; they leave the place of it empty."""
    import pandas as pd

    made = pd.DataFrame(rows, columns=list(columns))
    if "datetime" in columns:
        made["datetime"] = pd.to_datetime(made["timestamp"].astype("int64"), unit="ms", utc=True)
    return made


class EngineBooks:
    """Of a paper account that nobody uses any more."""

    def __init__(self, stage: "Stage", symbols: Mapping[str, str], reasons: Mapping[str, str]) -> None:
        self._stage = stage
        self._symbols = symbols
        self._reasons = reasons

    @property
    def _wallets(self) -> list[Wallet]:
        from .stage import ACCOUNT

        return list(self._stage.venue.inside.accounts[ACCOUNT].margin())

    @cached_property
    def fills(self) -> Any:
        rows = []
        for wallet in self._wallets:
            for id_, log in wallet.fills.items():
                for raw in log.rows:
                    row = fill_row(id_, raw)
                    side = BASE_SIDES[row.side]
                    forced = str(row.side).startswith("liquidation")
                    reason = "liquidation" if forced else self._reasons.get(row.order_id, "")
                    rows.append(
                        (
                            row.fill_id, row.order_id, row.ctime, None, self._symbol(id_), str(row.order_type),
                            str(side), float(row.price), float(row.quantity), float(row.total), float(-row.fees),
                            row.fee_coin, reason,
                        )
                    )  # fmt: skip
        rows.sort(key=lambda row: int(row[0]))
        return frame(FILLS, rows)

    @cached_property
    def orders(self) -> Any:
        rows = []
        for wallet in self._wallets:
            for id_, log in wallet.orders.items():
                for raw in log.rows:
                    row = order_row(id_, raw)
                    amount = row.base_quantity if row.base_quantity is not None else row.fill_quantity
                    rows.append(
                        (
                            row.order_id, row.client_oid, row.ctime, None, self._symbol(id_), str(row.order_type),
                            str(BASE_SIDES[row.side]),
                            TIME_IN_FORCE[row.time_in_force] if row.time_in_force else None,
                            None if row.price is None else float(row.price), float(amount), float(row.fill_quantity),
                            float(max(amount - row.fill_quantity, ZERO)),
                            None if row.fill_price is None else float(row.fill_price), float(row.fill_total),
                            _STATUS[str(row.status)], "cross" if wallet.mode is Mode.CROSS else "isolated",
                        )
                    )  # fmt: skip
        rows.sort(key=lambda row: int(row[0]))
        return frame(ORDERS, rows)

    @cached_property
    def loans(self) -> Any:
        rows = []
        for wallet in self._wallets:
            symbol = self._symbol(wallet.symbol) if wallet.symbol else None
            for id_, time, coin, amount, kind in wallet.loans.rows:
                rows.append((id_, time, None, kind, coin, symbol, float(amount), float(amount), 0.0))
            for id_, time, coin, paid, interest, principal, kind in wallet.repays.rows:
                rows.append((id_, time, None, kind, coin, symbol, float(paid), float(principal), float(interest)))
        rows.sort(key=lambda row: row[0])
        return frame(LOANS, [row[1:] for row in rows])

    @cached_property
    def interest(self) -> Any:
        state = self._stage.venue.inside
        rows = []
        for wallet in self._wallets:
            symbol = self._symbol(wallet.symbol) if wallet.symbol else None
            debts = [holding.accrual for holding in wallet.holdings.values()]
            for row in charges(debts, Query(limit=_NEVER), state.hour):
                rows.append((row.time, None, row.coin, symbol, float(row.rate), float(row.amount), str(row.type)))
        rows.sort(key=lambda row: row[0])
        return frame(INTEREST, rows)

    @cached_property
    def liquidations(self) -> Any:
        rows = []
        for wallet in self._wallets:
            symbol = self._symbol(wallet.symbol) if wallet.symbol else None
            for _, time, _, rate, assets, debt, fees in wallet.liquidations.rows:
                rows.append((time, None, symbol, float(rate), float(assets), float(debt), float(fees)))
        return frame(LIQUIDATIONS, rows)

    def _symbol(self, id_: str) -> str:
        return self._symbols.get(id_, id_)
