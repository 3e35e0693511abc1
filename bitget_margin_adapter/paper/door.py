"""One exchange object's way to a paper account: which account, and ccxt's exceptions for what the venue refuses."""

import threading
from collections.abc import Callable, Mapping
from decimal import Decimal
from functools import partial
from typing import Any

from ccxt.base import errors

from ..engine.store import StoreBusy, StoreFailed
from ..flows.effects import Flow
from ..flows.refusal import refusal_error
from ..model.refusals import Reason, Refusal
from ..venue.service import NotServed
from ..wire.endpoints import ENDPOINTS, Endpoint
from ..wire.render import render
from ..wire.v2 import serve
from .ear import Ear
from .feed import Feed
from .host import PaperHost
from .settings import Settings, settings_of

__all__ = ["Door", "forget_accounts", "open_door"]

_PRIVATE_ACCOUNT = "private"

_hosts: dict[str, PaperHost] = {}
_hosts_lock = threading.Lock()


class Door:
    """Copies lead to the same account."""

    def __init__(self, option: Any, settings: Settings, host: PaperHost, account: str, id: str) -> None:
        self.option = option
        self.public_from_network = settings.is_live
        self._feed = Feed(host) if settings.is_live else None
        self._host = host
        self._account = account
        self._id = id

    def __deepcopy__(self, memo: dict[int, Any]) -> "Door":
        twin = object.__new__(type(self))
        twin.__dict__ |= self.__dict__
        # The copied exchange recognises its door by its own copy of the option.
        twin.option = memo.get(id(self.option), self.option)
        return twin

    def __reduce__(self) -> tuple[type[None], tuple[()]]:
        return type(None), ()  # a pickled exchange opens the account by its name again

    def now(self) -> int:
        return self._host.now()

    def refresh(self, params: Mapping[str, Any]) -> Flow[None]:
        """See to it that prices are recent before such a call; only a live market has something to do."""
        if self._feed is not None:
            yield from self._feed.refresh(params)

    def call(self, endpoint: str, params: Mapping[str, Any]) -> Any:
        """The endpoint's answer as model rows; refusals as ccxt's exceptions."""
        try:
            return self._host.call(self._account, endpoint, params)
        except Refusal as refusal:
            raise refusal_error(self._id, endpoint, refusal) from None
        except NotServed:
            raise errors.NotSupported(f"{self._id} {endpoint}: the paper venue does not serve this yet") from None
        except StoreFailed as problem:
            raise self._not_kept(endpoint, problem) from problem

    def raw(self, row: Endpoint, params: Mapping[str, Any]) -> Any:
        """The body that the venue would send, in the dialect of the row."""
        if ENDPOINTS.get(row.name) is row:
            return render(row.answer, self.call(row.name, params), self.now())
        try:
            with self._host.lock:
                return serve(row.method, row.path, params, partial(self._host.call, self._account), self.now())
        except Refusal as refusal:
            raise refusal_error(self._id, row.name, refusal) from None
        except StoreFailed as problem:
            raise self._not_kept(row.name, problem) from problem

    def last_price(self, symbol: str) -> Decimal:
        """What a pair was last traded at; refused, as an order would be, before there is any price."""
        price = self._host.last_price(symbol)
        if price is None:
            raise refusal_error(self._id, "last price", Refusal(Reason.NO_PRICE, symbol))
        return price

    def public(self, path: str, params: Mapping[str, Any]) -> Any:
        """What the venue's public market data would answer."""
        try:
            return self._host.public(self._account, path, params)
        except Refusal as refusal:
            raise refusal_error(self._id, path, refusal) from None
        except StoreFailed as problem:
            raise self._not_kept(path, problem) from problem

    def _not_kept(self, where: str, problem: StoreFailed) -> Exception:
        # Nothing is unknown: what was not kept did not happen, and asking this object again would say otherwise.
        refused: Exception = errors.OnMaintenance(
            f"{self._id} {where}: {problem}, so nothing was done; see to the file and its disk, then make a new "
            "exchange object, which goes on from what was kept"
        )
        return refused

    def listen(self, ring: Callable[[], None]) -> Ear:
        """To hear what happens to this account; `ring` is called in the thread in which it does."""
        return Ear(self._host, self._account, ring)

    def control(self, word: str, body: Any) -> Any:
        try:
            with self._host.lock:
                result = self._host.control.run(word, body)
        except Refusal as refusal:
            raise refusal_error(self._id, f"sandbox_control {word}", refusal) from None
        except ValueError as problem:
            raise errors.BadRequest(f"{self._id} sandbox_control {word}: {problem}") from None
        except StoreFailed as problem:
            raise self._not_kept(f"sandbox_control {word}", problem) from problem
        if word == "fork":
            with _hosts_lock:
                _hosts[result["to"]] = self._host
        return result


def open_door(option: Any, id: str) -> Door:
    """The account that `options['paper']` names, opened if nobody did before; the first one's settings count."""
    settings = settings_of(option, id)
    account = settings.account or _PRIVATE_ACCOUNT
    try:
        if settings.account is None:
            host = PaperHost(settings, account)
        else:
            with _hosts_lock:
                _let_go_of_failed()
                host = _hosts.get(account) or _keeper_of(settings.store) or PaperHost(settings, account)
                if settings.store is not None and not host.keeps(settings.store):
                    raise ValueError(f"account {account!r} is open already, with another store than {settings.store}")
                clash = host.settings.clash(settings)
                if clash is not None:
                    has = getattr(host.settings, clash)
                    raise ValueError(
                        f"account {account!r} is open already, with another {clash} ({has!r}); leave it out, or take "
                        "another account"
                    )
                host.admit(account, settings.funds)
                _hosts[account] = host
    except StoreBusy as problem:
        raise errors.ExchangeNotAvailable(
            f"{id} options['paper']: {problem}; end it, or give this one a store of its own"
        ) from None
    except (AttributeError, LookupError, OSError, TypeError, ValueError) as problem:
        # Figures come from people's own files; whatever is wrong with them, this is where they are read.
        raise errors.BadRequest(f"{id} options['paper']: {problem}") from problem
    return Door(option, settings, host, account, id)


def _let_go_of_failed() -> None:
    """Of hosts whose store could not be written: a new one goes on from what was kept."""
    for account, host in list(_hosts.items()):
        if host.failure is not None:
            host.close()
            del _hosts[account]


def _keeper_of(store: Any) -> PaperHost | None:
    """The host of this process that holds the store already, for another account."""
    if store is None:
        return None
    return next((host for host in _hosts.values() if host.keeps(store)), None)


def forget_accounts() -> None:
    """Close every named account of this process, and their stores. For tests."""
    with _hosts_lock:
        for host in _hosts.values():
            host.close()
        _hosts.clear()
