"""Run a script of yours and keep what it said to the venue as a cassette, with secrets scrubbed."""

import argparse
import os
import runpy
import sys
import tempfile
from pathlib import Path

from . import Trouble

__all__ = ["SUMMARY", "arguments", "run"]

SUMMARY = "record what a script says to the venue, as a vcrpy cassette with secrets scrubbed"


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("script", help="a Python file that uses bitgetmargin, or ccxt, over HTTP")
    parser.add_argument("--out", required=True, metavar="FILE", help="the cassette to write; it must not exist yet")
    parser.add_argument("args", nargs=argparse.REMAINDER, help="arguments of the script")


def run(args: argparse.Namespace) -> int:
    script, out = Path(args.script), Path(args.out)
    if not script.is_file():
        raise Trouble(f"there is no script {script}.")
    if out.exists():
        raise Trouble(f"{out} exists already; a recording never overwrites, choose another name.")
    try:
        import vcr
    except ImportError:
        raise Trouble("it needs vcrpy: pip install 'bitget_margin_adapter[test]'.") from None
    from ..scrub import Scrubber

    scrubber = Scrubber()
    recorder = vcr.VCR(before_record_request=scrubber.request, before_record_response=scrubber.response)
    words, sys.argv = sys.argv, [str(script), *args.args]
    try:
        # Whole or not at all: a script that fails leaves nothing half written under the wanted name.
        with tempfile.TemporaryDirectory(dir=out.parent) as folder:
            part = Path(folder) / "cassette.yaml"
            with recorder.use_cassette(str(part), record_mode="all") as cassette:
                runpy.run_path(str(script), run_name="__main__")
            if not len(cassette):
                raise Trouble("the script said nothing over HTTP; there is nothing to keep.")
            hosts = ", ".join(sorted(scrubber.hosts))
            part.write_text(f"# Recorded from {hosts} on the user's own account, secrets scrubbed.\n{part.read_text()}")
            os.replace(part, out)
    finally:
        sys.argv = words
    print(f"{out}: {len(cassette)} requests to {hosts}. Look through it before you share it.")
    return 0
