"""The control API over HTTP: its token, its methods, and the words that only an emulator has (keys, faults).

GET state | faults | keys; POST clock | market | fund | snapshot | reset | fork | faults | keys; DELETE faults
"""

import hmac
from collections.abc import Callable, Mapping
from typing import Any, Final

import orjson

from ..model.refusals import Refusal
from ..wire.reasons import CODE_OF
from ..wire.secrets import Secret
from .control import UnknownWord
from .desk import Answer, Host
from .keyring import Key
from .reading import json_object

__all__ = ["PATH", "Sandbox"]

PATH: Final = "/_sandbox/"

_READ = frozenset({"state", "faults", "keys"})
_WRITTEN = frozenset({"clock", "market", "fund", "snapshot", "reset", "fork", "faults", "keys"})

Issue = Callable[[str, Mapping[str, Any]], tuple[Key, dict[str, str]]]


class Sandbox:
    """`issue(account, wishes)` makes a key and what its owner has to know."""

    def __init__(self, host: Host, token: str | Secret, issue: Issue) -> None:
        self._host = host
        self._token = Secret(token)
        self._issue = issue

    def answer(self, method: str, word: str, token: str | None, body: bytes) -> Answer:
        """Never raises; what is wrong is said in `error`."""
        if not hmac.compare_digest((token or "").encode("utf-8", "surrogatepass"), self._token.reveal().encode()):
            return _said(401, {"error": "the header X-Sandbox-Token is missing or wrong"})
        if method == "DELETE" and word == "faults":
            given: dict[str, Any] = {"clear": True}
        elif (method == "GET" and word in _READ) or (method == "POST" and word in _WRITTEN):
            given = {}
            if method == "POST" and body:
                try:
                    given = json_object(body)
                except Refusal as refusal:
                    return _said(400, {"error": ", ".join(refusal.details)})
        else:
            known = f"GET {', '.join(sorted(_READ))}; POST {', '.join(sorted(_WRITTEN))}; DELETE faults"
            return _said(404, {"error": f"the control API has {known}"})
        if method == "POST" and word in _READ and not given:
            return _said(400, {"error": f"POST {word} needs a JSON object"})
        try:
            return _said(200, self.run(word, given))
        except Refusal as refusal:
            return _said(400, {"error": str(refusal.reason.name).lower(), "code": CODE_OF[refusal.reason]})
        except (ArithmeticError, TypeError, ValueError, KeyError, LookupError) as problem:
            # Bodies are free JSON; whatever the words cannot read is the sender's to correct.
            return _said(400, {"error": str(problem)[:300]})

    def run(self, word: str, body: Mapping[str, Any] | None) -> dict[str, Any]:
        """A word of the control API in process. Raises ValueError and Refusal."""
        given = dict(body or {})
        with self._host.lock:
            if word == "keys":
                return self._keys(given)
            if word not in _READ | _WRITTEN:
                raise UnknownWord(f"no word {word!r} in the control API, it has {', '.join(sorted(_READ | _WRITTEN))}")
            done = self._host.control.run(word, given)
            if word == "fork":
                # An account without a key could only be looked at.
                done = {**done, **self._issue(str(done["to"]), {})[1]}
            return done

    def _keys(self, wishes: dict[str, Any]) -> dict[str, Any]:
        """GET: the accounts. POST {"account"} and maybe funds, permissions, addresses, public_key: a key for it."""
        venue = self._host.venue
        if not wishes:
            return {"accounts": list(venue.accounts)}
        account = str(wishes.pop("account", "") or "")
        funds = wishes.pop("funds", {})
        if not account:
            raise ValueError("account is missing")
        if funds and account in venue.accounts:
            raise ValueError(f"account {account!r} is open already; use fund")
        # The key first: of bad wishes nothing may remain.
        made = {"account": account, **self._issue(account, wishes)[1]}
        if account not in venue.accounts:
            venue.open_account(account, funds, self._host.now())
        return made


def _said(status: int, body: dict[str, Any]) -> Answer:
    return Answer(status, orjson.dumps(body, default=str))
