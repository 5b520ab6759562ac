"""Where the tests find what does not travel with the project."""

import os
from pathlib import Path

import hypothesis
import pytest

from ketaoutcomes.cli.main import BLAS_THREADS

os.environ.update(dict.fromkeys(BLAS_THREADS, "1"))
"""Before numpy: a command tested in this process then gives the bytes of one run by a user."""

os.environ["KETAOUTCOMES_CACHE"] = "off"
"""Every test makes what it tests, also where an earlier one has made the same."""

hypothesis.settings.register_profile("repeatable", deadline=None, derandomize=True)
hypothesis.settings.load_profile("repeatable")
"""A slow machine fails no property, and every run tries the same examples."""

VALIDATION_COLUMNS = ("file", "test", "numbers", "largest_difference", "tolerance")


def pytest_addoption(parser: pytest.Parser) -> None:
    """`--validation FILE` writes down every comparison with other software (`make validation`)."""
    parser.addoption("--validation", type=Path, help="CSV file of every reference comparison")


def pytest_sessionfinish(session: pytest.Session) -> None:
    """Write the comparisons of the session, the largest difference of each test and tolerance."""
    path: Path | None = session.config.getoption("--validation")
    if path is None:
        return
    from comparisons import MADE  # noqa: PLC0415  (known once the reference tests are collected)

    largest: dict[tuple[str, float], tuple[int, float]] = {}
    for made in MADE:
        count, difference = largest.get((made.test, made.tolerance), (0, 0.0))
        key = made.test, made.tolerance
        largest[key] = count + made.count, max(difference, made.difference)
    rows = [
        f"{Path(test.split('::')[0]).stem},{test.split('::')[-1]},{count},{difference:.1e},{tolerance:.0e}"
        for (test, tolerance), (count, difference) in sorted(largest.items())
    ]
    path.write_text("\n".join([",".join(VALIDATION_COLUMNS), *rows, ""]), encoding="utf-8")


BESIDE_THE_PROJECT = Path(__file__).resolve().parents[2] / "shared"


def _folder(variable: str, default: Path) -> Path:
    """The folder named by an environment variable, or the default beside the checkout."""
    folder = Path(os.environ.get(variable, default))
    if not folder.is_dir():
        pytest.skip(f"{variable}: no folder {folder}")
    return folder


@pytest.fixture
def few_pairs(monkeypatch: pytest.MonkeyPatch) -> None:
    """True values from few subjects: these tests ask whether they are had, not how well."""
    for bound in ("LEAST_SUBJECTS", "MOST_SUBJECTS"):
        monkeypatch.setattr(f"ketaoutcomes.cohorts.counterfactual.{bound}", 300)


@pytest.fixture(scope="session")
def reference_dir() -> Path:
    """Results of R and SAS on public datasets, not part of the project."""
    return _folder("KETAOUTCOMES_REFERENCE", BESIDE_THE_PROJECT / "reference")


@pytest.fixture(scope="session")
def real_data_dir() -> Path:
    """Real de-identified datasets, not part of the project."""
    return _folder("KETAOUTCOMES_REAL_DATA", BESIDE_THE_PROJECT / "data")


@pytest.fixture(scope="session")
def newcomers_dir() -> Path:
    """Public datasets as they are distributed, not part of the project."""
    return _folder("KETAOUTCOMES_NEWCOMERS", BESIDE_THE_PROJECT / "newcomers")


@pytest.fixture(scope="session")
def evidence_dir() -> Path:
    """The register of published results, not part of the project."""
    return _folder("KETAOUTCOMES_EVIDENCE", BESIDE_THE_PROJECT / "evidence")


@pytest.fixture(scope="session")
def cases_dir() -> Path:
    """Small plans with data that went wrong, not part of the project."""
    return _folder("KETAOUTCOMES_CASES", BESIDE_THE_PROJECT / "cases")
