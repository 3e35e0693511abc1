"""The account calls: assets, loans, risk, ceilings, transfers, flash repay."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from ..engine import flash, loans, risk, transfers
from ..engine.accounts import CROSS, SPOT, Holding, Wallet, isolated
from ..engine.liquidation import check
from ..engine.orders import unopened
from ..engine.state import State
from ..model.decimals import MONEY_SCALE, ZERO, cut, whole
from ..model.refusals import Reason, Refusal
from ..model.rows import Asset, Ceiling, FlashRepayment, FlashStatus, Receipt, Risk, Transferred
from ..model.words import Mode, RepayRecordType
from .conditions import isolated_pair

__all__ = ["assets", "borrow", "flash_repay", "flash_repay_status", "max_borrowable", "max_transfer_out", "repay",
           "risk_rate", "transfer", "wallet_of"]  # fmt: skip

Values = Mapping[str, Any]

# Members bound once: on 3.11 each look-up on the class is a Python call, and these are asked for with every order.
_CROSS = Mode.CROSS
_ISOLATED = Mode.ISOLATED


def wallet_of(state: State, account: str, mode: Mode | None, values: Values, coin: str | None = None) -> Wallet:
    """The wallet that a call speaks of, and whether `coin` belongs there."""
    if mode is Mode.ISOLATED:
        pair = isolated_pair(state, values["symbol"])
        if coin is not None:
            terms = state.coin(coin)
            if coin not in (pair.base, pair.quote):
                raise Refusal(Reason.COIN_NOT_IN_PAIR, coin, pair.symbol)
            if not terms.isolated:
                raise Refusal(Reason.COIN_NOT_ISOLATED, coin)
        return state.wallet(account, isolated(pair.symbol))
    if coin is not None and not state.coin(coin).cross:
        raise Refusal(Reason.COIN_NOT_CROSS, coin)
    return state.wallet(account, CROSS)


def assets(state: State, account: str, mode: Mode | None, values: Values, now: int) -> tuple[Asset, ...]:
    if mode is Mode.CROSS:
        coin = values["coin"]
        wallet = wallet_of(state, account, mode, values, coin)
        return tuple(_asset(state, wallet, name) for name in ([coin] if coin else sorted(wallet.holdings)))
    if values["symbol"]:
        return _pair_assets(state, wallet_of(state, account, mode, values))
    state.wallet(account, SPOT)
    wallets = sorted(
        (wallet for wallet in state.accounts[account].wallets.values() if wallet.symbol and wallet.holdings),
        key=lambda wallet: wallet.place,
    )
    return tuple(row for wallet in wallets for row in _pair_assets(state, wallet))


def _pair_assets(state: State, wallet: Wallet) -> tuple[Asset, ...]:
    pair = state.pair(wallet.symbol or "")
    return _asset(state, wallet, pair.base), _asset(state, wallet, pair.quote)


def _asset(state: State, wallet: Wallet, coin: str) -> Asset:
    holding = wallet.holdings.get(coin)
    if holding is None:
        return Asset(wallet.symbol, coin, ZERO, ZERO, ZERO, ZERO, ZERO, ZERO, ZERO, None)
    amounts = state.ledger.amounts
    available, frozen = amounts[holding.available], amounts[holding.frozen]
    borrowed, interest = amounts[holding.principal], state.interest(holding)
    return Asset(
        wallet.symbol,
        coin,
        available + frozen,
        available,
        frozen,
        borrowed,
        interest,
        available + frozen - borrowed - interest,
        loans.max_transfer_out(state, wallet, coin),
        holding.ctime,
    )


def _decimals(amount: Decimal) -> None:
    if amount != cut(amount, MONEY_SCALE):
        raise Refusal(Reason.TOO_MANY_DECIMALS)


def borrow(state: State, account: str, mode: Mode | None, values: Values, now: int) -> Receipt:
    coin, amount = values["coin"], values["borrowAmount"]
    wallet = wallet_of(state, account, mode, values, coin)
    unopened(wallet, now)
    _decimals(amount)
    loans.borrow(state, wallet, coin, amount, now)
    check(state, wallet, now)
    return Receipt(wallet.symbol, coin, amount, None, None)


def repay(state: State, account: str, mode: Mode | None, values: Values, now: int) -> Receipt:
    coin, amount = values["coin"], values["repayAmount"]
    wallet = wallet_of(state, account, mode, values, coin)
    unopened(wallet, now)
    if amount <= ZERO:
        raise Refusal(Reason.REPAY_NOT_POSITIVE)
    _decimals(amount)
    holding: Holding | None = wallet.owing.get(coin)
    if holding is None:
        return Receipt(wallet.symbol, coin, ZERO, ZERO, None)
    pays = min(amount, state.owed(holding))
    if pays < state.interest(holding):
        raise Refusal(Reason.REPAY_UNDER_INTEREST)
    if pays > state.ledger.amounts[holding.available]:
        raise Refusal(Reason.REPAY_OVER_AVAILABLE)
    paid = loans.repay(state, wallet, holding, pays, RepayRecordType.MANUAL, now)
    check(state, wallet, now)
    return Receipt(wallet.symbol, coin, paid, state.owed(holding), None)


def risk_rate(state: State, account: str, mode: Mode | None, values: Values, now: int) -> Risk | tuple[Risk, ...]:
    wallet = wallet_of(state, account, mode, values)
    found = Risk(wallet.symbol, risk.rate(state.sums(wallet)))
    if mode is Mode.CROSS:
        return found
    return (found,) if (values["pageNum"] or 1) == 1 else ()


def max_borrowable(state: State, account: str, mode: Mode | None, values: Values, now: int) -> Ceiling:
    wallet = wallet_of(state, account, mode, values, values["coin"])
    return Ceiling(wallet.symbol, values["coin"], loans.max_borrowable(state, wallet, values["coin"]))


def max_transfer_out(state: State, account: str, mode: Mode | None, values: Values, now: int) -> Ceiling:
    wallet = wallet_of(state, account, mode, values, values["coin"])
    return Ceiling(wallet.symbol, values["coin"], loans.max_transfer_out(state, wallet, values["coin"]))


def flash_repay(
    state: State, account: str, mode: Mode | None, values: Values, now: int
) -> FlashRepayment | tuple[FlashRepayment, ...]:
    if mode is Mode.CROSS:
        wallet = wallet_of(state, account, mode, values, values["coin"])
        unopened(wallet, now)
        begun = flash.begin(state, wallet, values["coin"], now)
        return FlashRepayment(str(begun.id), None, values["coin"], None)
    state.wallet(account, SPOT)
    symbols = values["symbols"] or sorted(wallet.symbol or "" for wallet in state.debtors if _is_his(wallet, account))
    wallets = [wallet_of(state, account, mode, {"symbol": symbol}) for symbol in dict.fromkeys(symbols)]
    for wallet in wallets:
        unopened(wallet, now)
    return tuple(
        FlashRepayment(str(flash.begin(state, wallet, None, now).id), wallet.symbol, None, "success")
        for wallet in wallets
    )


def _is_his(wallet: Wallet, account: str) -> bool:
    return wallet.account.name == account and wallet.mode is _ISOLATED


def flash_repay_status(
    state: State, account: str, mode: Mode | None, values: Values, now: int
) -> tuple[FlashStatus, ...]:
    state.wallet(account, SPOT)
    wallets = [wallet for wallet in state.accounts[account].wallets.values() if wallet.mode is mode]
    rows = []
    for text in values["idList"]:
        number = whole(text)
        found = next((wallet.flashes[number] for wallet in wallets if number in wallet.flashes), None)
        if found is not None:
            rows.append(FlashStatus(text, flash.status(found, now)))
    return tuple(rows)


_PLACES = {"spot": SPOT, "margin_cross": CROSS}


def transfer(state: State, account: str, mode: Mode | None, values: Values, now: int) -> Transferred:
    coin, amount, symbol = values["coin"], values["amount"], values["symbol"]
    source, target = values["fromType"], values["toType"]
    if source == target:
        raise Refusal(Reason.ODD_PARAMETER, "toType")
    if "margin_isolated" in (source, target):
        if symbol is None:
            raise Refusal(Reason.MISSING_PARAMETER, "symbol")
        isolated_pair(state, symbol)
    if amount <= ZERO:
        raise Refusal(Reason.BAD_PARAMETER, "amount")
    _decimals(amount)
    terms = state.coin(coin)
    wallets = [state.wallet(account, _PLACES.get(kind) or isolated(symbol)) for kind in (source, target)]
    for wallet in wallets:
        unopened(wallet, now)
    if wallets[1].mode is not None and not terms.transferable:
        raise Refusal(Reason.ODD_PARAMETER, "coin")
    transfers.transfer(state, wallets[0], wallets[1], coin, amount, now)
    check(state, wallets[0], now)
    return Transferred(str(state.ids.next(now)), values["clientOid"])
