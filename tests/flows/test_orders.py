import itertools
from decimal import Decimal
from typing import Any

import pytest
from ccxt.base import errors

from bitget_margin_adapter.flows import order_lists, orders
from bitget_margin_adapter.flows.effects import LastPrice, NewId, Now, Send, Sleep
from bitget_margin_adapter.model.rows import Accepted, Batch, Order, Page, Refused
from bitget_margin_adapter.model.words import LoanType, OrderStatus, OrderType, Side, Source, TimeInForce
from bitget_margin_adapter.wire.endpoints import ENDPOINTS

from .conftest import PlainContext

FOUND = Order(
    "BTCUSDT", "42", "mine", OrderType.LIMIT, Side.BUY, LoanType.NORMAL, TimeInForce.GTC, Decimal(100), Decimal(1),
    None, None, Decimal(0), Decimal(0), OrderStatus.NEW, Source.API, 1_700_000_000_000,
)  # fmt: skip
EMPTY: Page[Order] = Page((), "0", "0")


def run(flow: Any, replies: Any = lambda effect: None) -> tuple[list[Any], Any]:
    """All effects of a flow that were not asked for ids or times, and its result."""
    ids = (f"id{number}" for number in itertools.count(1))
    effects = []
    try:
        effect = next(flow)
        while True:
            if isinstance(effect, NewId):
                reply: Any = next(ids)
            elif isinstance(effect, Now):
                reply = 1_700_000_000_000
            else:
                effects.append(effect)
                reply = replies(effect)
            effect = flow.throw(reply) if isinstance(reply, Exception) else flow.send(reply)
    except StopIteration as stop:
        return effects, stop.value


def ack(effect: Any) -> Any:
    if isinstance(effect, LastPrice):
        return 20_000.0
    return Accepted("42", effect.params["clientOid"])


place: Any = orders.create_order


def sent(flow: Any) -> dict[str, Any]:
    effects, _ = run(flow, ack)
    assert isinstance(effects[-1], Send)
    return effects[-1].params


def test_a_limit_order_is_cut_down_and_numbered(ctx: PlainContext) -> None:
    effects, order = run(orders.create_order(ctx, "BTC/USDT", "limit", "buy", 0.12345678, 15100.129), ack)
    assert effects == [
        Send(
            "cross_place_order",
            {
                "symbol": "BTCUSDT", "side": "buy", "orderType": "limit", "loanType": "normal", "timeInForce": "gtc",
                "price": "15100.12", "baseQuantity": "0.123456", "clientOid": "id1",
            },
        )
    ]  # fmt: skip
    known = {key: order[key] for key in ("id", "clientOrderId", "status", "price", "amount", "side", "type", "symbol")}
    assert known == {
        "id": "42", "clientOrderId": "id1", "status": "open", "price": 15100.12, "amount": 0.123456, "side": "buy",
        "type": "limit", "symbol": "BTC/USDT",
    }  # fmt: skip
    assert order["timestamp"] == 1_700_000_000_000
    assert order["marginMode"] == "cross"
    assert order["filled"] is None


@pytest.mark.parametrize(
    ("args", "params", "options", "quote"),
    [
        ((0.1, None), {}, {}, "2000"),
        ((0.1, 30_000), {}, {}, "3000"),
        ((None, None), {"cost": "7.123456789"}, {}, "7.12345678"),
        ((12, None), {}, {"createMarketBuyOrderRequiresPrice": False}, "12"),
        ((12, None), {"createMarketBuyOrderRequiresPrice": False}, {}, "12"),
        ((0.1, 30_000), {}, {"createMarketBuyOrderRequiresPrice": True}, "3000"),
    ],
    ids=["last price", "price", "cost", "amount is cost", "amount is cost, by parameter", "price required and named"],
)
def test_market_buy_spends_quote(
    ctx: PlainContext, args: Any, params: dict[str, Any], options: dict[str, Any], quote: str
) -> None:
    ctx.options |= options
    amount, price = args
    request = sent(orders.create_order(ctx, "BTC/USDT", "market", "buy", amount, price, params))
    assert request["quoteAmount"] == quote
    assert "baseQuantity" not in request


def test_market_buy_with_cost_has_its_own_name(ctx: PlainContext) -> None:
    assert sent(orders.create_market_buy_order_with_cost(ctx, "ETH/USDT", 100))["quoteAmount"] == "100"


@pytest.mark.parametrize(
    ("params", "options", "loan_type"),
    [
        ({}, {}, "normal"),
        ({"loanType": "autoLoan"}, {"loanType": "autoRepay"}, "autoLoan"),
        ({}, {"loanType": "autoRepay"}, "autoRepay"),
        ({"autoBorrow": True}, {}, "autoLoan"),
        ({"autoRepay": True}, {}, "autoRepay"),
        ({"autoBorrow": True, "autoRepay": True}, {}, "autoLoanAndRepay"),
        ({"autoBorrow": False}, {"loanType": "autoLoan"}, "normal"),
    ],
)
def test_loan_type(ctx: PlainContext, params: Any, options: Any, loan_type: str) -> None:
    ctx.options |= options
    assert sent(orders.create_order(ctx, "BTC/USDT", "market", "sell", 1, None, params))["loanType"] == loan_type


@pytest.mark.parametrize(
    ("params", "force"),
    [
        ({"timeInForce": "IOC"}, "ioc"),
        ({"timeInForce": "fok"}, "fok"),
        ({"timeInForce": "PO"}, "post_only"),
        ({"postOnly": True}, "post_only"),
        ({"force": "post_only"}, "post_only"),
    ],
)
def test_time_in_force(ctx: PlainContext, params: Any, force: str) -> None:
    assert sent(orders.create_order(ctx, "BTC/USDT", "limit", "buy", 1, 1, params))["timeInForce"] == force


def test_parameters_for_other_exchanges_go_nowhere(ctx: PlainContext) -> None:
    params = {"marginMode": "isolated", "type": "margin", "tradeType": "X", "symbol": "ETHUSDT", "side": "sell"}
    request = sent(orders.create_order(ctx, "BTC/USDT", "limit", "buy", 1, 1, params))
    known = {param.name for param in ENDPOINTS["isolated_place_order"].params}
    assert set(request) <= known
    assert (request["symbol"], request["side"]) == ("BTCUSDT", "buy")


def test_the_venues_own_parameters_go_through(ctx: PlainContext) -> None:
    assert sent(orders.create_order(ctx, "BTC/USDT", "limit", "buy", 1, 1, {"stpMode": "none"}))["stpMode"] == "none"
    flow = order_lists.fetch_my_trades(ctx, "BTC/USDT", 1, None, {"orderId": 5, "pageSize": 7, "leverage": 3})
    (listing,) = next(flow).flows
    assert next(listing) == Now()
    request = {"orderId": 5, "pageSize": "7", "symbol": "BTCUSDT", "startTime": "1"}
    assert listing.send(2) == Send("cross_fills", request)


BAD = [
    (("XXX/USDT", "limit", "buy", 1, 1), {}, errors.BadSymbol, "no margin pair"),
    (("BTCUSDT_UMCBL", "limit", "buy", 1, 1), {}, errors.BadSymbol, "contract"),
    (("BTC/USDT", "stop", "buy", 1, 1), {}, errors.InvalidOrder, "type 'stop'"),
    (("BTC/USDT", "limit", "long", 1, 1), {}, errors.InvalidOrder, "side 'long'"),
    (("BTC/USDT", "limit", "liquidation-buy", 1, 1), {}, errors.InvalidOrder, "choose of buy, sell"),
    (("BTC/USDT", "limit", "buy", 1, None), {}, errors.InvalidOrder, "needs a price"),
    (("BTC/USDT", "limit", "buy", -1, 1), {}, errors.InvalidOrder, "amount must be above zero"),
    (("BTC/USDT", "limit", "buy", 0, 1), {}, errors.InvalidOrder, "amount must be above zero"),
    (("BTC/USDT", "limit", "buy", float("nan"), 1), {}, errors.InvalidOrder, "amount: nan"),
    (("BTC/USDT", "limit", "buy", 1e-7, 1), {}, errors.InvalidOrder, "less than one step"),
    (("BTC/USDT", "limit", "buy", 1, float("inf")), {}, errors.InvalidOrder, "price: inf"),
    (("BTC/USDT", "limit", "buy", 1, 0.001), {}, errors.InvalidOrder, "less than one step"),
    (("BTC/USDT", "market", "sell", None, None), {}, errors.InvalidOrder, "amount: None"),
    (("BTC/USDT", "limit", "buy", 1, 1), {"marginMode": "both"}, errors.BadRequest, "marginMode 'both'"),
    (("BTC/USDT", "limit", "buy", 1, 1), {"loanType": "auto"}, errors.BadRequest, "loanType 'auto'"),
    (("BTC/USDT", "limit", "buy", 1, 1), {"loanType": "normal", "autoBorrow": True}, errors.BadRequest, "either"),
    (("BTC/USDT", "limit", "buy", 1, 1), {"timeInForce": "GTD"}, errors.InvalidOrder, "timeInForce 'GTD'"),
    (("BTC/USDT", "limit", "buy", 1, 1), {"timeInForce": "IOC", "postOnly": True}, errors.InvalidOrder, "contradicts"),
    (("BTC/USDT", "market", "sell", 1), {"postOnly": True}, errors.InvalidOrder, "post only"),
    (("BTC/USDT", "limit", "buy", 1, 1), {"stopLossPrice": 5}, errors.NotSupported, "stopLossPrice"),
    (("BTC/USDT", "limit", "buy", 1, 1), {"reduceOnly": True}, errors.NotSupported, "reduceOnly"),
    (("BTC/USDT", "limit", "buy", 1, 1), {"clientOrderId": "x" * 51}, errors.InvalidOrder, "1 to 50"),
    (("BTC/USDT", "market", "buy", 1), {"createMarketBuyOrderRequiresPrice": True}, errors.InvalidOrder, "cost"),
]


@pytest.mark.parametrize(("args", "params", "kind", "text"), BAD, ids=[f"{row[3]} {row[0]}" for row in BAD])
def test_bad_orders_are_refused_before_anything_is_sent(
    ctx: PlainContext, args: Any, params: dict[str, Any], kind: type[Exception], text: str
) -> None:
    with pytest.raises(kind, match=text):
        next(place(ctx, *args, params=params))


class TestLostAnswers:
    """The acknowledgement never came: ask by client id, never send again."""

    def test_found_among_open_orders(self, ctx: PlainContext) -> None:
        def venue(effect: Any) -> Any:
            if isinstance(effect, Sleep):
                return None
            if effect.endpoint == "cross_place_order":
                return errors.RequestTimeout("no answer")
            assert effect == Send("cross_open_orders", {"symbol": "BTCUSDT", "clientOid": "mine"})
            return Page((FOUND,), "42", "42")

        flow = orders.create_order(ctx, "BTC/USDT", "limit", "buy", 1, 100, {"clientOrderId": "mine"})
        effects, order = run(flow, venue)
        assert (order["id"], order["status"], order["filled"]) == ("42", "open", 0.0)
        assert [effect.endpoint for effect in effects if isinstance(effect, Send)].count("cross_place_order") == 1

    def test_found_in_history_after_a_read_failed(self, ctx: PlainContext) -> None:
        reads = iter([errors.NetworkError("still down"), EMPTY, Page((FOUND,), "42", "42")])

        def venue(effect: Any) -> Any:
            if isinstance(effect, Sleep):
                return None
            return errors.NetworkError("reset") if effect.endpoint == "cross_place_order" else next(reads)

        flow = orders.create_order(ctx, "BTC/USDT", "limit", "buy", 1, 100, {"clientOrderId": "mine"})
        effects, order = run(flow, venue)
        assert order["id"] == "42"
        assert effects[-1].endpoint == "cross_order_history"
        # The venue's clock may be ahead: the window that reaches to now has no end.
        assert "endTime" not in effects[-1].params

    def test_not_found_is_unknown_and_not_dead(self, ctx: PlainContext) -> None:
        sends = []

        def venue(effect: Any) -> Any:
            if isinstance(effect, Send):
                sends.append(effect.endpoint)
                return errors.RequestTimeout("no answer") if "place" in effect.endpoint else EMPTY
            return None

        flow = orders.create_order(ctx, "BTC/USDT", "limit", "buy", 1, 100, {"clientOrderId": "mine"})
        with pytest.raises(errors.RequestTimeout, match=r"unknown.*'mine'.*before you place it again"):
            run(flow, venue)
        assert sends.count("cross_place_order") == 1

    def test_somebody_elses_order_is_no_evidence(self, ctx: PlainContext) -> None:
        def venue(effect: Any) -> Any:
            if isinstance(effect, Sleep):
                return None
            if "place" in effect.endpoint:
                return errors.RequestTimeout("no answer")
            return Page((FOUND._replace(client_oid="other"),), "42", "42")

        with pytest.raises(errors.RequestTimeout):
            run(orders.create_order(ctx, "BTC/USDT", "limit", "buy", 1, 100, {"clientOrderId": "mine"}), venue)

    @pytest.mark.parametrize(
        ("status", "known"),
        [(OrderStatus.CANCELLED, True), (OrderStatus.NEW, False), (OrderStatus.FULL_FILL, False)],
    )
    def test_a_cancellation_is_known_when_the_order_is_cancelled(
        self, ctx: PlainContext, status: OrderStatus, known: bool
    ) -> None:
        def venue(effect: Any) -> Any:
            if isinstance(effect, Sleep):
                return None
            if "cancel" in effect.endpoint:
                return errors.NetworkError("reset")
            return Page((FOUND._replace(status=status),), "42", "42")

        flow = orders.cancel_order(ctx, "42", "BTC/USDT")
        if known:
            assert run(flow, venue)[1]["status"] == "canceled"
        else:
            with pytest.raises(errors.RequestTimeout, match="outcome is unknown"):
                run(flow, venue)

    @pytest.mark.parametrize(
        "refusal",
        [
            errors.InsufficientFunds, errors.RateLimitExceeded, errors.DuplicateOrderId, errors.DDoSProtection,
            errors.InvalidNonce, errors.OnMaintenance,
        ],
    )  # fmt: skip
    def test_a_refusal_is_known(self, ctx: PlainContext, refusal: type[Exception]) -> None:
        with pytest.raises(refusal):
            run(orders.create_order(ctx, "BTC/USDT", "limit", "buy", 1, 100), lambda effect: refusal("no"))


class TestBatches:
    def row(self, amount: float, **params: Any) -> dict[str, Any]:
        return {"symbol": "BTC/USDT", "type": "limit", "side": "buy", "amount": amount, "price": 100, "params": params}

    def test_each_failure_stands_in_its_place(self, ctx: PlainContext) -> None:
        def venue(effect: Any) -> Any:
            first, second, third = (fields["clientOid"] for fields in effect.params["orderList"])
            return Batch((Accepted("9", third), Accepted("7", first)), (Refused("", second, "balance"),))

        _, placed = run(orders.create_orders(ctx, [self.row(1), self.row(2), self.row(3)]), venue)
        assert [(row["id"], row["status"], row["amount"]) for row in placed] == [
            ("7", "open", 1.0),
            (None, "rejected", 2.0),
            ("9", "open", 3.0),
        ]
        assert placed[1]["info"]["errorMsg"] == "balance"

    def test_modes_pairs_and_fifties_go_apart(self, ctx: PlainContext) -> None:
        rows = [self.row(1) for _ in range(51)] + [self.row(1, marginMode="isolated")]

        def venue(effect: Any) -> Any:
            return Batch(tuple(Accepted("1", fields["clientOid"]) for fields in effect.params["orderList"]), ())

        effects, placed = run(orders.create_orders(ctx, rows), venue)
        calls = [(effect.endpoint, len(effect.params["orderList"])) for effect in effects]
        assert calls == [
            ("cross_batch_place_order", 50),
            ("cross_batch_place_order", 1),
            ("isolated_batch_place_order", 1),
        ]
        assert len(placed) == 52

    def test_wrong_input_sends_nothing(self, ctx: PlainContext) -> None:
        with pytest.raises(errors.InvalidOrder, match="amount"):
            run(orders.create_orders(ctx, [self.row(1), self.row(-1)]), lambda effect: pytest.fail("sent"))
        with pytest.raises(errors.InvalidOrder, match="stands in two"):
            run(orders.create_orders(ctx, [self.row(1, clientOrderId="a"), self.row(1, clientOrderId="a")]))

    def test_cancelled_in_the_callers_order(self, ctx: PlainContext) -> None:
        batch = Batch((Accepted("3", "c"), Accepted("1", "a")), (Refused("2", None, "final"),))
        effects, rows = run(orders.cancel_orders(ctx, ["1", "2", "3"], "BTC/USDT"), lambda effect: batch)
        assert effects == [Send("cross_batch_cancel_order", {"symbol": "BTCUSDT", "orderIds": ["1", "2", "3"]})]
        assert [(row["id"], row["status"]) for row in rows] == [("1", "canceled"), ("2", "rejected"), ("3", "canceled")]


class TestCancel:
    def test_by_id_and_by_client_id(self, ctx: PlainContext) -> None:
        done = Batch((Accepted("42", "mine"),), ())
        effects, order = run(orders.cancel_order(ctx, "42", "BTC/USDT"), lambda effect: done)
        assert effects == [Send("cross_cancel_order", {"symbol": "BTCUSDT", "orderId": "42"})]
        assert (order["id"], order["status"]) == ("42", "canceled")
        effects, _ = run(
            orders.cancel_order(ctx, None, "BTC/USDT", {"clientOrderId": "mine", "marginMode": "isolated"}),
            lambda effect: done,
        )
        assert effects == [Send("isolated_cancel_order", {"symbol": "BTCUSDT", "clientOid": "mine"})]

    def test_neither_id(self, ctx: PlainContext) -> None:
        with pytest.raises(errors.ArgumentsRequired, match="clientOrderId"):
            next(orders.cancel_order(ctx, None, "BTC/USDT"))
        with pytest.raises(errors.ArgumentsRequired, match="clientOrderIds"):
            next(orders.cancel_orders(ctx, [], "BTC/USDT"))

    def test_a_refused_one_raises(self, ctx: PlainContext) -> None:
        refused = Batch((), (Refused("42", None, "already filled"),))
        with pytest.raises(errors.OrderNotFound, match="already filled"):
            run(orders.cancel_order(ctx, "42", "BTC/USDT"), lambda effect: refused)

    def test_all_that_are_open(self, ctx: PlainContext) -> None:
        def venue(effect: Any) -> Any:
            if effect.endpoint == "cross_open_orders":
                return Page((FOUND,), "42", "42")
            return Batch((Accepted("42", "mine"),), ())

        effects, rows = run(orders.cancel_all_orders(ctx, "BTC/USDT"), venue)
        assert [effect.endpoint for effect in effects] == ["cross_open_orders", "cross_batch_cancel_order"]
        assert [row["id"] for row in rows] == ["42"]


@pytest.mark.parametrize("write", ["place", "cancel"])
@pytest.mark.parametrize("answer", [errors.PermissionDenied("read"), errors.AuthenticationError("gone")])
def test_a_question_that_is_refused_says_nothing_about_a_lost_write(
    ctx: PlainContext, answer: Exception, write: str
) -> None:
    def replies(effect: Any) -> Any:
        if isinstance(effect, Sleep):
            return None
        return errors.RequestTimeout("lost") if write in effect.endpoint else answer

    placing = orders.create_order(ctx, "BTC/USDT", "limit", "buy", 1, 1)
    cancelling = orders.cancel_order(ctx, "1", "BTC/USDT")
    with pytest.raises(errors.RequestTimeout, match="outcome is unknown"):
        run(placing if write == "place" else cancelling, replies)


@pytest.mark.parametrize(
    ("problem", "status"), [(errors.RateLimitExceeded("slow"), "rejected"), (errors.NetworkError("reset"), None)]
)
class TestLaterParts:
    """What was done before a part fails is told all the same."""

    def test_of_a_batch(self, ctx: PlainContext, problem: Exception, status: str | None) -> None:
        parts = itertools.count()

        def venue(effect: Any) -> Any:
            if isinstance(effect, Sleep):
                return None
            if "place" not in effect.endpoint:
                return EMPTY
            if next(parts):
                return problem
            return Batch(tuple(Accepted("1", row["clientOid"]) for row in effect.params["orderList"]), ())

        line = {"symbol": "BTC/USDT", "type": "limit", "side": "buy", "amount": 1, "price": 100}
        _, placed = run(orders.create_orders(ctx, [line] * 51), venue)
        assert [row["status"] for row in placed] == ["open"] * 50 + [status]
        assert placed[50]["id"] is None
        assert str(problem) in placed[50]["info"]["errorMsg"]

    def test_of_cancellations(self, ctx: PlainContext, problem: Exception, status: str | None) -> None:
        parts = itertools.count()

        def venue(effect: Any) -> Any:
            if next(parts):
                return problem
            return Batch(tuple(Accepted(id_, None) for id_ in effect.params["orderIds"]), ())

        _, rows = run(orders.cancel_orders(ctx, [str(number) for number in range(51)], "BTC/USDT"), venue)
        assert [row["status"] for row in rows] == ["canceled"] * 50 + [status]
        assert rows[50]["id"] == "50"
        assert str(problem) in rows[50]["info"]["errorMsg"]


def test_one_pair_that_fails_does_not_keep_the_others_orders_open(ctx: PlainContext) -> None:
    ctx.options["symbols"] = ["BTC/USDT", "ETH/USDT"]
    cancelled = []

    def venue(effect: Any) -> Any:
        if effect.params["symbol"] == "BTCUSDT":
            return errors.BadSymbol("delisted")
        if "cancel" in effect.endpoint:
            cancelled.extend(effect.params["orderIds"])
            return Batch((Accepted("42", "mine"),), ())
        return Page((FOUND,), "42", "42")

    with pytest.raises(errors.BadSymbol, match="delisted"):
        run(orders.cancel_all_orders(ctx), venue)
    assert cancelled == ["42"]
