"""How long 10,000 replicates of the primary repeated-measures model take: `make bench`."""

import tempfile
import time
from pathlib import Path

from ketaoutcomes.plan.reading.plan_file import read_plan
from ketaoutcomes.power.design import chunks
from ketaoutcomes.power.replicates import Job
from ketaoutcomes.power.workers import run_chunks

PLAN = Path(__file__).resolve().parents[1] / "analyses" / "trd.yaml"
REPLICATES = 10_000
SUBJECTS = 200


def main() -> None:
    """Simulate, derive and fit every trial, with one process a processor."""
    plan, _ = read_plan(PLAN)
    grid = {"analyses": ("primary",), "families": (), "effect": ("scenario",)}
    extent = {"subjects": (SUBJECTS,), "replicates": REPLICATES}
    block = plan.power.model_copy(update={**grid, **extent})
    plan = plan.model_copy(update={"power": block})
    with tempfile.TemporaryDirectory() as folder:
        started = time.perf_counter()
        run_chunks(Job(plan), chunks(plan), Path(folder), -1, None, lambda _: None)
        taken = time.perf_counter() - started
    print(f"{REPLICATES:,} trials of n = {SUBJECTS}, simulated and fitted: {taken:.1f} s")


if __name__ == "__main__":
    main()
