"""Random commands for the venue and for the model in Fractions: they must agree on everything, to the last digit."""

from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from bitget_margin_adapter.model.refusals import Refusal
from bitget_margin_adapter.venue.recall import recall
from bitget_margin_adapter.venue.service import Venue

from .fractions_model import COINS, MAINTAIN, SCALES, Model, No, Wallet, down

HOUR = 3_600_000
PLACES = ("cross", "isolated:BTCUSDT")
SYMBOLS = {"cross": ("BTCUSDT", "ETHUSDT"), "isolated:BTCUSDT": ("BTCUSDT",)}
LOANS = {
    "normal": (False, False),
    "autoLoan": (True, False),
    "autoRepay": (False, True),
    "autoLoanAndRepay": (True, True),
}
MONEY = st.decimals("0.00000001", "300000", places=8)
SMALL = st.decimals("0.00000001", "40", places=8)
FRACTIONS = st.sampled_from([Decimal(n) / 20 for n in range(1, 24)])


def plain(number: Fraction) -> str:
    """Eight decimals without trailing zeros, as the picture has them; there are never more."""
    units, rest = divmod(number * 10**8, 1)
    assert rest == 0
    whole, part = divmod(int(units), 10**8)
    return f"{whole}.{part:08}".rstrip("0").rstrip(".")


def text(number: Decimal | Fraction) -> str:
    if isinstance(number, Fraction):
        number = Decimal(number.numerator) / Decimal(number.denominator)
    return f"{number:f}"


class VenueAgainstModel(RuleBasedStateMachine):
    """One account with a cross and an isolated wallet."""

    operations = 0
    refusals = 0
    liquidations = 0

    def __init__(self) -> None:
        super().__init__()
        self.journal: list[str] = []
        self.venue = Venue(journal=self.journal)
        self.model = Model()
        self.now = 0
        self.ids: dict[int, str] = {}

    @initialize(usdt=st.integers(0, 200_000), btc=st.decimals("0", "3", places=4), eth=st.integers(0, 40))
    def open(self, usdt: int, btc: Decimal, eth: int) -> None:
        self.venue.set_prices({"BTCUSDT": 30_000, "ETHUSDT": 2_000}, 0)
        funds: dict[str, Any] = {"USDT": usdt, "BTC": btc, "ETH": eth}
        pair: dict[str, Any] = {"USDT": usdt // 3, "BTC": btc}
        self.venue.open_account("a", {**funds, "isolated:BTCUSDT": pair}, 0)
        for coin, amount in funds.items():
            self.model.fund("cross", coin, Fraction(amount))
        for coin, amount in pair.items():
            self.model.fund("isolated:BTCUSDT", coin, Fraction(amount))

    def call(self, place: str, name: str, params: dict[str, Any]) -> Any:
        mode, _, symbol = place.partition(":")
        if symbol:
            params = {"symbol": symbol, **params}
        return self.venue.handle("a", f"{mode}_{name}", params, self.now)

    def both(self, expected: Any, actual: Any) -> Any:
        """Both must do it, or refuse it for the same reason; returns both results."""
        type(self).operations += 1
        try:
            wanted = expected()
        except No as refused:
            wanted_reason = refused.reason
        else:
            return wanted, actual()
        type(self).refusals += 1
        before = self.venue.state(self.now)
        with pytest.raises(Refusal) as caught:
            actual()
        assert caught.value.reason.name == wanted_reason
        assert self.venue.state(self.now) == before
        return None, None

    # loans and money

    @rule(place=st.sampled_from(PLACES), data=st.data(), part=FRACTIONS)
    def borrow(self, place: str, data: Any, part: Decimal) -> None:
        """Around the maximum, so that both sides of it are met."""
        coin = data.draw(st.sampled_from(sorted({c for s in SYMBOLS[place] for c in COINS[s]})))
        most = self.model.borrowable(self.model.wallets[place], coin)
        shown = self.call(place, "max_borrowable", {"coin": coin})
        assert Fraction(shown.amount) == most
        amount = down(most * Fraction(part))
        self.both(
            lambda: self.model.borrow(place, coin, amount),
            lambda: self.call(place, "borrow", {"coin": coin, "borrowAmount": text(amount)}),
        )

    @rule(
        place=st.sampled_from(PLACES), coin=st.sampled_from(["BTC", "USDT"]), part=FRACTIONS, amount=MONEY,
        around=st.sampled_from(["part", "principal", "all but a crumb", "interest"]),
    )  # fmt: skip
    def repay(self, place: str, coin: str, part: Decimal, amount: Decimal, around: str) -> None:
        own = self.model.wallets[place].coin(coin)
        debt = own.debt
        wanted = {
            "part": down(debt * Fraction(part)) if debt else Fraction(amount),
            "principal": own.principal + down(own.interest * Fraction(part)),
            "all but a crumb": debt - Fraction(1, 10**8),
            "interest": down(own.interest * Fraction(part)),
        }[around if debt else "part"]
        if not debt:
            assert self.call(place, "repay", {"coin": coin, "repayAmount": text(wanted)}).amount == 0
            return
        self.both(
            lambda: self.model.repay(place, coin, wanted),
            lambda: self.call(place, "repay", {"coin": coin, "repayAmount": text(wanted)}),
        )

    @rule(there=st.booleans(), coin=st.sampled_from(["BTC", "USDT"]), part=FRACTIONS)
    def transfer(self, there: bool, coin: str, part: Decimal) -> None:
        source, target = PLACES if there else PLACES[::-1]
        most = self.model.transferable(self.model.wallets[source], coin)
        assert Fraction(self.call(source, "max_transfer_out", {"coin": coin}).amount) == most
        amount = down(most * Fraction(part))
        if not amount:
            return
        kinds = {"cross": "margin_cross", "isolated:BTCUSDT": "margin_isolated"}
        params = {"fromType": kinds[source], "toType": kinds[target], "coin": coin, "amount": text(amount)}
        self.both(
            lambda: self.model.transfer(source, target, coin, amount),
            lambda: self.venue.handle("a", "transfer", {**params, "symbol": "BTCUSDT"}, self.now),
        )

    # orders

    @rule(
        place=st.sampled_from(PLACES), data=st.data(), buys=st.booleans(), part=FRACTIONS,
        loan=st.sampled_from(sorted(LOANS)), amount=st.one_of(st.none(), MONEY),
    )  # fmt: skip
    def market(self, place: str, data: Any, buys: bool, part: Decimal, loan: str, amount: Decimal | None) -> None:
        symbol = data.draw(st.sampled_from(SYMBOLS[place]))
        coin = COINS[symbol][1 if buys else 0]
        wanted = self.model.wallets[place].coin(coin).available * Fraction(part) if amount is None else Fraction(amount)
        size = down(wanted, 8 if buys else SCALES[symbol][1])
        params = {"symbol": symbol, "side": "buy" if buys else "sell", "orderType": "market", "loanType": loan}
        params["quoteAmount" if buys else "baseQuantity"] = text(size)
        self.both(
            lambda: self.model.market(place, symbol, buys, size, *LOANS[loan]),
            lambda: self.call(place, "place_order", params),
        )

    @rule(place=st.sampled_from(PLACES), data=st.data(), buys=st.booleans(), part=FRACTIONS)
    def lever(self, place: str, data: Any, buys: bool, part: Decimal) -> None:
        """All that is there and most of what can be borrowed, in one market order."""
        symbol = data.draw(st.sampled_from(SYMBOLS[place]))
        coin = COINS[symbol][1 if buys else 0]
        wallet = self.model.wallets[place]
        wanted = wallet.coin(coin).available + self.model.borrowable(wallet, coin) * Fraction(part)
        size = down(wanted, 8 if buys else SCALES[symbol][1])
        params = {"symbol": symbol, "side": "buy" if buys else "sell", "orderType": "market", "loanType": "autoLoan"}
        params["quoteAmount" if buys else "baseQuantity"] = text(size)
        self.both(
            lambda: self.model.market(place, symbol, buys, size, True, False),
            lambda: self.call(place, "place_order", params),
        )

    @rule(
        place=st.sampled_from(PLACES), data=st.data(), buys=st.booleans(), part=FRACTIONS,
        loan=st.sampled_from(sorted(LOANS)), force=st.sampled_from(["gtc", "gtc", "gtc", "post_only", "ioc", "fok"]),
        off=st.integers(-900, 900), size=SMALL,
    )  # fmt: skip
    def limit(
        self, place: str, data: Any, buys: bool, part: Decimal, loan: str, force: str, off: int, size: Decimal
    ) -> None:
        symbol = data.draw(st.sampled_from(SYMBOLS[place]))
        price_scale, scale, _ = SCALES[symbol]
        price = down(self.model.prices[symbol] * (10_000 + off) / 10_000, price_scale)
        quantity = down(Fraction(size) * Fraction(part), scale)
        params = {
            "symbol": symbol, "side": "buy" if buys else "sell", "orderType": "limit", "loanType": loan,
            "timeInForce": force, "price": text(price), "baseQuantity": text(quantity),
        }  # fmt: skip
        number, accepted = self.both(
            lambda: self.model.limit(place, symbol, buys, price, quantity, *LOANS[loan], force),
            lambda: self.call(place, "place_order", params),
        )
        if number is not None:
            self.ids[number] = accepted.order_id

    @precondition(lambda self: any(wallet.orders for wallet in self.model.wallets.values()))
    @rule(data=st.data())
    def cancel(self, data: Any) -> None:
        open_orders = [(w.place, n, o.symbol) for w in self.model.wallets.values() for n, o in w.orders.items()]
        place, number, symbol = data.draw(st.sampled_from(open_orders))
        self.both(
            lambda: self.model.cancel(place, number),
            lambda: self.call(place, "cancel_order", {"symbol": symbol, "orderId": self.ids[number]}),
        )

    # market and time

    @rule(symbol=st.sampled_from(sorted(SCALES)), by=st.integers(-400, 400))
    def drift(self, symbol: str, by: int) -> None:
        self.price(symbol, by)

    @rule(symbol=st.sampled_from(sorted(SCALES)), by=st.one_of(st.integers(-6_000, -1_500), st.integers(1_500, 9_000)))
    def jump(self, symbol: str, by: int) -> None:
        self.price(symbol, by)

    def price(self, symbol: str, by: int) -> None:
        type(self).operations += 1
        price = down(self.model.prices[symbol] * (10_000 + by) / 10_000, SCALES[symbol][0])
        if not 10 < price < 10**7:
            return
        self.model.move(symbol, price)
        self.venue.set_price(symbol, text(price), self.now)

    @rule(hours=st.sampled_from([0, 0, 0, 1, 1, 2, 5, 24, 100]), seconds=st.integers(1, 3_599))
    def wait(self, hours: int, seconds: int) -> None:
        type(self).operations += 1
        self.now += hours * HOUR + seconds * 1000
        while self.model.hour < self.now // HOUR:
            self.model.next_hour()
            if any(wallet.liquidated for wallet in self.model.wallets.values()):
                # What a liquidation leaves is the engine's to say, before the next hour is charged.
                self.venue.advance(self.model.hour * HOUR)
                self.adopt()
        self.venue.advance(self.now)

    @rule(coin=st.sampled_from(["BTC", "ETH", "USDT"]), rate=st.decimals("0", "0.02", places=6))
    def rate(self, coin: str, rate: Decimal) -> None:
        type(self).operations += 1
        self.model.new_rates[coin] = Fraction(rate)
        self.venue.set_rate(coin, rate, self.now)

    # what must hold

    @invariant()
    def agree(self) -> None:
        if not self.venue.accounts:
            return
        picture = self.adopt()
        for place, wallet in self.model.wallets.items():
            for coin, own in wallet.coins.items():
                row = picture[place].get(coin) if place in picture else None
                shown = ("0",) * 4 if row is None else tuple(row.values())
                assert shown == tuple(map(plain, own.figures())), (place, coin)
                assert not any(figure.startswith("-") for figure in shown)
            risk = self.call(place, "risk_rate", {})
            rate = risk.rate if place == "cross" else risk[0].rate
            assert Fraction(rate) == down(self.model.rate(wallet))
            for symbol in SYMBOLS[place]:
                rows = self.call(place, "open_orders", {"symbol": symbol, "pageSize": "500"}).rows
                wanted = {self.ids[n] for n, o in wallet.orders.items() if o.symbol == symbol}
                assert {row.order_id for row in rows} == wanted
        assert self.venue.imbalance() == {}

    def adopt(self) -> Any:
        """Takes over what a liquidation left, if there was to be one, and checks that it was enough."""
        picture = self.venue.state(self.venue.now)["accounts"]["a"]
        for place, wallet in self.model.wallets.items():
            recent = {"startTime": str(max(0, self.venue.now - HOUR))}
            fresh = self.seen(self.call_at(place, "liquidations", recent).rows)
            assert bool(fresh) == wallet.liquidated, (place, self.model.rate(wallet), fresh)
            if not wallet.liquidated:
                continue
            type(self).liquidations += 1
            wallet.liquidated = False
            for coin, row in picture[place].items():
                own = wallet.coin(coin)
                own.available, own.frozen = Fraction(row["available"]), Fraction(row["frozen"])
                own.principal, own.interest = Fraction(row["borrow"]), Fraction(row["interest"])
            net = self.model.assets(wallet) - self.model.debt(wallet)
            assert self.model.debt(wallet) * MAINTAIN[place] <= net / 2
        return picture

    def call_at(self, place: str, name: str, params: dict[str, Any]) -> Any:
        mode, _, symbol = place.partition(":")
        return self.venue.handle("a", f"{mode}_{name}", {**params, **({"symbol": symbol} if symbol else {})}, 0)

    def seen(self, rows: Any) -> list[Any]:
        """Liquidations that were not looked at before."""
        known: set[str] = self.__dict__.setdefault("known", set())
        fresh = [row for row in rows if row.liq_id not in known]
        known.update(row.liq_id for row in fresh)
        return fresh

    def teardown(self) -> None:
        if not self.venue.accounts:
            return
        for place, wallet in self.model.wallets.items():
            self.check_records(place, wallet)
        again = recall(self.journal)
        assert again.state(self.now) == self.venue.state(self.now)
        for place in PLACES:
            for name in ("loans", "repays", "interests", "liquidations", "financial_records"):
                mine, other = (self.pages(venue, place, name) for venue in (self.venue, again))
                assert mine == other

    def pages(self, venue: Venue, place: str, name: str) -> list[Any]:
        """The whole list, page after page."""
        mode, _, symbol = place.partition(":")
        rows: list[Any] = []
        params = {"startTime": "0", "pageSize": "37", **({"symbol": symbol} if symbol else {})}
        if name != "interests":
            params["endTime"] = str(90 * 24 * HOUR)
        while True:
            page = venue.handle("a", f"{mode}_{name}", params, self.now)
            if not page.rows:
                return rows
            rows += page.rows
            params["pageId"] = page.min_id

    def check_records(self, place: str, wallet: Wallet) -> None:
        """The financial records add up to what is held, the interest list to what was charged."""
        if self.now > 90 * 24 * HOUR:
            return
        finance = self.pages(self.venue, place, "financial_records")
        interest = self.pages(self.venue, place, "interests")
        assert [row.margin_id for row in finance] == sorted((row.margin_id for row in finance), reverse=True)
        assert len({row.interest_id for row in interest}) == len(interest)
        for coin, own in wallet.coins.items():
            moved = sum((Fraction(row.amount) - Fraction(row.fee) for row in finance if row.coin == coin), Fraction(0))
            assert moved == own.available + own.frozen
            charged = sum((Fraction(row.amount) for row in interest if row.loan_coin == coin), Fraction(0))
            assert charged == wallet.charged.get(coin, 0)
