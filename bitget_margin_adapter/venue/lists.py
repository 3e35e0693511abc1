"""The lists: orders, fills, loans, repayments, interest, liquidations, financial records; newest first, by pages."""

from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from ..engine.accounts import Wallet
from ..engine.fills import fill_row
from ..engine.interest import Charge, charges
from ..engine.orders import Working, order_row, pair_for, working_row
from ..engine.records import ID, Log, Query, Row, newest_first
from ..engine.state import State
from ..model.refusals import Reason, Refusal
from ..model.rows import Fill, FinancialRecord, Interest, Liquidation, Loan, Order, Page, Repayment
from ..model.words import LoanRecordType, MarginType, Mode, RepayRecordType
from .money import Values, wallet_of
from .trading import order_of

__all__ = ["fills", "financial_records", "interests", "liquidations", "loans", "open_orders", "order_history", "repays"]

DAY_MS = 86_400_000
WINDOW_DAYS = 90
CLOCKS_MS = 30_000
PAGE = 100

T = TypeVar("T")


def _query(state: State, values: Values, now: int, page_id: str | None = "pageId", open_end: bool = False) -> Query:
    """The window and page of a request; refuses what the venue refuses."""
    start, end = values["startTime"], values.get("endTime")
    if start is not None and not open_end:
        if end is not None and start > end:
            raise Refusal(Reason.WINDOW_REVERSED)
        # Clients reckon 90 days back from their own clock, which may be as far off as a signature's time.
        if (now - CLOCKS_MS if end is None else end) - start > WINDOW_DAYS * DAY_MS:
            raise Refusal(Reason.WINDOW_TOO_LONG)
    if start is not None and state.terms.strict_history and start < now - WINDOW_DAYS * DAY_MS:
        raise Refusal(Reason.WINDOW_TOO_OLD)
    return Query(start, end, values[page_id] if page_id else None, values["pageSize"] or PAGE)


def _page(rows: list[Any], make: Callable[[Any], T]) -> Page[T]:
    if not rows:
        return Page((), "0", "0")
    return Page(tuple(make(row) for row in rows), str(rows[0][ID]), str(rows[-1][ID]))


def _records(
    log: Log, query: Query, make: Callable[[Row], T], filters: Mapping[int, Any], row_id: int | None = None
) -> Page[T]:
    if row_id is not None:
        found = log.find(row_id)
        fits = found is not None and all(value is None or found[field] == value for field, value in filters.items())
        return _page([found] if fits else [], make)
    chosen = {field: value for field, value in filters.items() if value is not None}
    return _page(log.page(query, tuple(chosen), tuple(chosen.values())), make)


def _trading_wallet(state: State, account: str, mode: Mode | None, values: Values) -> Wallet:
    wallet = wallet_of(state, account, mode, values)
    pair_for(state, mode, values["symbol"])
    return wallet


def open_orders(state: State, account: str, mode: Mode | None, values: Values, now: int) -> Page[Order]:
    wallet, symbol = _trading_wallet(state, account, mode, values), values["symbol"]
    query = _query(state, values, now, "idLessThan", open_end=True)
    working: dict[int, Working] = wallet.open.get(symbol, {})
    ids = sorted(working, reverse=True)
    if values["orderId"] or values["clientOid"]:
        wanted = order_of(wallet, symbol, values["orderId"], values["clientOid"])
        ids = [wanted] if wanted in working and wanted is not None else []
    orders = [
        order
        for order in (working[order_id] for order_id in ids)
        if (query.start is None or order.time >= query.start)
        and (query.end is None or order.time <= query.end)
        and (query.before is None or order.id < query.before)
    ][: query.limit]
    if not orders:
        return Page((), "0", "0")
    return Page(tuple(map(working_row, orders)), str(orders[0].id), str(orders[-1].id))


def order_history(state: State, account: str, mode: Mode | None, values: Values, now: int) -> Page[Order]:
    """Orders that are final."""
    wallet, symbol = _trading_wallet(state, account, mode, values), values["symbol"]
    query = _query(state, values, now, "minId")
    log = wallet.orders.get(symbol) or Log()
    if values["orderId"] or values["clientOid"]:
        wanted = order_of(wallet, symbol, values["orderId"], values["clientOid"])
        found = None if wanted is None else log.find(wanted)
        candidates = iter(() if found is None else (found,))
    else:
        source = values["source"]
        candidates = newest_first(log.where((2,) if source else (), (source,)), query)
    rows: list[Row] = []
    for row in candidates:
        if row[3] is not None:
            rows.append(row)
            if len(rows) == query.limit:
                break
    return _page(rows, lambda row: order_row(symbol, row))


def fills(state: State, account: str, mode: Mode | None, values: Values, now: int) -> Page[Fill]:
    wallet, symbol = _trading_wallet(state, account, mode, values), values["symbol"]
    query = _query(state, values, now, "lastFillId")
    log = wallet.fills.get(symbol) or Log()
    return _records(log, query, lambda row: fill_row(symbol, row), {2: values["orderId"]})


def loans(state: State, account: str, mode: Mode | None, values: Values, now: int) -> Page[Loan]:
    wallet, query = wallet_of(state, account, mode, values, values["coin"]), _query(state, values, now)

    def make(row: Row) -> Loan:
        loan_id, time, coin, amount, kind = row
        return Loan(str(loan_id), wallet.symbol, coin, amount, LoanRecordType(kind), time)

    return _records(wallet.loans, query, make, {2: values["coin"]}, values["loanId"])


def repays(state: State, account: str, mode: Mode | None, values: Values, now: int) -> Page[Repayment]:
    wallet, query = wallet_of(state, account, mode, values, values["coin"]), _query(state, values, now)

    def make(row: Row) -> Repayment:
        repay_id, time, coin, total, interest, principal, kind = row
        return Repayment(str(repay_id), wallet.symbol, coin, total, interest, principal, RepayRecordType(kind), time)

    return _records(wallet.repays, query, make, {2: values["coin"]}, values["repayId"])


def interests(state: State, account: str, mode: Mode | None, values: Values, now: int) -> Page[Interest]:
    wallet = wallet_of(state, account, mode, values, values["coin"])
    query = _query(state, values, now, open_end=True)
    coin = values["coin"]
    debts = [item.accrual for name, item in wallet.holdings.items() if coin is None or name == coin]

    def make(row: Charge) -> Interest:
        return Interest(str(row.id), wallet.symbol, row.coin, row.coin, row.rate, row.amount, row.type, row.time)

    return _page(list(charges(debts, query, state.hour)), make)


def liquidations(state: State, account: str, mode: Mode | None, values: Values, now: int) -> Page[Liquidation]:
    wallet, query = wallet_of(state, account, mode, values), _query(state, values, now)

    def make(row: Row) -> Liquidation:
        liq_id, start, end, rate, assets, debt, fee = row
        return Liquidation(str(liq_id), wallet.symbol, start, end, rate, assets, debt, fee, start)

    return _records(wallet.liquidations, query, make, {})


def financial_records(state: State, account: str, mode: Mode | None, values: Values, now: int) -> Page[FinancialRecord]:
    wallet, query = wallet_of(state, account, mode, values, values["coin"]), _query(state, values, now)

    def make(row: Row) -> FinancialRecord:
        margin_id, time, coin, kind, amount, fee, balance = row
        return FinancialRecord(str(margin_id), wallet.symbol, coin, MarginType(kind), amount, fee, balance, time)

    return _records(wallet.finance, query, make, {2: values["coin"], 3: values["marginType"]})
