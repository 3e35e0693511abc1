"""Print every rule of the emulated venue with what it rests on."""

import argparse
import json
from collections import Counter

from ...venue.rules import RULES, Label, Rule
from ..plain import aligned, terminal_width

__all__ = ["SUMMARY", "arguments", "run"]

SUMMARY = "every emulated rule with its evidence"

_COLUMNS = ("rule", "evidence", "source", "what it says")


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--json", action="store_true", help="with the test of each rule, as a list of objects")
    parser.add_argument("--label", choices=[str(label) for label in Label], help="only rules with this evidence")


def run(args: argparse.Namespace) -> int:
    rules = [rule for rule in RULES if args.label in (None, rule.label)]
    if args.json:
        print(json.dumps([rule._asdict() for rule in rules], indent=2))
        return 0
    print(aligned(_COLUMNS, map(_line, rules), terminal_width()))
    counts = Counter(rule.label for rule in rules)
    print(f"\n{len(rules)} rules: " + ", ".join(f"{counts[label]} {label}" for label in Label if counts[label]))
    print("Nothing was checked against the live exchange; each rule has a test (--json names it).")
    return 0


def _line(rule: Rule) -> tuple[str, ...]:
    return rule.name, rule.label, rule.source, rule.text
