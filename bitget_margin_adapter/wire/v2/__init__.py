"""API v2 as a second set of names for the same endpoints: paths, parameters, fields, words, channels.

Flows, engine and tests speak v1. Here alone both are known, as tables that are read in both directions:

    to_v2            the adapter's request          request_of_v2   what a v2 client asked the emulator
    from_v2          the answer that came           answer_to_v2    the answer that it gets
                                                    serve           both of these, around a call of v1

    >>> to_v2("cross_repays", {"startTime": "1", "pageId": "7"}, now=2)
    ('GET', '/api/v2/margin/crossed/repay-history', {'startTime': '1', 'idLessThan': '7'})
"""

from .answers import answer_to_v2, from_v2
from .endpoints import ENDPOINTS_V2, ROUTES_V2
from .requests import request_of_v2, to_v2
from .serve import serve

__all__ = ["ENDPOINTS_V2", "ROUTES_V2", "answer_to_v2", "from_v2", "request_of_v2", "serve", "to_v2"]
