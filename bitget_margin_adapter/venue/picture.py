"""The whole venue in plain JSON types, for the control API and for comparing two of them."""

from typing import Any

from ..engine.accounts import Wallet
from ..engine.orders import working_row
from ..engine.state import State
from ..model.decimals import plain

__all__ = ["picture"]


def picture(state: State) -> dict[str, Any]:
    return {
        "now": state.now,
        "prices": {symbol: plain(price) for symbol, price in state.market.prices().items()},
        "accounts": {name: _account(state, name) for name in state.accounts},
        "orders": [row for wallet in _wallets(state) for row in _orders(wallet)],
        "loans": [row for wallet in _wallets(state) for row in _loans(state, wallet)],
        "faults": [],
    }


def _wallets(state: State) -> list[Wallet]:
    return [wallet for account in state.accounts.values() for wallet in account.wallets.values()]


def _account(state: State, name: str) -> dict[str, Any]:
    """Wallets by place; coins of a wallet with what is available, frozen, borrowed and owed in interest."""
    account = state.accounts[name]
    return {
        place: {coin: _coin(state, wallet, coin) for coin in sorted(wallet.holdings)}
        for place, wallet in sorted(account.wallets.items())
        if wallet.holdings
    }


def _coin(state: State, wallet: Wallet, coin: str) -> dict[str, str]:
    holding, amounts = wallet.holdings[coin], state.ledger.amounts
    return {
        "available": plain(amounts[holding.available]),
        "frozen": plain(amounts[holding.frozen]),
        "borrow": plain(amounts[holding.principal]),
        "interest": plain(state.interest(holding)),
    }


def _orders(wallet: Wallet) -> list[dict[str, Any]]:
    rows = []
    for symbol, working in wallet.open.items():
        for order in working.values():
            row = working_row(order)
            rows.append(
                {
                    "account": wallet.account.name,
                    "place": wallet.place,
                    "symbol": symbol,
                    "orderId": row.order_id,
                    "clientOid": row.client_oid,
                    "orderType": str(row.order_type),
                    "side": str(row.side),
                    "loanType": str(row.loan_type),
                    "price": None if row.price is None else plain(row.price),
                    "baseQuantity": None if row.base_quantity is None else plain(row.base_quantity),
                    "quoteAmount": None if row.quote_amount is None else plain(row.quote_amount),
                    "fillQuantity": plain(row.fill_quantity),
                    "status": str(row.status),
                    "ctime": row.ctime,
                }
            )
    return rows


def _loans(state: State, wallet: Wallet) -> list[dict[str, Any]]:
    return [
        {
            "account": wallet.account.name,
            "place": wallet.place,
            "coin": coin,
            "borrow": plain(state.ledger.amounts[holding.principal]),
            "interest": plain(state.interest(holding)),
            "dailyRate": plain(holding.accrual.rate),
        }
        for coin, holding in wallet.owing.items()
    ]
