"""Which code the venue answers for which refusal, in both directions."""

from types import MappingProxyType

from ..model.refusals import Reason

__all__ = ["CODE_OF", "REASON_OF"]

# The texts of the codes are documented, which condition leads to which code is inferred from them.
CODE_OF = MappingProxyType(
    {
        Reason.NO_KEY: "40001",
        Reason.NO_SIGNATURE: "40002",
        Reason.NO_PASSPHRASE: "40011",
        Reason.BAD_TIMESTAMP: "40005",
        Reason.UNKNOWN_KEY: "40006",
        Reason.EXPIRED: "40008",
        Reason.BAD_SIGNATURE: "40009",
        Reason.WRONG_PASSPHRASE: "40012",
        Reason.NO_PERMISSION: "40014",
        Reason.WRONG_IP: "40018",
        Reason.TOO_MANY_REQUESTS: "429",
        Reason.NO_SUCH_PATH: "40404",
        Reason.BAD_CONTENT_TYPE: "40007",
        Reason.MISSING_PARAMETER: "40019",
        Reason.BAD_PARAMETER: "40017",
        Reason.ODD_PARAMETER: "40020",
        Reason.ONE_OF_PARAMETERS: "40913",
        Reason.ORDER_ID_OR_CLIENT_OID: "40924",
        Reason.TOO_MANY_ORDERS_IN_BATCH: "40306",
        Reason.TOO_MANY_CANCELS_IN_BATCH: "40912",
        Reason.CLIENT_OID_TOO_LONG: "40304",
        Reason.WINDOW_TOO_LONG: "40705",
        Reason.WINDOW_REVERSED: "40707",
        Reason.WINDOW_TOO_OLD: "40704",
        Reason.COIN_NOT_CROSS: "50001",
        Reason.SYMBOL_NOT_ISOLATED: "50002",
        Reason.COIN_NOT_ISOLATED: "50003",
        Reason.SYMBOL_NOT_CROSS: "50004",
        Reason.SYMBOL_NOT_MARGIN: "50005",
        Reason.UNKNOWN_PAIR: "50024",
        Reason.UNKNOWN_COIN: "50032",
        Reason.COIN_NOT_IN_PAIR: "50039",
        Reason.PAIR_NOT_OPEN: "50025",
        Reason.PAIR_NOT_ENABLED: "50026",
        Reason.PAIR_IN_MAINTENANCE: "50027",
        Reason.PAIR_OFFLINE: "50028",
        Reason.PAIR_UPCOMING: "50030",
        Reason.PAIR_DELISTED: "50065",
        Reason.NO_MARGIN_ACCOUNT: "50021",
        Reason.BORROW_TOO_SMALL: "50034",
        Reason.BORROW_OVER_MAXIMUM: "50035",
        Reason.NO_LOAN_CONFIGURATION: "50036",
        Reason.NOT_BORROWABLE: "50037",
        Reason.SYSTEM_LOAN_LIMIT: "50038",
        Reason.TOO_MANY_DECIMALS: "50063",
        Reason.REPAY_NOT_POSITIVE: "50040",
        Reason.REPAY_OVER_AVAILABLE: "50041",
        Reason.REPAY_UNDER_INTEREST: "50042",
        Reason.INSUFFICIENT_BALANCE: "50020",
        Reason.PRICE_NOT_POSITIVE: "50018",
        Reason.PRICE_TOO_LOW: "50046",
        Reason.PRICE_TOO_HIGH: "50047",
        Reason.SIZE_TOO_SMALL: "50016",
        Reason.SIZE_TOO_LARGE: "50017",
        Reason.VALUE_TOO_SMALL: "45110",
        Reason.TOO_MANY_OPEN_ORDERS: "50048",
        Reason.DUPLICATE_CLIENT_OID: "50060",
        Reason.ORDER_FINAL: "50062",
        Reason.UNKNOWN_ORDER: "43001",
        Reason.NO_PRICE: "50029",
        Reason.LIQUIDATING: "50022",
        Reason.REPAYING: "50066",
        Reason.CROSS_FROZEN: "50012",
        Reason.ISOLATED_FROZEN: "50013",
    }
)

REASON_OF = MappingProxyType({code: reason for reason, code in CODE_OF.items()})
