"""The doors that a scenario goes through: paper, the emulator and its recordings, each synchronous and asyncio.

Ids are counted and the exchange's clock is the venue's, so that every door sees the same requests, byte for byte.
"""

import asyncio
import itertools
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import ccxt
import vcr

import bitget_margin_adapter as bma
from bitget_margin_adapter.emulator import ACCOUNT, Emulator
from bitget_margin_adapter.paper.door import forget_accounts

from .scenarios import START, IdsOf, Scenario, Step

__all__ = [
    "ADDRESS",
    "CASSETTES",
    "CASSETTES_V2",
    "HEADING",
    "Outcome",
    "on_emulator",
    "on_paper",
    "recorder",
    "replayed",
]

CASSETTES = Path(__file__).parents[2] / "cassettes" / "emulator"
CASSETTES_V2 = Path(__file__).parents[2] / "cassettes" / "v2" / "emulator"
ADDRESS = "http://localhost:8080"
"""Stands in cassettes for wherever the emulator listened."""

HEADING = "# Recorded from the emulator of this project, not from Bitget.\n"
_MATCH = ["method", "scheme", "host", "port", "path", "query", "body"]


@dataclass
class Outcome:
    results: list[Any]
    journal: list[str] | None = None


def on_paper(scenario: Scenario, kind: str, store: Path) -> Outcome:
    # By the name that the emulator's account has, for the journal's sake.
    forget_accounts()
    option = {"account": ACCOUNT, "clock": "virtual", "store": str(store), "funds": scenario.funds}
    option["candles"] = scenario.candles
    exchange = _class(kind)({"options": {"paper": option, **_ids()}})

    def control(word: str, body: Any) -> Any:
        return exchange._door().control(word, body)

    results = _play(scenario, kind, exchange, control)
    forget_accounts()
    return Outcome(results, _journal(store))


def on_emulator(
    scenario: Scenario, kind: str, store: Path, cassette: Path | None = None, dialect: str = "v1"
) -> Outcome:
    """With `cassette` what is said is recorded there."""
    with Emulator(scenario.candles, scenario.funds, "virtual", limits=False, store=str(store)) as venue:
        config = venue.config()
        config["options"] = {**_ids(), "dialect": dialect}
        exchange = _class(kind)(config)
        exchange.milliseconds = venue.host.now
        if cassette is None:
            results = _play(scenario, kind, exchange, venue.control)
        else:
            with recorder(venue).use_cassette(str(cassette), record_mode="all", match_on=_MATCH):
                results = _play(scenario, kind, exchange, venue.control)
            cassette.write_text(HEADING + cassette.read_text())
    return Outcome(results, _journal(store))


def replayed(scenario: Scenario, kind: str, dialect: str = "v1") -> Outcome:
    now = [START]

    def control(word: str, body: Any) -> None:
        if word == "clock":
            now[0] += body["advance_ms"]

    api = dict.fromkeys(("spot", "margin", "mix"), ADDRESS)
    keys = {"apiKey": "sbx_none", "secret": "none", "password": "none", "enableRateLimit": False}
    exchange = _class(kind)({**keys, "urls": {"api": api}, "options": {**_ids(), "dialect": dialect}})
    exchange.milliseconds = lambda: now[0]
    path = (CASSETTES if dialect == "v1" else CASSETTES_V2) / f"{scenario.name}.yaml"
    with vcr.use_cassette(str(path), record_mode="none", match_on=_MATCH) as cassette:
        results = _play(scenario, kind, exchange, control)
        assert cassette.all_played, "the recording holds more than the scenario asks for; record it again"
    return Outcome(results)


def recorder(venue: Emulator) -> Any:
    """Keeps of every message what a cassette may hold: no header but the content type, and no address."""

    def request(message: Any) -> Any:
        message.uri = message.uri.replace(venue.url, ADDRESS)
        message.headers = {"Content-Type": "application/json"}
        return message

    def response(message: Any) -> Any:
        message["headers"] = {"Content-Type": ["application/json"]}
        return message

    return vcr.VCR(before_record_request=request, before_record_response=response)


def _class(kind: str) -> Any:
    return bma.bitgetmargin if kind == "sync" else bma.async_support.bitgetmargin


def _ids() -> dict[str, Any]:
    numbers = itertools.count(1)
    return {"idSource": lambda: f"own-{next(numbers)}"}


def _play(scenario: Scenario, kind: str, exchange: Any, control: Any) -> list[Any]:
    results: list[Any] = []
    if kind == "sync":
        for step in scenario.steps:
            with _noted(results):
                results.append(_do(step, exchange, control, results))
        return results

    async def main() -> None:
        try:
            for step in scenario.steps:
                with _noted(results):
                    found = _do(step, exchange, control, results)
                    results.append(found if step.control else await found)
        finally:
            await exchange.close()

    asyncio.run(main())
    return results


def _do(step: Step, exchange: Any, control: Any, results: list[Any]) -> Any:
    if step.control:
        control(step.method, *step.args)
        return None
    args = [argument.read(results) if isinstance(argument, IdsOf) else argument for argument in step.args]
    return getattr(exchange, step.method)(*args)


@contextmanager
def _noted(results: list[Any]) -> Iterator[None]:
    """A refusal is a result."""
    try:
        yield
    except ccxt.BaseError as problem:
        results.append(type(problem).__name__)


def _journal(store: Path) -> list[str]:
    with sqlite3.connect(store) as db:
        found = [line for (line,) in db.execute("select line from journal order by place")]
    db.close()
    return found
