"""The texts on the wire: requests as JSON, cut to the documented size, and what comes back told apart."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any

import orjson

from ..model.symbols import market_id
from ..wire.channels import CHANNELS, EVERYTHING
from ..wire.v2.channels import argument_v2, stream_of_v2

__all__ = [
    "ARGUMENT",
    "PING",
    "PONG",
    "Stream",
    "argument_of",
    "decode",
    "encode",
    "login_text",
    "request_texts",
    "stream_of",
]

PING, PONG = "ping", "pong"

Stream = tuple[str, str | None]
"""A channel and, where it is one by symbol, the venue's symbol."""


def encode(value: Any) -> str:
    return orjson.dumps(value).decode()


def decode(text: str | bytes) -> Any:
    """Raises ValueError for what is no JSON."""
    return orjson.loads(text)


def argument_of(stream: Stream) -> dict[str, str]:
    return CHANNELS[stream[0]].argument(stream[1])


ARGUMENT: Mapping[str, Callable[[Stream], dict[str, str]]] = {
    "v1": argument_of,
    "v2": lambda stream: argument_v2(*stream),
}
"""By dialect: how a subscription names a stream."""


def stream_of(argument: Any) -> Stream | None:
    """The stream that an `arg` names, None for one that is not there.

    Any spelling of the symbol will do, and either dialect.
    """
    if not isinstance(argument, Mapping):
        return None
    newer = stream_of_v2(argument)
    if newer is not None:
        return newer
    name, inst = argument.get("channel"), argument.get("instId", argument.get("inst_id"))
    channel = CHANNELS.get(name) if isinstance(name, str) else None
    if channel is None or not isinstance(inst, str):
        return None
    if not channel.by_symbol:
        return channel.name, None
    if inst in ("", EVERYTHING):
        return None
    try:
        return channel.name, market_id(inst)
    except ValueError:
        return None


def login_text(args: Sequence[Mapping[str, str]]) -> str:
    return encode({"op": "login", "args": list(args)})


def request_texts(
    op: str, streams: Iterable[Stream], most_bytes: int, dialect: str = "v1"
) -> Iterator[tuple[str, list[Stream]]]:
    """Messages that together name all the streams, none of more bytes than that, and what each of them names."""
    argument = ARGUMENT[dialect]
    part: list[Stream] = []
    text = ""
    for stream in streams:
        longer = encode({"op": op, "args": [argument(each) for each in [*part, stream]]})
        if part and len(longer) > most_bytes:
            yield text, part
            part = []
            longer = encode({"op": op, "args": [argument(stream)]})
        part, text = [*part, stream], longer
    if part:
        yield text, part
