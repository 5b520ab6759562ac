"""Every example on the pages of functions gives what the page shows."""

import doctest
import re
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from ketaoutcomes.api import mmrm as mmrm_module

FLAGS = doctest.NORMALIZE_WHITESPACE
DOCS = Path(__file__).resolve().parents[2] / "docs"
SET_UP = re.compile(r"```python\n(.*?)```", re.DOTALL)
PAGES = sorted(page for page in (DOCS / "api").glob("*.md") if ">>>" in page.read_text("utf-8"))


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_examples_of_a_page(page: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    known: dict[str, Any] = {}
    for block in SET_UP.findall(page.read_text("utf-8")):
        exec(block, known)  # noqa: S102  (the project's own page)
    with pd.option_context("display.width", 120, "display.max_columns", 20):
        done = doctest.testfile(
            str(page), module_relative=False, encoding="utf-8", optionflags=FLAGS, globs=known
        )
    assert done.attempted
    assert not done.failed


def test_example_of_the_docstring() -> None:
    done = doctest.testmod(mmrm_module, optionflags=FLAGS)
    assert done.attempted
    assert not done.failed
