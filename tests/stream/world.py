"""A venue, a bot that trades on it, and a client that hears of it over a bad link; all in virtual time.

The venue's own list of fills is the truth; `World.fills` is what reached the client, in its order.
"""

from dataclasses import dataclass, field, replace
from random import Random
from typing import Any

from bitget_margin_adapter.flows.effects import Now
from bitget_margin_adapter.model.words import Mode
from bitget_margin_adapter.stream.events import Dropped, Event
from bitget_margin_adapter.stream.healing import AssetSeen, FillSeen, Healer, OrderSeen, Seen
from bitget_margin_adapter.stream.look import Look, look
from bitget_margin_adapter.stream.protocol import StreamProtocol
from bitget_margin_adapter.stream.server import Request, ServerProtocol, Subscription
from bitget_margin_adapter.venue.news import News
from bitget_margin_adapter.venue.service import Venue
from bitget_margin_adapter.wire.channels import CHANNELS, LIMITS, channel_of

from .link import Faults, Link, check, login

ME = "me"
SYMBOLS = ("BTCUSDT", "ETHUSDT")
STEP = 250


@dataclass
class World:
    seed: int = 0
    faults: Faults = field(default_factory=Faults)
    rest_fails: float = 0.0
    rest_takes: int = 300
    now: int = 0

    def __post_init__(self) -> None:
        self.random = Random(self.seed)
        self.venue = Venue(start=0)
        self.venue.open_account(ME, {"USDT": "1000000", "isolated:BTCUSDT": {"USDT": "1000000"}}, 0)
        self.venue.set_prices({"BTCUSDT": "30000", "ETHUSDT": "2000"}, 0)
        self.venue.listen()
        self.news = News(self.venue)
        self.healer = Healer()
        self.orders: list[OrderSeen] = []
        self.fills: list[tuple[int, FillSeen]] = []
        self.balances: dict[tuple[Mode, str | None, str], Any] = {}
        self.prices: dict[str, Any] = {}
        self.refusing = False
        self.left: dict[tuple[Mode, str], int] = {}
        """Pairs that were left for a while, and since when they are followed again."""
        self.drops: list[int] = []
        self.asked = 0
        self._reading: list[tuple[int, Look, Any]] = []
        client = StreamProtocol(login, jitter=self.random.random)
        self.link = Link(client, self._heard, self._requested, self.faults, self.random, self._server)
        for channel in CHANNELS.values():
            for symbol in SYMBOLS if channel.by_symbol else (None,):
                client.subscribe(channel.name, symbol)
                if channel.mode is not None:
                    self.healer.follow(channel.mode, symbol, 0, 0)

    # time

    def run(self, ms: int) -> None:
        until = self.now + ms
        while self.now < until:
            self.now += STEP
            self.venue.advance(self.now)
            self._push()
            self.link.tick(self.now)
            self._read()

    def settle(self) -> None:
        """One audit after all faults have ended."""
        self.faults.blackhole = self.refusing = False
        self.faults.drop = self.rest_fails = 0.0
        self.link.reachable = True
        self.run(30_000 + self.rest_takes)

    # what a bot does

    def trade(self) -> None:
        random = self.random
        symbol, mode = random.choice(SYMBOLS), random.choice(("cross", "isolated"))
        if mode == "isolated":
            symbol = "BTCUSDT"
        last = self.venue.market.last(symbol)
        assert last is not None
        away = random.choice((-30, -3, 0, 3, 30))
        order = {
            "symbol": symbol, "side": random.choice(("buy", "sell")), "orderType": "limit", "timeInForce": "gtc",
            "loanType": "autoLoan", "price": str(int(last) + away), "baseQuantity": "0.01",
        }  # fmt: skip
        self.venue.handle(ME, f"{mode}_place_order", order, self.now)
        self._push()

    def move(self) -> None:
        symbol = self.random.choice(SYMBOLS)
        price = self.venue.market.last(symbol)
        assert price is not None
        self.venue.set_price(symbol, int(price) + self.random.randint(-10, 10), self.now)
        self._push()

    def cancel(self) -> None:
        for mode, symbol in (("cross", "BTCUSDT"), ("cross", "ETHUSDT"), ("isolated", "BTCUSDT")):
            rows = self.venue.handle(ME, f"{mode}_open_orders", {"symbol": symbol}, self.now).rows
            if rows:
                order = self.random.choice(rows)
                params = {"symbol": symbol, "orderId": order.order_id}
                self.venue.handle(ME, f"{mode}_cancel_order", params, self.now)
                break
        self._push()

    def burst(self, orders: int) -> None:
        """So many fills in one moment, on both pairs and in both modes in turn."""
        for number in range(orders):
            mode, symbol = (("cross", "BTCUSDT"), ("cross", "ETHUSDT"), ("isolated", "BTCUSDT"))[number % 3]
            order = {
                "symbol": symbol, "side": "buy", "orderType": "market", "timeInForce": "gtc", "loanType": "autoLoan",
                "quoteAmount": "10",
            }  # fmt: skip
            self.venue.handle(ME, f"{mode}_place_order", order, self.now)
        self._push()

    # what befalls the venue, and what else a client does

    def restart(self) -> None:
        """The venue's streams are served by somebody new, who begins to number at one."""
        self.news = News(self.venue)
        self.link.cut(self.now)

    def leave_and_return(self, mode: Mode, symbol: str, ms: int) -> None:
        """Unsubscribes, whatever state the connection is in, and is back some time later."""
        channel = channel_of("orders", mode).name
        self.link.client.unsubscribe(channel, symbol)
        self.healer.unfollow(mode, symbol)
        self.run(ms)
        self.left[mode, symbol] = self.now
        self.link.client.subscribe(channel, symbol)
        self.healer.follow(mode, symbol, self.now, self.now)

    # what must hold

    def true_fills(self, mode: str, symbol: str) -> list[str]:
        found: list[str] = []
        params = {"symbol": symbol, "startTime": "0", "pageSize": "500"}
        while True:
            page = self.venue.handle(ME, f"{mode}_fills", params, self.now)
            found += [row.fill_id for row in page.rows]
            if len(page.rows) < 500:
                return found[::-1]
            params["lastFillId"] = page.min_id

    def check_each_once_and_in_order(self) -> int:
        total = 0
        for mode in Mode:
            for symbol in SYMBOLS:
                truth = self.true_fills(mode, symbol)
                here = [row.fill for _, row in self.fills if (row.mode, row.fill.symbol) == (mode, symbol)]
                seen = [fill.fill_id for fill in here]
                since = self.left.get((mode, symbol))
                if since is None:
                    assert seen == truth
                else:
                    # What happened while nobody followed is nobody's business.
                    rest = iter(truth)
                    assert all(id_ in rest for id_ in seen), "not in order, or not there at all"
                    last = [row.fill_id for row in here if (row.ctime or 0) >= since]
                    assert last == truth[len(truth) - len(last) :]
                    assert len(last) == self.fills_since(mode, symbol, since)
                total += len(truth)
        return total

    def fills_since(self, mode: str, symbol: str, since: int) -> int:
        params = {"symbol": symbol, "startTime": str(since), "pageSize": "500"}
        return len(self.venue.handle(ME, f"{mode}_fills", params, self.now).rows)

    def check_prices(self) -> None:
        """The latest one that was pushed on a good link."""
        for symbol, price in self.prices.items():
            assert price == self.venue.market.last(symbol)

    def check_orders_and_balances(self) -> None:
        latest = {(row.mode, row.order.order_id): row.order for row in self.orders}
        for mode in Mode:
            for symbol in SYMBOLS:
                for endpoint in ("open_orders", "order_history"):
                    params = {"symbol": symbol, "startTime": "0", "pageSize": "500"}
                    for row in self.venue.handle(ME, f"{mode}_{endpoint}", params, self.now).rows:
                        if (row.ctime or 0) < self.left.get((mode, symbol), 0):
                            continue
                        assert latest[mode, row.order_id].status == row.status
                        assert latest[mode, row.order_id].fill_quantity == row.fill_quantity
            for row in self.venue.handle(ME, f"{mode}_assets", {}, self.now):
                if row.total:
                    assert self.balances[mode, row.symbol, row.coin].available == row.available

    # between the two

    def _server(self) -> ServerProtocol:
        # The venue takes two streams of seven when it refuses, and says so to the rest.
        limits = replace(LIMITS, streams_per_connection=2) if self.refusing else None
        return ServerProtocol(check, limits=limits)

    def _requested(self, requests: list[Request], now: int) -> None:
        for request in requests:
            if isinstance(request, Subscription) and self.link.server is not None:
                rows = self.news.first(ME, request.channel, now)
                if rows:
                    self.link.server.push(request.channel, request.symbol, rows)

    def _push(self) -> None:
        pushes = self.news.of(self.venue.drain_events(), self.now)
        if self.link.server is not None:
            for push in pushes:
                self.link.server.push(push.channel, push.symbol, push.rows)

    def _heard(self, events: list[Event], now: int) -> None:
        self._saw(self.healer.heard(events, now))
        self.drops += [now for event in events if isinstance(event, Dropped)]

    def _read(self) -> None:
        """REST takes its time: what is answered is the state of the venue when it was asked."""
        for wanted in self.healer.looks(self.now):
            self.asked += 1
            found = None if self.random.random() < self.rest_fails else self._answer(wanted)
            self._reading.append((self.now + self.rest_takes, wanted, found))
        ready = [item for item in self._reading if item[0] <= self.now]
        self._reading = [item for item in self._reading if item[0] > self.now]
        for _, wanted, found in ready:
            if found is None:
                self.healer.failed(wanted, self.now)
            else:
                self._saw(self.healer.looked(wanted, found, self.now))

    def _answer(self, wanted: Look) -> Any:
        steps = look(wanted)
        reply: Any = None
        try:
            while True:
                effect = steps.send(reply)
                if isinstance(effect, Now):
                    reply = self.now
                else:
                    reply = self.venue.handle(ME, effect.endpoint, effect.params, self.now)
        except StopIteration as stop:
            return stop.value

    def _saw(self, seen: list[Seen]) -> None:
        for row in seen:
            if isinstance(row, OrderSeen):
                self.orders.append(row)
            elif isinstance(row, FillSeen):
                self.fills.append((self.now, row))
            elif isinstance(row, AssetSeen):
                self.balances[row.mode, row.asset.symbol, row.asset.coin] = row.asset
            else:
                self.prices[row.price.symbol] = row.price.price
