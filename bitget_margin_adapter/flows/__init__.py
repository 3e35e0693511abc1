"""Every unified method, once, as a generator: it yields effects, gets replies, and returns a ccxt structure.

A flow never awaits, sleeps, reads a clock or knows a path; hosts (`exchange.sync`, `exchange.aio`, paper) perform its
effects. So its test needs no mock:

    flow = loans.borrow_cross_margin(context, "USDT", 100)
    assert next(flow) == Send("cross_borrow", {"coin": "USDT", "borrowAmount": "100"})
"""
