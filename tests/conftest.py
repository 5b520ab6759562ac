"""Where the tests find what does not travel with the project."""

import os
from pathlib import Path

import pytest

BESIDE_THE_PROJECT = Path(__file__).resolve().parents[2] / "shared"


def _folder(variable: str, default: Path) -> Path:
    """The folder named by an environment variable, or the default beside the checkout."""
    folder = Path(os.environ.get(variable, default))
    if not folder.is_dir():
        pytest.skip(f"{variable}: no folder {folder}")
    return folder


@pytest.fixture(scope="session")
def reference_dir() -> Path:
    """Results of R and SAS on public datasets, not part of the project."""
    return _folder("KETAOUTCOMES_REFERENCE", BESIDE_THE_PROJECT / "reference")


@pytest.fixture(scope="session")
def real_data_dir() -> Path:
    """Real de-identified datasets, not part of the project."""
    return _folder("KETAOUTCOMES_REAL_DATA", BESIDE_THE_PROJECT / "data")


@pytest.fixture(scope="session")
def evidence_dir() -> Path:
    """The register of published results, not part of the project."""
    return _folder("KETAOUTCOMES_EVIDENCE", BESIDE_THE_PROJECT / "evidence")
