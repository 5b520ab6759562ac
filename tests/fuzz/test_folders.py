"""Folders of work that are cut short or somebody else's."""

import json
from pathlib import Path

import pandas as pd
import pytest

from fuzzing import ended_well
from ketaoutcomes.power.replicates import COLUMNS
from ketaoutcomes.power.workers import _kept, sealed
from ketaoutcomes.runs.disk import parquet_bytes


@pytest.mark.parametrize(
    "content",
    [b"", b"{", b"[]", b"null", b"\xff\xfe", b'{"cohorts": 3}', b'{"name": "x"}', b"[" * 50_000],
)
def test_a_foreign_manifest_is_never_replaced(tmp_path: Path, content: bytes) -> None:
    manifest = tmp_path / "MANIFEST.json"
    manifest.write_bytes(content)
    (tmp_path / "thesis.txt").write_text("years of work")
    words = ["simulate", "single_dose", "--out", str(tmp_path), "--subjects", "40"]
    assert ended_well(words, manifest) == 2
    assert (tmp_path / "thesis.txt").read_text() == "years of work"


def test_cohorts_of_another_program_are_not_replaced(tmp_path: Path, capsys) -> None:
    (tmp_path / "MANIFEST.json").write_text(json.dumps({"cohorts": {"mine": {}}}))
    words = ["simulate", "single_dose", "--out", str(tmp_path)]
    assert ended_well(words, tmp_path / "MANIFEST.json") == 2
    assert "no command of this program wrote" in capsys.readouterr().err


def chunk_at(path: Path) -> bytes:
    content = sealed(parquet_bytes(pd.DataFrame({name: [1.0] for name in COLUMNS})))
    path.write_bytes(content)
    return content


@pytest.mark.parametrize("cut", [0, 3, 100, -20, -1])
def test_a_chunk_that_is_cut_short_is_no_chunk(tmp_path: Path, cut: int) -> None:
    path = tmp_path / "some.chunk"
    content = chunk_at(path)
    assert _kept(path) is not None
    path.write_bytes(content[:cut])
    assert _kept(path) is None


def test_a_chunk_with_any_other_bit_is_no_chunk(tmp_path: Path) -> None:
    """Also where the file could still be read, as a number of its table was changed."""
    path = tmp_path / "some.chunk"
    content = chunk_at(path)
    for place in range(0, len(content), 7):
        path.write_bytes(content[:place] + bytes([content[place] ^ 1]) + content[place + 1 :])
        assert _kept(path) is None


def test_a_table_of_another_kind_is_no_chunk(tmp_path: Path) -> None:
    path = tmp_path / "some.chunk"
    pd.DataFrame({"a": [1]}).to_parquet(path)
    assert _kept(path) is None
