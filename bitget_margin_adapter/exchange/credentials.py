"""The secret attributes of an exchange object: real texts for signing, masked wherever somebody looks.

A pickle carries the mask only, since pickles are written to disks and sent to workers; a deep copy keeps the values.
"""

from typing import Any

from ..wire.secrets import MASK, Masked

__all__ = ["Credential", "is_lost"]


class Credential:
    """A class attribute behind `apiKey` and the like: whatever is assigned is kept as a `Masked` text."""

    def __set_name__(self, owner: type, name: str) -> None:
        self._name = name

    def __get__(self, instance: Any, owner: type | None = None) -> Any:
        # On the class ccxt's own default is expected.
        return "" if instance is None else instance.__dict__.get(self._name, "")

    def __set__(self, instance: Any, value: Any) -> None:
        instance.__dict__[self._name] = Masked(value) if isinstance(value, str) and value else value


def is_lost(value: str) -> bool:
    """Whether this is what a pickle left of a credential."""
    return value == MASK
