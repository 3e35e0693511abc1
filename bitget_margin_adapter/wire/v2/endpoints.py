"""The endpoints as v2 has them: each row of `wire.endpoints` with its v2 path, verb, parameters and answer, and the few
that v1 has not.

>>> ENDPOINTS_V2["isolated_risk_rate"].method, ENDPOINTS_V2["isolated_risk_rate"].path
('GET', '/api/v2/margin/isolated/account/risk-rate')
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Literal

from ...model.words import Mode
from ..endpoints import ENDPOINTS, Endpoint, Kind, Param

__all__ = ["ENDPOINTS_V2", "OWN", "ROUTES_V2", "TRANSLATIONS", "Translation"]

_BASE = "/api/v2/margin"
_MODES = {Mode.CROSS: "crossed", Mode.ISOLATED: "isolated"}

Method = Literal["GET", "POST"]

_OF_A_MODE: Mapping[str, tuple[Method, str]] = {
    # Signed in v2: rates depend on the VIP level.
    "interest_rate_and_limit": ("GET", "interest-rate-and-limit"),
    "tier_data": ("GET", "tier-data"),
    "assets": ("GET", "account/assets"),
    "borrow": ("POST", "account/borrow"),
    "repay": ("POST", "account/repay"),
    "risk_rate": ("GET", "account/risk-rate"),
    "max_borrowable": ("GET", "account/max-borrowable-amount"),
    "max_transfer_out": ("GET", "account/max-transfer-out-amount"),
    "flash_repay": ("POST", "account/flash-repay"),
    "flash_repay_status": ("POST", "account/query-flash-repay-status"),
    "place_order": ("POST", "place-order"),
    "batch_place_order": ("POST", "batch-place-order"),
    "cancel_order": ("POST", "cancel-order"),
    "batch_cancel_order": ("POST", "batch-cancel-order"),
    "open_orders": ("GET", "open-orders"),
    "order_history": ("GET", "history-orders"),
    "fills": ("GET", "fills"),
    "loans": ("GET", "borrow-history"),
    "repays": ("GET", "repay-history"),
    "interests": ("GET", "interest-history"),
    "liquidations": ("GET", "liquidation-history"),
    "financial_records": ("GET", "financial-records"),
}
_OTHERS: Mapping[str, tuple[Method, str]] = {
    "currencies": ("GET", f"{_BASE}/currencies"),
    "time": ("GET", "/api/v2/public/time"),
    "transfer": ("POST", "/api/v2/spot/wallet/transfer"),
}

_RENAMED = {
    "timeInForce": "force",
    "baseQuantity": "baseSize",
    "quoteAmount": "quoteSize",
    "pageSize": "limit",
    "minId": "idLessThan",
    "pageId": "idLessThan",
    "lastFillId": "idLessThan",
    "source": "enterPointSource",
    "symbols": "symbolList",
}
"""v1's parameters by another name, wherever they occur."""

_KEPT = {"isolated_risk_rate": {"pageSize"}}
"""But for these."""

_DROPPED = {"cross_risk_rate": {"coin"}, "isolated_max_borrowable": {"coin"}, "isolated_max_transfer_out": {"coin"}}
"""What v2 does not ask for: the risk was never a coin's, and both coins' ceilings come in one answer."""

_ACCOUNTS = {"spot": "spot", "margin_cross": "crossed_margin", "margin_isolated": "isolated_margin"}
_WORDS: Mapping[str, Mapping[str, str]] = {"fromType": _ACCOUNTS, "toType": _ACCOUNTS}
"""Values that are spelled differently, by v1's parameter."""

_END = Param("endTime", Kind.TIME)
_ID_LESS_THAN = Param("idLessThan", Kind.ID)
_CLIENT_OID = Param("clientOid", Kind.TEXT, most=50)
_STP = Param("stpMode", Kind.CHOICE, choices=("none", "cancel_taker", "cancel_maker", "cancel_both"))
_ADDED: Mapping[str, tuple[Param, ...]] = {
    "borrow": (_CLIENT_OID,),
    "place_order": (_STP,),
    "open_orders": (_ID_LESS_THAN,),
    "interests": (_END,),
}
"""What v2 takes besides, by the name without its mode."""

_REQUIRED = {"open_orders": {"startTime"}}
"""What v1 leaves open and v2 does not."""

_OPTIONAL = {"isolated_risk_rate": {"symbol"}}
"""And the other way round: without it v2 answers for every pair."""

_ANSWERS = {
    "cross_cancel_order": "cancelled",
    "isolated_cancel_order": "cancelled",
    "isolated_max_borrowable": "pair_max_borrowable",
    "isolated_max_transfer_out": "pair_max_transfer_out",
}
"""Where v2's answer has another form than v1's; all others keep their key."""

_IDS = {"orderIds": "orderId", "clientOids": "clientOid"}


@dataclass(frozen=True, slots=True)
class Translation:
    """How one endpoint's parameters go over; keys are v1's names."""

    endpoint: Endpoint
    """The v2 row."""
    names: Mapping[str, str]
    dropped: frozenset[str]
    words: Mapping[str, Mapping[str, str]]
    entries: str | None = None
    """The list of objects whose fields are renamed as well."""
    ids: Mapping[str, str] | None = None
    """Lists of ids (v1) that v2 joins to one list of objects, each under this field."""
    since_required: bool = False
    added: tuple[Param, ...] = ()
    """What v2 takes besides."""


def _translation(row: Endpoint, method: Method, path: str) -> Translation:
    short = row.name.removeprefix(f"{row.mode}_")
    kept, dropped = _KEPT.get(row.name, set()), _DROPPED.get(row.name, set())
    every = {param.name for param in (*row.params, *(inner for param in row.params for inner in param.fields))}
    names = {name: new for name, new in _RENAMED.items() if name in every - kept}
    words = {name: spelled for name, spelled in _WORDS.items() if name in every}
    required, optional = _REQUIRED.get(short, set()), _OPTIONAL.get(row.name, set())

    def renamed(param: Param) -> Param:
        return replace(
            param,
            name=names.get(param.name, param.name),
            required=param.name in required or (param.required and param.name not in optional),
            choices=tuple(words.get(param.name, {}).get(choice, choice) for choice in param.choices),
            fields=tuple(map(renamed, (*param.fields, *((_STP,) if param.kind is Kind.ORDERS else ())))),
        )

    joined = short == "batch_cancel_order"
    params = [
        renamed(param) for param in row.params if param.name not in dropped and not (joined and param.name in _IDS)
    ]
    if joined:
        fields = (Param("orderId", Kind.ID), _CLIENT_OID)
        params.append(Param("orderIdList", Kind.ORDERS, required=True, most=50, fields=fields))
    added = _ADDED.get(short, ())
    page_id = "idLessThan" if row.page_id or short == "open_orders" else None
    spoken = replace(
        row,
        method=method,
        path=path,
        answer=_ANSWERS.get(row.name, row.answer),
        params=(*params, *added),
        page_id=page_id,
        also_get=False,
        # v1's public conditions of a mode are an account's own here.
        permission="read" if row.mode and row.permission == "public" else row.permission,
        scope="uid" if row.mode else row.scope,
    )
    return Translation(
        spoken,
        MappingProxyType(names),
        frozenset(dropped),
        MappingProxyType(words),
        entries="orderList" if "orderList" in every else None,
        ids=_IDS if joined else None,
        since_required="startTime" in required,
        added=added,
    )


def _own() -> tuple[Endpoint, ...]:
    window = (Param("startTime", Kind.TIME), _END, Param("limit", Kind.COUNT, most=500), _ID_LESS_THAN)
    swapped = (Param("fromCoin", Kind.COIN), Param("toCoin", Kind.COIN))
    kind = Param("type", Kind.CHOICE, choices=("swap", "place_order"))
    forced = (kind, Param("symbol", Kind.SYMBOL), *swapped, *window)
    coin = Param("coin", Kind.COIN, required=True)
    return (
        Endpoint("interest_rate_record", "GET", f"{_BASE}/interest-rate-record", 10, "ip", "rate_record", (coin,)),
        *(
            Endpoint(
                f"{mode}_liquidation_orders", "GET", f"{_BASE}/{path}/liquidation-order", 10, "uid",
                "liquidation_orders", forced, mode, page_id="idLessThan",
            )
            for mode, path in _MODES.items()
        ),
    )  # fmt: skip


OWN: Mapping[str, Endpoint] = MappingProxyType({row.name: row for row in _own()})
"""What v1 has not. No unified method needs them: they are there for clients of v2, and raw."""


TRANSLATIONS: Mapping[str, Translation] = MappingProxyType(
    {
        row.name: _translation(row, *_OTHERS[row.name])
        if row.mode is None
        else _translation(
            row,
            _OF_A_MODE[row.name.removeprefix(f"{row.mode}_")][0],
            f"{_BASE}/{_MODES[row.mode]}/{_OF_A_MODE[row.name.removeprefix(f'{row.mode}_')][1]}",
        )
        for row in ENDPOINTS.values()
    }
)

ENDPOINTS_V2: Mapping[str, Endpoint] = MappingProxyType(
    {**{name: row.endpoint for name, row in TRANSLATIONS.items()}, **OWN}
)
"""By the same public names as v1's."""

ROUTES_V2: Mapping[tuple[str, str], Endpoint] = MappingProxyType(
    {(row.method, row.path): row for row in ENDPOINTS_V2.values()}
)
