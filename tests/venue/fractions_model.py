"""The margin account once more, in plain Fractions and without any cleverness: what the engine is compared with.

Shares no code with the package. Interest is booked hour by hour, every rule is written out where it applies. What it
does not know is how a liquidation sells: it only says when one must happen.
"""

from dataclasses import dataclass, field
from fractions import Fraction

UNIT = Fraction(1, 10**8)
LEVERAGE = {"cross": Fraction(3), "isolated:BTCUSDT": Fraction(10)}
MAINTAIN = {"cross": Fraction(1, 10), "isolated:BTCUSDT": Fraction(1, 20)}
CEILINGS = {
    "cross": {"BTC": Fraction(35), "ETH": Fraction(500), "USDT": Fraction(143_000)},
    "isolated:BTCUSDT": {"BTC": Fraction(35), "USDT": Fraction(200_000)},
}
SCALES = {"BTCUSDT": (2, 6, Fraction(1, 10**6)), "ETHUSDT": (4, 4, Fraction(1, 10**4))}
COINS = {"BTCUSDT": ("BTC", "USDT"), "ETHUSDT": ("ETH", "USDT")}
FEE = Fraction(1, 1000)
MOST = Fraction(10_000)
LEAST_VALUE = Fraction(5)


def up(value: Fraction, scale: int = 8) -> Fraction:
    return Fraction(-((-value * 10**scale) // 1), 10**scale)


def down(value: Fraction, scale: int = 8) -> Fraction:
    return Fraction((value * 10**scale) // 1, 10**scale)


def near(value: Fraction, scale: int = 8) -> Fraction:
    return Fraction((value * 10**scale + Fraction(1, 2)) // 1, 10**scale)


class No(Exception):
    """The venue must refuse, for this reason."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass
class Coin:
    available: Fraction = Fraction(0)
    frozen: Fraction = Fraction(0)
    principal: Fraction = Fraction(0)
    interest: Fraction = Fraction(0)

    @property
    def debt(self) -> Fraction:
        return self.principal + self.interest

    def figures(self) -> tuple[Fraction, Fraction, Fraction, Fraction]:
        return self.available, self.frozen, self.principal, self.interest


@dataclass
class Resting:
    number: int
    symbol: str
    buys: bool
    price: Fraction
    left: Fraction
    frozen: Fraction
    repays: bool


@dataclass
class Wallet:
    place: str
    coins: dict[str, Coin] = field(default_factory=dict)
    orders: dict[int, Resting] = field(default_factory=dict)
    liquidated: bool = False
    """Since the engine was last looked at: its figures are the engine's to say."""
    charged: dict[str, Fraction] = field(default_factory=dict)
    """All interest ever, by coin."""

    def coin(self, name: str) -> Coin:
        return self.coins.setdefault(name, Coin())


class Model:
    def __init__(self) -> None:
        self.hour = 0
        self.prices = {"BTCUSDT": Fraction(30_000), "ETHUSDT": Fraction(2_000)}
        self.rates = {"BTC": Fraction(7, 100_000), "ETH": Fraction(1, 10_000), "USDT": Fraction(126_279, 10**9)}
        self.new_rates: dict[str, Fraction] = {}
        self.wallets = {place: Wallet(place) for place in LEVERAGE}
        self.number = 0

    # figures

    def price(self, coin: str) -> Fraction:
        return Fraction(1) if coin == "USDT" else self.prices[coin + "USDT"]

    def assets(self, wallet: Wallet) -> Fraction:
        worth = [(c.available + c.frozen) * self.price(n) for n, c in wallet.coins.items() if c.available or c.frozen]
        return sum(worth, Fraction(0))

    def debt(self, wallet: Wallet) -> Fraction:
        return sum([c.debt * self.price(n) for n, c in wallet.coins.items() if c.principal or c.interest], Fraction(0))

    def rate(self, wallet: Wallet) -> Fraction:
        """The risk rate; Fraction(9999) when nothing is left."""
        debt = self.debt(wallet)
        if not debt:
            return Fraction(0)
        net = self.assets(wallet) - debt
        if net <= 0:
            return Fraction(9999)
        return min(debt * MAINTAIN[wallet.place] / net, Fraction(9999))

    def borrowable(self, wallet: Wallet, coin: str) -> Fraction:
        debt = self.debt(wallet)
        room = ((self.assets(wallet) - debt) * (LEVERAGE[wallet.place] - 1) - debt) / self.price(coin)
        return max(Fraction(0), down(min(room, CEILINGS[wallet.place][coin] - wallet.coin(coin).debt)))

    def transferable(self, wallet: Wallet, coin: str) -> Fraction:
        available, debt = wallet.coin(coin).available, self.debt(wallet)
        if not debt:
            return available
        return max(Fraction(0), min(available, down((self.assets(wallet) - 2 * debt) / self.price(coin))))

    # what happens

    def fund(self, place: str, coin: str, amount: Fraction) -> None:
        self.wallets[place].coin(coin).available += amount

    def transfer(self, source: str, target: str, coin: str, amount: Fraction) -> None:
        if amount > self.transferable(self.wallets[source], coin):
            raise No("INSUFFICIENT_BALANCE")
        self.wallets[source].coin(coin).available -= amount
        self.wallets[target].coin(coin).available += amount
        self.look(self.wallets[source])

    def borrow(self, place: str, coin: str, amount: Fraction) -> None:
        if amount <= UNIT:
            raise No("BORROW_TOO_SMALL")
        self.lend(self.wallets[place], coin, amount)
        self.look(self.wallets[place])

    def lend(self, wallet: Wallet, coin: str, amount: Fraction) -> None:
        if amount > self.borrowable(wallet, coin):
            raise No("BORROW_OVER_MAXIMUM")
        holding = wallet.coin(coin)
        holding.available += amount
        holding.principal += amount
        self.charge(wallet, coin, amount)

    def charge(self, wallet: Wallet, coin: str, principal: Fraction) -> None:
        due = up(principal * self.rates[coin] / 24)
        wallet.coin(coin).interest += due
        wallet.charged[coin] = wallet.charged.get(coin, Fraction(0)) + due

    def repay(self, place: str, coin: str, amount: Fraction) -> None:
        holding = self.wallets[place].coin(coin)
        if amount <= 0:
            raise No("REPAY_NOT_POSITIVE")
        pays = min(amount, holding.debt)
        if pays < holding.interest:
            raise No("REPAY_UNDER_INTEREST")
        if pays > holding.available:
            raise No("REPAY_OVER_AVAILABLE")
        self.pay(holding, pays)
        self.look(self.wallets[place])

    def pay(self, holding: Coin, amount: Fraction) -> None:
        interest = min(amount, holding.interest)
        principal = min(amount - interest, holding.principal)
        holding.available -= interest + principal
        holding.interest -= interest
        holding.principal -= principal

    def market(self, place: str, symbol: str, buys: bool, amount: Fraction, borrows: bool, repays: bool) -> None:
        wallet, price = self.wallets[place], self.prices[symbol]
        _, scale, least = SCALES[symbol]
        quantity = amount / price if buys else amount
        self.sizes(quantity, least, quantity * price)
        self.at_hand(wallet, symbol, buys, amount, borrows)
        self.trade(wallet, symbol, buys, price, down(quantity, scale), repays, Fraction(0))
        self.look(wallet)

    def limit(
        self,
        place: str,
        symbol: str,
        buys: bool,
        price: Fraction,
        quantity: Fraction,
        borrows: bool,
        repays: bool,
        force: str,
    ) -> int | None:
        """The number of an order that rests; None when it is over at once."""
        wallet, last = self.wallets[place], self.prices[symbol]
        if price <= 0:
            raise No("PRICE_NOT_POSITIVE")
        if price < last / 100:
            raise No("PRICE_TOO_LOW")
        if price > last * 100:
            raise No("PRICE_TOO_HIGH")
        self.sizes(quantity, SCALES[symbol][2], quantity * price)
        need = up(price * quantity) if buys else quantity
        self.at_hand(wallet, symbol, buys, need, borrows)
        takes = price >= last if buys else price <= last
        number = None
        if takes and force != "post_only":
            self.trade(wallet, symbol, buys, last, quantity, repays, Fraction(0))
        elif not takes and force in ("gtc", "post_only"):
            holding = wallet.coin(COINS[symbol][1 if buys else 0])
            holding.available -= need
            holding.frozen += need
            self.number += 1
            number = self.number
            wallet.orders[number] = Resting(number, symbol, buys, price, quantity, need, repays)
        self.look(wallet)
        return number

    def sizes(self, quantity: Fraction, least: Fraction, value: Fraction) -> None:
        if quantity < least:
            raise No("SIZE_TOO_SMALL")
        if quantity > MOST:
            raise No("SIZE_TOO_LARGE")
        if value < LEAST_VALUE:
            raise No("VALUE_TOO_SMALL")

    def at_hand(self, wallet: Wallet, symbol: str, buys: bool, need: Fraction, borrows: bool) -> None:
        coin = COINS[symbol][1 if buys else 0]
        short = need - wallet.coin(coin).available
        if short > 0:
            if not borrows:
                raise No("INSUFFICIENT_BALANCE")
            self.lend(wallet, coin, short)

    def trade(
        self,
        wallet: Wallet,
        symbol: str,
        buys: bool,
        price: Fraction,
        quantity: Fraction,
        repays: bool,
        frozen: Fraction,
    ) -> None:
        base, quote = (wallet.coin(name) for name in COINS[symbol])
        total = near(price * quantity)
        if buys:
            quote.frozen -= frozen
            quote.available += frozen - total
            came, got = quantity - near(quantity * FEE), base
        else:
            base.frozen -= frozen
            base.available += frozen - quantity
            came, got = total - near(total * FEE), quote
        got.available += came
        if repays:
            self.pay(got, min(came, got.debt))

    def cancel(self, place: str, number: int) -> None:
        wallet = self.wallets[place]
        order = wallet.orders.pop(number)
        holding = wallet.coin(COINS[order.symbol][1 if order.buys else 0])
        holding.frozen -= order.frozen
        holding.available += order.frozen

    def move(self, symbol: str, price: Fraction) -> None:
        """A new price: risk first, then resting orders, best first, buys before sales."""
        self.prices[symbol] = price
        for wallet in self.wallets.values():
            if any(symbol == coin + "USDT" for coin in wallet.coins) or wallet.place == "cross":
                self.look(wallet)
        waiting = [(w, o) for w in self.wallets.values() for o in w.orders.values() if o.symbol == symbol]
        for buys in (True, False):
            side = [(w, o) for w, o in waiting if o.buys is buys and (o.price >= price if buys else o.price <= price)]
            for wallet, order in sorted(
                side, key=lambda pair: (-pair[1].price if buys else pair[1].price, pair[1].number)
            ):
                if order.number in wallet.orders:
                    del wallet.orders[order.number]
                    self.trade(wallet, symbol, buys, price, order.left, order.repays, order.frozen)
                    self.look(wallet)

    def next_hour(self) -> None:
        self.hour += 1
        self.rates.update(self.new_rates)
        self.new_rates.clear()
        for wallet in self.wallets.values():
            for name, holding in wallet.coins.items():
                if holding.principal:
                    self.charge(wallet, name, holding.principal)
            self.look(wallet)

    def look(self, wallet: Wallet) -> None:
        """Whether the wallet has to be liquidated; its orders are gone then."""
        if wallet.liquidated:
            return
        debt = self.debt(wallet)
        if debt and debt * MAINTAIN[wallet.place] >= self.assets(wallet) - debt:
            wallet.liquidated = True
            wallet.orders.clear()
