"""Make ccxt know the class, so that whatever looks exchanges up by name finds it."""

import sys

__all__ = ["register"]


def register() -> None:
    """`ccxt.bitgetmargin`, `ccxt.async_support.bitgetmargin` and `ccxt.pro.bitgetmargin` exist afterwards.

    Idempotent; it works before and after other packages import ccxt.
    """
    import ccxt
    import ccxt.async_support
    import ccxt.pro

    from .exchange import aio, pro, sync

    for module, cls in (
        (ccxt, sync.bitgetmargin),
        (ccxt.async_support, aio.bitgetmargin),
        (ccxt.pro, pro.bitgetmargin),
    ):
        name = cls.__name__
        setattr(module, name, cls)
        for names in (module.exchanges, getattr(sys.modules[module.__name__], "__all__", [])):
            if name not in names:
                names.append(name)
