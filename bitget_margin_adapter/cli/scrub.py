"""What a recording may keep: no header but the content type, and no secret or person in an address or a body.

Headers are an allow-list, since what is not known could be a key. What the secret headers held is taken out of
everything that follows, too, wherever it turns up.
"""

import json
from typing import Any

__all__ = ["MASK", "Scrubber"]

MASK = "***"
_KEPT = frozenset({"content-type"})
_SECRET = frozenset({"access-key", "access-passphrase", "access-sign", "authorization", "cookie", "x-sandbox-token"})
# Names of fields that say who somebody is, or let others in.
_PERSONAL = frozenset(
    {
        "apikey", "api_key", "secret", "secretkey", "passphrase", "password", "sign", "signature", "token", "userid",
        "user_id", "uid", "email", "mobile", "phone", "address", "parentid", "inviterid", "ips",
    }
)  # fmt: skip
_SHORTEST = 4
"""Shorter texts stand everywhere and are no secrets."""


class Scrubber:
    """For vcrpy: `request` and `response` are its hooks before recording."""

    def __init__(self) -> None:
        self.hosts: set[str] = set()
        self._secrets: set[str] = set()

    def request(self, message: Any) -> Any:
        for name, value in message.headers.items():
            if name.lower() in _SECRET:
                text = _text(value)
                if len(text) >= _SHORTEST:
                    self._secrets.add(text)
        self.hosts.add(message.host)
        message.headers = _kept(message.headers)
        message.uri = self._without(message.uri)
        if message.body:
            message.body = self._body(_text(message.body))
        return message

    def response(self, message: Any) -> Any:
        message["headers"] = _kept(message["headers"])
        body = message["body"].get("string")
        if body:
            message["body"]["string"] = self._body(_text(body)).encode()
        return message

    def _body(self, text: str) -> str:
        try:
            found = json.loads(text)
        except ValueError:
            return self._without(text)
        masked = _masked(found)
        # What needs no masking stays as it was written, byte for byte.
        return self._without(text if masked == found else json.dumps(masked, ensure_ascii=False))

    def _without(self, text: str) -> str:
        for secret in sorted(self._secrets, key=len, reverse=True):
            text = text.replace(secret, MASK)
        return text


def _kept(headers: Any) -> dict[str, Any]:
    return {name: value for name, value in headers.items() if name.lower() in _KEPT}


def _masked(value: Any) -> Any:
    if isinstance(value, dict):
        return {
            name: MASK if str(name).lower() in _PERSONAL and item not in (None, "") else _masked(item)
            for name, item in value.items()
        }
    return [_masked(item) for item in value] if isinstance(value, list) else value


def _text(value: Any) -> str:
    if isinstance(value, list | tuple):
        value = value[0] if value else ""
    return value.decode("utf-8", "replace") if isinstance(value, bytes) else str(value)
