"""`python -m bitget_margin_adapter` is `bitget-margin`."""

import sys

from .cli.main import main

if __name__ == "__main__":
    sys.exit(main())
