"""How fast cohorts are made, in how much memory, and that processes change nothing.

python benchmarks/generator.py [SUBJECTS]
"""

import hashlib
import resource
import subprocess
import sys
import time
from collections.abc import Callable

from ketaoutcomes.cohort import Cohort
from ketaoutcomes.cohorts.simulation.draws import BLOCK, Draws
from ketaoutcomes.cohorts.simulation.phase import Regime
from ketaoutcomes.cohorts.simulation.scenario import read_scenario
from ketaoutcomes.cohorts.simulation.simulate import courses, simulate, simulate_in_parts
from ketaoutcomes.runs.disk import csv_bytes

SCENARIO = read_scenario("trd_short_term")
SCHEDULE = {
    "induction": {
        "Baseline": 0.0,
        "24 hours": 1.0,
        "Day 8": 7.0,
        "Day 15": 14.0,
        "Day 22": 21.0,
        "Day 28": 27.0,
    }
}
VISITS = len(SCHEDULE["induction"])
BLOCKS = 100


def numeric_core() -> None:
    """Doses, levels, severity, scores, stopping and relapse as arrays; one process."""
    best = min(_timed(_all_blocks) for _ in range(3))
    wall, processor = best
    visits = BLOCKS * BLOCK * VISITS
    print(f"numeric core: {visits / wall / 1e6:.1f} million subject-visits a second", end="")
    print(f" ({visits / processor / 1e6:.1f} a second of processor time)")


def _all_blocks() -> None:
    for block in range(BLOCKS):
        courses(SCENARIO, SCHEDULE, Draws(1, block), Regime(), BLOCK)


def _timed(work: Callable[[], None]) -> tuple[float, float]:
    wall, processor = time.perf_counter(), time.process_time()
    work()
    return time.perf_counter() - wall, time.process_time() - processor


def whole_cohort(n: int) -> None:
    """The same as frames, with adverse events and exposure."""
    started = time.perf_counter()
    simulate(SCENARIO, "trd_short_term", SCHEDULE, 1, n)
    seconds = time.perf_counter() - started
    print(f"whole cohort: {n:,} subjects in {seconds:.1f} s", end="")
    print(f", {n * VISITS / seconds / 1e6:.2f} million subject-visits a second")


def memory(n: int) -> None:
    """Peak memory of a fresh process that makes a cohort part by part."""
    command = [sys.executable, __file__, "--parts", str(n)]
    print(subprocess.run(command, check=True, capture_output=True, text=True).stdout, end="")


def in_parts(n: int) -> None:
    """Make a cohort part by part and say what it took."""
    started = time.perf_counter()
    rows = sum(
        len(part.visits) for part in simulate_in_parts(SCENARIO, "trd_short_term", SCHEDULE, 1, n)
    )
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024**2
    seconds = time.perf_counter() - started
    print(f"in parts: {n:,} subjects, {rows:,} scores in {seconds:.0f} s, peak {peak:.2f} GB")


def processes(n: int) -> None:
    """Hashes of a cohort made by one, two and four processes."""
    for count in (1, 2, 4):
        started = time.perf_counter()
        made = simulate(SCENARIO, "trd_short_term", SCHEDULE, 1, n, processes=count)
        seconds = time.perf_counter() - started
        print(f"processes {count}: {fingerprint(made)[:16]} in {seconds:.1f} s")


def fingerprint(cohort: Cohort) -> str:
    """SHA-256 of all frames."""
    whole = hashlib.sha256()
    for frame in cohort.frames().values():
        whole.update(csv_bytes(frame))
    return whole.hexdigest()


if __name__ == "__main__":
    if sys.argv[1:2] == ["--parts"]:
        in_parts(int(sys.argv[2]))
    else:
        subjects = int(sys.argv[1]) if sys.argv[1:] else 1_000_000
        numeric_core()
        whole_cohort(100_000)
        memory(subjects)
        processes(40_000)
