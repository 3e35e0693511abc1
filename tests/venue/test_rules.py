"""The fidelity ledger is complete: every rule has a label, a source and a test that is there."""

import ast
from functools import cache
from pathlib import Path

import pytest

from bitget_margin_adapter.venue.rules import RULES, Label, Rule

ROOT = Path(__file__).parent.parent.parent


@cache
def names_in(file: str) -> frozenset[str]:
    """Names at the top of a test module: functions, classes, and what is assigned."""
    tree = ast.parse((ROOT / file).read_text(encoding="utf-8"))
    names = {node.name for node in tree.body if isinstance(node, ast.FunctionDef | ast.ClassDef)}
    for node in tree.body:
        if isinstance(node, ast.Assign):
            names |= {target.id for target in node.targets if isinstance(target, ast.Name)}
    return frozenset(names)


def faults(rule: Rule) -> list[str]:
    found = []
    if rule.label not in set(Label):
        found.append("no label")
    if not rule.text.strip() or not rule.source.strip():
        found.append("no text or no source")
    file, _, name = rule.test.partition("::")
    if not file.startswith("tests/") or not (ROOT / file).is_file():
        found.append(f"no test module {file!r}")
    elif not name.lower().startswith("test") or name not in names_in(file):
        found.append(f"no test {name!r} in {file}")
    return found


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.name)
def test_a_rule_has_label_source_and_test(rule: Rule) -> None:
    assert faults(rule) == []


def test_names_are_unique() -> None:
    assert len({rule.name for rule in RULES}) == len(RULES)


def test_every_label_is_used() -> None:
    assert {rule.label for rule in RULES} == set(Label)


def test_a_rule_without_label_or_test_is_found() -> None:
    good = RULES[0]
    assert faults(good._replace(label="")) == ["no label"]  # type: ignore[arg-type]
    assert faults(good._replace(source=" ")) == ["no text or no source"]
    assert faults(good._replace(test="")) == ["no test module ''"]
    gone = good.test + "_gone"
    assert len(faults(good._replace(test=gone))) == 1
