"""Every fill once and in order, whatever the link does; each within one audit interval."""

from decimal import Decimal

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from bitget_margin_adapter.model.rows import Fill
from bitget_margin_adapter.model.words import Mode, OrderStatus, OrderType, Side
from bitget_margin_adapter.stream.events import Subscribed
from bitget_margin_adapter.stream.healing import AUDIT_EVERY, AssetSeen, Healer, PriceSeen
from bitget_margin_adapter.stream.look import Found
from bitget_margin_adapter.wire.channels import AccountChange, IndexPrice, OrderChange

from ..wire.test_channels import ACCOUNT_CHANGE, ORDER_CHANGE
from .link import Faults
from .world import STEP, World

AUDIT_AND_READ = 30_000


def test_a_thousand_cuts_delays_duplicates_and_reorders() -> None:
    world = World(seed=1, faults=Faults(drop=0.05, duplicate=0.2, reorder=0.2, latest=1_500), rest_fails=0.1)
    for number in range(1_000):
        world.random.choice((world.trade, world.trade, world.move, world.cancel))()
        if number % 2:
            world.move()
        world.run(STEP * world.random.randint(1, 6))
        if world.link.client.is_open:
            world.link.cut(world.now)
            # Back at once: the back-off is another test's matter.
            world.link.client.reconnect_at = world.now
        else:
            world.link.client.reconnect_at = min(world.link.client.reconnect_at or 0, world.now)
    assert len(world.drops) >= 990
    world.settle()
    assert world.check_each_once_and_in_order() > 300
    assert max(at - (row.fill.ctime or 0) for at, row in world.fills) <= AUDIT_AND_READ
    world.check_orders_and_balances()


def test_cuts_with_all_the_back_off_there_is() -> None:
    """Hours, most of them without a connection: each fill still within one audit interval."""
    world = World(seed=7, faults=Faults(drop=0.2, duplicate=0.2, reorder=0.2, latest=1_500))
    while len(world.drops) < 150:
        world.random.choice((world.trade, world.move, world.cancel))()
        world.run(STEP * world.random.randint(1, 40))
        if world.link.client.is_open and world.random.random() < 0.5:
            world.link.cut(world.now)
    world.settle()
    assert world.now > 3 * 3_600_000
    assert world.check_each_once_and_in_order() > 300
    assert max(at - (row.fill.ctime or 0) for at, row in world.fills) <= AUDIT_AND_READ


def test_most_frames_dropped() -> None:
    """80 %: each fill still comes within one audit interval of when it happened."""
    world = World(seed=2, faults=Faults(drop=0.8))
    for _ in range(300):
        world.random.choice((world.trade, world.move, world.cancel))()
        world.run(STEP * world.random.randint(1, 8))
    world.run(AUDIT_AND_READ)
    assert world.check_each_once_and_in_order() > 50
    assert max(at - (row.fill.ctime or 0) for at, row in world.fills) <= AUDIT_AND_READ
    world.check_orders_and_balances()


def test_a_black_hole_loses_nothing() -> None:
    world = World(seed=3)
    world.run(5_000)
    world.faults.blackhole = True
    began = world.now
    for _ in range(60):
        world.trade()
        world.move()
        world.run(1_000)
    assert world.drops
    assert world.drops[0] - began <= 35_000
    world.settle()
    assert world.check_each_once_and_in_order() > 10
    assert max(at - (row.fill.ctime or 0) for at, row in world.fills) <= AUDIT_AND_READ


def test_on_a_good_link_fills_come_at_once_and_audits_stay_rare() -> None:
    world = World(seed=4)
    world.run(2_000)
    asked = world.asked
    world.run(300_000)
    places = len(world.healer.places)
    assert world.asked - asked <= places * (300_000 / AUDIT_EVERY + 1)
    for _ in range(50):
        world.trade()
        world.move()
        world.run(2_000)
    assert world.check_each_once_and_in_order() > 10
    assert max(at - (row.fill.ctime or 0) for at, row in world.fills) <= 2 * world.rest_takes + 3 * STEP, (
        "one that happens during a look waits for the next"
    )


def test_more_than_a_page_of_fills_while_away_on_all_pairs_at_once() -> None:
    world = World(seed=5)
    world.run(2_000)
    world.link.reachable = False
    world.link.cut(world.now)
    for _ in range(3):
        world.burst(600)
        world.run(1_000)
    world.settle()
    assert world.check_each_once_and_in_order() == 1_800
    world.check_orders_and_balances()


def test_a_venue_that_begins_to_number_anew_is_heard_all_the_same() -> None:
    world = World(seed=6)
    world.run(2_000)
    for _ in range(30):
        world.trade()
        world.move()
        world.run(STEP)
    world.restart()
    world.run(5_000)
    for _ in range(10):
        world.move()
        world.trade()
        world.run(STEP)
        world.check_prices()
    world.run(3_000)
    world.check_each_once_and_in_order()
    world.check_orders_and_balances()


class BadLink(RuleBasedStateMachine):
    """Any sequence of trading and mishaps; what reached the client is never wrong, and complete in the end."""

    @initialize(
        seed=st.integers(0, 10**6), drop=st.sampled_from([0, 0.3, 0.8]), odd=st.sampled_from([0, 0.3]),
        latest=st.sampled_from([0, 3_000]), rest=st.sampled_from([0, 0.4]),
    )  # fmt: skip
    def begin(self, seed: int, drop: float, odd: float, latest: int, rest: float) -> None:
        self.world = World(seed, Faults(drop, odd, odd, latest), rest_fails=rest)

    @rule()
    def trade(self) -> None:
        self.world.trade()

    @rule()
    def move(self) -> None:
        self.world.move()

    @rule()
    def cancel(self) -> None:
        self.world.cancel()

    @rule(ms=st.sampled_from([STEP, 1_000, 10_000, 70_000]))
    def time(self, ms: int) -> None:
        self.world.run(ms)

    @rule()
    def cut(self) -> None:
        self.world.link.cut(self.world.now)

    @rule(open=st.booleans())
    def reach(self, open: bool) -> None:
        self.world.link.reachable = open

    @rule(on=st.booleans())
    def blackhole(self, on: bool) -> None:
        self.world.faults.blackhole = on

    @rule(orders=st.sampled_from([3, 150]))
    def burst(self, orders: int) -> None:
        self.world.burst(orders)

    @rule()
    def restart(self) -> None:
        self.world.restart()

    @rule(on=st.booleans())
    def refuse(self, on: bool) -> None:
        self.world.refusing = on
        self.world.link.cut(self.world.now)

    @rule(
        place=st.sampled_from([(Mode.CROSS, "ETHUSDT"), (Mode.ISOLATED, "BTCUSDT")]),
        ms=st.sampled_from([STEP, 5_000, 40_000]),
    )
    def leave_and_return(self, place: tuple[Mode, str], ms: int) -> None:
        self.world.leave_and_return(*place, ms)

    @invariant()
    def nothing_twice(self) -> None:
        ids = [(row.mode, row.fill.fill_id) for _, row in self.world.fills]
        assert len(ids) == len(set(ids))

    @invariant()
    def orders_go_forward_only(self) -> None:
        far: dict[str, tuple[bool, Decimal]] = {}
        for row in self.world.orders:
            progress = row.order.status.final, row.order.fill_quantity
            assert progress >= far.get(row.order.order_id, progress)
            far[row.order.order_id] = progress

    def teardown(self) -> None:
        if hasattr(self, "world"):
            self.world.settle()
            self.world.check_each_once_and_in_order()
            self.world.check_orders_and_balances()
            # Prices come by the stream alone: what changes on a good link is heard.
            until = self.world.now + 300_000
            while not self.world.link.client.is_live:
                assert self.world.now < until
                self.world.run(1_000)
            for _ in range(20):
                self.world.move()
                self.world.run(STEP)
            self.world.run(5_000)
            self.world.check_prices()


TestBadLink = BadLink.TestCase
TestBadLink.settings = settings(
    phases=[Phase.explicit, Phase.generate],  # the link goes on by its seed: shorter examples are not simpler
    max_examples=20,
    stateful_step_count=25,
    deadline=None,
    suppress_health_check=list(HealthCheck),
)


# By hand, one thing at a time.


def change(version: int, filled: str, status: OrderStatus, ctime: int = 1_000) -> OrderChange:
    order = ORDER_CHANGE.order._replace(
        fill_quantity=Decimal(filled), status=status, ctime=ctime, base_quantity=Decimal(1)
    )
    return OrderChange(order, str(version))


FILL = Fill(
    "BTCUSDT", "9", "1", OrderType.LIMIT, Side.BUY, Decimal(100), Decimal(1), Decimal(100), "BTC", Decimal("-0.001"), 0
)


@pytest.fixture
def healer() -> Healer:
    made = Healer()
    made.follow(Mode.CROSS, "BTCUSDT", 500, 0)
    (wanted,) = made.looks(0)
    assert wanted.orders_since == 0
    assert wanted.fills_since == 500
    assert made.looked(wanted, Found(), 100) == []
    return made


def pushed(healer: Healer, *changes: OrderChange, now: int = 200) -> list[str]:
    return [str(seen.order.fill_quantity) for seen in healer.pushed("cross_orders", changes, now)]  # type: ignore[union-attr]


def test_duplicates_and_older_versions_are_passed_over(healer: Healer) -> None:
    new, half, full = (
        change(7, "0", OrderStatus.NEW),
        change(8, "0.5", OrderStatus.PARTIAL_FILL),
        change(9, "1", OrderStatus.FULL_FILL),
    )
    assert pushed(healer, new, half, half, new) == ["0", "0.5"]
    assert pushed(healer, full, half, full) == ["1"]


def test_what_rest_knew_before_the_push_is_not_told_again(healer: Healer) -> None:
    full = change(9, "1", OrderStatus.FULL_FILL)
    healer.suspect(300)
    (wanted,) = healer.looks(300)
    assert [type(seen).__name__ for seen in healer.looked(wanted, Found(orders=(full.order,)), 400)] == ["OrderSeen"]
    assert pushed(healer, change(8, "0.5", OrderStatus.PARTIAL_FILL), full) == []


def test_orders_from_before_are_known_but_no_news() -> None:
    healer = Healer()
    healer.follow(Mode.CROSS, "BTCUSDT", 5_000, 0)
    (wanted,) = healer.looks(0)
    old = change(1, "0.5", OrderStatus.PARTIAL_FILL)
    assert healer.looked(wanted, Found(orders=(old.order,)), 10) == []
    assert pushed(healer, change(2, "0.5", OrderStatus.CANCELLED)) == ["0.5"]
    assert healer.looks(300) == [], "nothing is owed for what was filled before"


def test_a_fill_that_the_list_does_not_have_yet_is_looked_for_again(healer: Healer) -> None:
    assert pushed(healer, change(8, "0.5", OrderStatus.PARTIAL_FILL)) == ["0.5"]
    now, looks = 200, []
    while now < 20_000:
        for wanted in healer.looks(now):
            looks.append(now)
            assert wanted.orders_since is None
            healer.looked(wanted, Found(), now)
        now += 50
    assert looks[:4] == [200, 300, 500, 1_000]
    assert len(looks) == 8, "the last one wide"


def test_a_look_that_failed_comes_again_soon(healer: Healer) -> None:
    healer.suspect(1_000)
    (wanted,) = healer.looks(1_000)
    assert healer.looks(1_000) == [], "one at a time"
    healer.failed(wanted, 1_000)
    assert healer.next_due() == 2_000


def test_balances_by_version_and_by_rest() -> None:
    healer = Healer()
    healer.follow(Mode.CROSS, None, 0, 0)
    (wanted,) = healer.looks(0)

    def amounts(rows: list[object]) -> list[Decimal]:
        assert all(isinstance(row, AssetSeen) for row in rows)
        return [row.asset.available for row in rows]  # type: ignore[attr-defined]

    def account(version: int, available: str) -> AccountChange:
        return ACCOUNT_CHANGE._replace(version=str(version), available=Decimal(available))

    newer = healer.pushed("cross_account", (account(5, "10"), account(4, "9"), account(5, "10")), 5)
    assert amounts([*newer]) == [Decimal(10)]
    stale = Found(assets=(account(0, "8").asset,))
    assert healer.looked(wanted, stale, 10) == [], "read before it was pushed"
    healer.suspect(20)
    (wanted,) = healer.looks(20)
    assert amounts([*healer.looked(wanted, Found(assets=(account(0, "11").asset,)), 30)]) == [Decimal(11)]


def test_prices_by_version() -> None:
    first = IndexPrice("BTCUSDT", "BTC", "USDT", Decimal(1), 1, "10")
    seen = Healer().pushed("indexPrice", (first, first, first._replace(version="9"), first._replace(version="11")), 0)
    assert seen == [PriceSeen(first), PriceSeen(first._replace(version="11"))]


def test_in_process_nothing_is_read_unless_something_was_lost() -> None:
    healer = Healer(audit_every=None)
    healer.follow(Mode.CROSS, "BTCUSDT", 0, 0)
    assert healer.looks(10**9) == []
    healer.suspect(10**9)
    assert len(healer.looks(10**9)) == 1


def account(version: int, available: str) -> AccountChange:
    return ACCOUNT_CHANGE._replace(version=str(version), available=Decimal(available))


def price(version: int, text: str) -> IndexPrice:
    return IndexPrice("BTCUSDT", "BTC", "USDT", Decimal(text), version, str(version))


def test_a_new_subscription_may_number_from_one_again(healer: Healer) -> None:
    healer.follow(Mode.CROSS, None, 0, 0)
    new, half = change(7, "0", OrderStatus.NEW), change(8, "0.5", OrderStatus.PARTIAL_FILL)
    assert pushed(healer, new) == ["0"]
    assert len(healer.pushed("cross_account", (account(7, "10"),), 0)) == 1
    assert len(healer.pushed("indexPrice", (price(7, "100"),), 0)) == 1
    older = half._replace(version="2")
    assert pushed(healer, older) == [], "on the same connection it is an older one"
    assert healer.pushed("cross_account", (account(2, "9"),), 0) == []
    assert healer.pushed("indexPrice", (price(2, "99"),), 0) == []
    healer.heard([Subscribed("cross_orders", "BTCUSDT"), Subscribed("cross_account", None)], 300)
    healer.heard([Subscribed("indexPrice", None)], 300)
    assert pushed(healer, older) == ["0.5"]
    assert len(healer.pushed("cross_account", (account(2, "9"),), 0)) == 1
    assert len(healer.pushed("indexPrice", (price(2, "99"),), 0)) == 1


def test_prices_go_on_when_the_venues_clock_is_put_back() -> None:
    """Their versions are times, in the documentation's sample."""
    healer = Healer()
    assert len(healer.pushed("indexPrice", (price(10_000_000, "100"),), 0)) == 1
    assert healer.pushed("indexPrice", (price(9_999_000, "99"),), 0) == [], "only late"
    assert len(healer.pushed("indexPrice", (price(6_400_000, "98"),), 0)) == 1
    assert len(healer.pushed("indexPrice", (price(6_401_000, "97"),), 0)) == 1


def test_a_price_that_comes_again_after_a_reconnect_is_no_news() -> None:
    healer = Healer()
    assert len(healer.pushed("indexPrice", (price(7, "100"),), 0)) == 1
    healer.heard([Subscribed("indexPrice", None)], 300)
    assert healer.pushed("indexPrice", (price(7, "100"),), 0) == []


def test_fills_that_the_venues_clock_put_far_back_are_looked_for_since_their_order_was_made(healer: Healer) -> None:
    """A fill of the far future moved the window; the clock was put right; what is filled now lies before it."""
    healer.suspect(200)
    (wanted,) = healer.looks(200)
    late = FILL._replace(fill_id="9", order_id="other", ctime=10**9)
    assert len(healer.looked(wanted, Found(fills=(late,)), 210)) == 1
    assert pushed(healer, change(8, "0.5", OrderStatus.PARTIAL_FILL, ctime=5_000), now=300) == ["0.5"]
    now = 300
    fill = FILL._replace(fill_id="10", order_id=ORDER_CHANGE.order.order_id, quantity=Decimal("0.5"), ctime=6_000)
    while now < 20_000:
        for wanted in healer.looks(now):
            found = (fill,) if wanted.fills_since <= 6_000 else ()
            seen = healer.looked(wanted, Found(fills=found), now)
            if seen:
                assert wanted.fills_since == 5_000
                assert [row.fill.fill_id for row in seen] == ["10"]  # type: ignore[union-attr]
                return
        now += 50
    pytest.fail("it was never found")


def test_an_order_on_one_of_very_many_pairs_is_audited_in_time() -> None:
    healer = Healer()
    for number in range(400):
        healer.follow(Mode.CROSS, f"COIN{number}USDT" if number else "BTCUSDT", 500, 0)
    for wanted in healer.looks(0):
        healer.looked(wanted, Found(), 0)
    due = healer.next_due()
    assert due is not None
    assert due > 30_000, "nothing is open: they take turns"
    assert pushed(healer, change(7, "0", OrderStatus.NEW), now=1_000) == ["0"]
    assert healer.next_due() == 1_000 + AUDIT_EVERY
    assert [wanted.symbol for wanted in healer.looks(1_000 + AUDIT_EVERY)] == ["BTCUSDT"]


def test_a_fill_that_is_known_to_be_there_does_not_wait_for_audits() -> None:
    healer = Healer()
    for number in range(50):
        healer.follow(Mode.CROSS, f"COIN{number}USDT", 500, 0)
    healer.follow(Mode.CROSS, "BTCUSDT", 500, 0)
    for wanted in healer.looks(0):
        healer.looked(wanted, Found(), 0)
    healer.suspect(100)
    pushed(healer, change(8, "0.5", OrderStatus.PARTIAL_FILL), now=101)
    (first,) = healer.looks(101, 1)
    assert first.symbol == "BTCUSDT"
    assert len(healer.looks(101)) == 50
