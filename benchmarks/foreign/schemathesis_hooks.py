"""Signs what schemathesis makes up, byte for byte as it goes out, by its own hand; SCHEMATHESIS_HOOKS names it.

The key comes in SANDBOX_KEY, SANDBOX_SECRET and SANDBOX_PASSPHRASE.
"""

import base64
import hmac
import os
import time
from typing import Any
from urllib.parse import urlsplit

import requests
import schemathesis


class Signed(requests.auth.AuthBase):
    def __call__(self, request: Any) -> Any:
        parts = urlsplit(request.url)
        body = request.body or b""
        stamp = str(time.time_ns() // 1_000_000)
        query = f"?{parts.query}" if parts.query else ""
        message = f"{stamp}{request.method}{parts.path}{query}".encode()
        message += body.encode() if isinstance(body, str) else body
        digest = hmac.digest(os.environ["SANDBOX_SECRET"].encode(), message, "sha256")
        request.headers["ACCESS-KEY"] = os.environ["SANDBOX_KEY"]
        request.headers["ACCESS-PASSPHRASE"] = os.environ["SANDBOX_PASSPHRASE"]
        request.headers["ACCESS-TIMESTAMP"] = stamp
        request.headers["ACCESS-SIGN"] = base64.b64encode(digest).decode()
        return request


# Its annotations show the decorator only.
schemathesis.auth.set_from_requests(Signed())  # type: ignore[attr-defined]
