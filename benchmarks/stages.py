"""Where the time of a large trial goes: `python benchmarks/stages.py [SUBJECTS]`.

Processor time and most memory of each stage of MMRM and relapse of the example, by default with
200,000 simulated participants. `benchmarks/commands.py --write` adds this to its page.
"""

import os

os.environ["OPENBLAS_NUM_THREADS"] = "1"  # numpy reads it as it is imported
os.environ["KETAOUTCOMES_CACHE"] = "off"

import resource
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from ketaoutcomes.cohorts.obtain import narrow_plan, obtain_cohort
from ketaoutcomes.cohorts.truth import true_values
from ketaoutcomes.describe.describe import DESCRIPTIONS
from ketaoutcomes.families.fitting import derive_endpoint, fit_analysis
from ketaoutcomes.names_in_data import name_remarks
from ketaoutcomes.plan import AnalysisPlan
from ketaoutcomes.plan.reading.plan_file import read_plan
from ketaoutcomes.second.run import second_checks

if TYPE_CHECKING:
    from ketaoutcomes.results import Result

PLAN = Path(__file__).resolve().parents[1] / "analyses" / "trd.yaml"
ANALYSES = ("primary", "relapse")
SUBJECTS = 200_000
T = TypeVar("T")


def main() -> None:
    """Print a line for each stage."""
    subjects = int(sys.argv[1]) if sys.argv[1:] else SUBJECTS
    print("| stage | CPU s | most MB so far |")
    print("|---|---:|---:|")
    plan = _timed("imports and plan", lambda: _plan(subjects), since=0.0)
    cohort = _timed("cohort and the hashes of its files", lambda: obtain_cohort(plan, None)[0])
    _timed("names of the plan in the data", lambda: name_remarks(plan, cohort, plan))
    endpoints = _timed(
        "endpoints", lambda: {name: derive_endpoint(plan, name, cohort) for name in ANALYSES}
    )
    rows: list[Result] = []
    for name, endpoint in endpoints.items():
        what = f"{name}, {plan.analyses[name].model}"
        fitted = _timed(what, lambda name=name, data=endpoint: fit_analysis(plan, name, data))
        rows += fitted.results
    for table, make in DESCRIPTIONS.items():
        rows += _timed(f"table {table}", lambda make=make: make(plan, cohort, endpoints))
    _timed("true values, where they are not kept", lambda: true_values(plan, each_strategy=True))
    _timed("second programs", lambda: second_checks(plan, cohort, endpoints, tuple(rows)))


def _plan(subjects: int) -> AnalysisPlan:
    """The example with so many participants, and two of its analyses."""
    text = PLAN.read_text(encoding="utf-8")
    text = text.replace("seed: 20261124}", f"seed: 20261124, subjects: {subjects}}}")
    plan, _ = read_plan(PLAN, text, lambda _: None)
    return narrow_plan(plan, ANALYSES, None)


def _timed(what: str, work: Callable[[], T], since: float | None = None) -> T:
    """A stage done, and its line."""
    started = time.process_time() if since is None else since
    found = work()
    unit = 1 if sys.platform == "darwin" else 1024
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit / 1e6
    print(f"| {what} | {time.process_time() - started:.1f} | {most:.0f} |", flush=True)
    return found


if __name__ == "__main__":
    main()
