"""The page of all keys: nothing in it is empty, and its examples are YAML."""

import importlib.util
import re
from pathlib import Path

import pytest

from ketaoutcomes.plan.reading.source import read_yaml

DOCS = Path(__file__).resolve().parents[2] / "docs"
SPEC = importlib.util.spec_from_file_location("plan_reference", DOCS / "plan_reference.py")
assert SPEC is not None
assert SPEC.loader is not None
MODULE = importlib.util.module_from_spec(SPEC)
SPEC.loader.exec_module(MODULE)
PAGE: str = MODULE.reference()
ROWS = [
    re.split(r"(?<!\\) ?\| ?", line)[1:-1] for line in PAGE.splitlines() if line.startswith("| `")
]


def test_every_key_says_what_it_takes_what_it_means_and_an_example() -> None:
    assert len(ROWS) > 600
    for row in ROWS:
        key, meaning, takes, _default, example = row
        assert takes, key
        assert meaning.split("<br>")[0].endswith("."), key
        assert example.startswith(key[:-1] + ": "), key


@pytest.mark.parametrize("example", sorted({row[4][1:-1] for row in ROWS}))
def test_examples_are_written_as_a_plan_has_them(example: str) -> None:
    read = read_yaml(example.replace("\\|", "|"), "plan.yaml").data
    assert read[example.split(":", 1)[0]] is not None


def test_keys_that_do_not_go_together_are_named() -> None:
    assert "- `method: graph` needs `weights`." in PAGE.lower()
