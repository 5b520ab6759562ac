"""Data larger than memory: processor time and most memory of each family whose statistics add up.

    python benchmarks/parts.py [SUBJECTS] [--only NAME ...] [--folder DIR] [--cluster] [--write]

The data are Parquet files of people, scores and times on whole days, written once to the folder.
The whole plan is one command, and each analysis is one of its own, whose memory is no other's. By
default 100,000 participants, some seconds each; 5,000,000 take about ten minutes each.
`--cluster` reads the parts with `--cluster local`, too: memory is then that of this process and of
all its workers at one time. `--write` puts the table into docs/benchmarks/parts.md.
"""

import argparse
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from ketaoutcomes.data.parts import ROWS_OF_A_PART

HERE = Path(__file__).resolve().parents[1]
PAGE = HERE / "docs" / "benchmarks" / "parts.md"
THREADS = ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS")
USUAL = 100_000
AT_ONCE = 250_000
"""Participants of a row group."""
SITES = 20
LENGTH = 120
"""Days after which nobody is observed."""
OFTEN = 0.05
"""Seconds between two looks at the memory of a command and its workers."""
VISITS = {"Baseline": 1, "Week 1": 8, "Week 2": 15, "Week 4": 29, "Week 8": 57}
PLAN = """\
study: {id: registry, title: A registry, question: Does it help?, condition: depression}
data:
  files: {subjects: people.parquet, visits: scores.parquet, times: times.parquet}
  columns:
    {subject: id, arm: arm, visit: visit, day: day, value: score, time: time, occurred: died,
     covariates: {age: age, site: site}}
  scale: MADRS
  parts: PARTS
phases:
  acute:
    label: Acute
    reference: placebo
    arms: {placebo: Placebo, drug: Drug}
    visits:
      Baseline: {day: 1}
      Week 1: {day: 8}
      Week 2: {day: 15}
      Week 4: {day: 29}
      Week 8: {day: 57}
endpoints:
  change: {kind: change, phase: acute, scale: MADRS}
  response: {kind: response, phase: acute, scale: MADRS, improvement_at_least_percent: 25}
  death: {kind: time_to_event, phase: acute, event_label: death}
estimands:
  change: &estimand
    population: All
    treatment: {active: drug, reference: placebo}
    endpoint: change
    visit: Week 8
    intercurrent_events: {treatment discontinuation: treatment policy}
    summary: difference in means
  response: {<<: *estimand, endpoint: response, summary: difference in proportions}
  death:
    population: All
    treatment: {active: drug, reference: placebo}
    endpoint: death
    intercurrent_events: {treatment discontinuation: treatment policy}
    summary: hazard ratio
analyses:
  mmrm:
    {estimand: change, role: primary, model: mmrm, covariates: [age, site, baseline],
     by_visit: [baseline]}
  proportions: {estimand: response, role: secondary, model: proportions, strata: [site]}
  survival:
    {estimand: death, role: secondary, model: time_to_event, rmst_days: 90, landmark_days: [30, 60]}
  cox:
    {estimand: death, role: secondary, model: time_to_event, rmst_days: 90, strata: [site],
     covariates: [age]}
report: {confidence_level: 0.95}
check: none
"""
NAMED = {
    "mmrm": "MMRM with age, site and baseline by visit",
    "proportions": "proportions, stratified by site",
    "survival": "Kaplan-Meier, log-rank, restricted means, Cox",
    "cox": "the same by site, Cox adjusted for age",
}
"""Analyses of the plan, and what the table calls them."""
TOGETHER = "all"
"""The whole plan in one command."""


@dataclass(frozen=True)
class Cost:
    """Seconds of the processor, seconds on the clock, and most memory in MB."""

    seconds: float
    elapsed: float
    memory: float


def main() -> None:
    """Write the data, run the analyses and say what they took."""
    parser = argparse.ArgumentParser(description="What data larger than memory cost.")
    parser.add_argument("subjects", nargs="?", type=int, default=USUAL, help=f"default: {USUAL}")
    choices = [*NAMED, TOGETHER]
    parser.add_argument("--only", nargs="+", choices=choices, help="some of the lines")
    parser.add_argument("--folder", type=Path, metavar="DIR", help="where the data stay")
    parser.add_argument("--cluster", action="store_true", help="with Dask workers, too")
    parser.add_argument("--write", action="store_true", help="write the page, of all analyses")
    asked = parser.parse_args()
    if asked.write and (asked.only or not asked.cluster):
        parser.error("--write needs all analyses: leave --only out and add --cluster")
    with tempfile.TemporaryDirectory() as scratch:
        folder = asked.folder or Path(scratch)
        _make_data(folder, asked.subjects)
        lines = list(_lines(folder, asked.only or choices, cluster=asked.cluster))
    if asked.write:
        PAGE.write_text("\n".join([*_head(asked.subjects), *lines, ""]), encoding="utf-8")


def _head(subjects: int) -> Iterator[str]:
    """The words above the table."""
    yield "# Data larger than memory"
    yield ""
    yield (
        f"{subjects:,} participants with up to five visits each, read in parts "
        "([how](../real-data.md#data-larger-than-memory)); whole commands, one thread. Written by "
        "`python benchmarks/parts.py --cluster --write`."
    )
    yield ""
    yield (
        "Memory is the most of a command. On a cluster it is the most of the command and all its "
        "workers at one time, of which there is one for each processor."
    )
    yield ""
    yield "| analysis | CPU s | s | MB | on a cluster: CPU s | s | MB |"
    yield "|---|---:|---:|---:|---:|---:|---:|"


def _lines(folder: Path, names: list[str], *, cluster: bool) -> Iterator[str]:
    """A line for each analysis, printed as soon as it is known."""
    for name in names:
        costs = [_once(folder, name), *([_once(folder, name, "local")] if cluster else [])]
        cells = (f"{c.seconds:.0f} | {c.elapsed:.0f} | {c.memory:.0f}" for c in costs)
        line = f"| {NAMED.get(name, 'all of these in one command')} | {' | '.join(cells)} |"
        print(line, flush=True)
        yield line


def _make_data(folder: Path, subjects: int) -> None:
    """The plan and its files; those of an earlier call stay, if they are of as many."""
    folder.mkdir(parents=True, exist_ok=True)
    parts = max(2, -(-subjects * len(VISITS) // ROWS_OF_A_PART))
    (folder / "plan.yaml").write_text(PLAN.replace("PARTS", str(parts)), encoding="utf-8")
    people = folder / "people.parquet"
    if people.exists() and pq.read_metadata(people).num_rows == subjects:
        return
    writers: dict[str, pq.ParquetWriter] = {}
    for first in range(0, subjects, AT_ONCE):
        size = min(AT_ONCE, subjects - first)
        for name, table in _tables(first, size).items():
            if name not in writers:
                writers[name] = pq.ParquetWriter(folder / f"{name}.parquet", table.schema)
            writers[name].write_table(table)
    for writer in writers.values():
        writer.close()


def _tables(first: int, size: int) -> dict[str, pa.Table]:
    """Some participants: who they are, their scores with dropout, and their times."""
    rng = np.random.default_rng(first)
    ids = np.array([f"S{first + i:08d}" for i in range(size)], dtype=object)
    drug = np.arange(size) % 2 == 1
    site = rng.integers(1, SITES + 1, size)
    age = rng.integers(20, 70, size).astype(float)
    base = rng.normal(30, 5, size)
    person = rng.normal(0, 4, size)
    left = rng.integers(1, 3 * len(VISITS), size)
    seen = {
        visit: np.flatnonzero(left > place) if place else np.arange(size)
        for place, visit in enumerate(VISITS)
    }
    score = {
        visit: base
        + (person - place * (1.5 + 1.0 * drug) + rng.normal(0, 3, size) if place else 0.0)
        for place, visit in enumerate(VISITS)
    }
    at = np.ceil(rng.exponential(np.where(drug, 90.0, 70.0)) * np.exp(-0.01 * (age - 45)))
    until = rng.integers(60, LENGTH + 1, size)
    return {
        "people": pa.table(
            {
                "id": ids,
                "arm": np.where(drug, "drug", "placebo"),
                "age": age,
                "site": np.array([f"site {i:02d}" for i in range(SITES + 1)], dtype=object)[site],
            }
        ),
        "scores": pa.table(
            {
                "id": np.concatenate([ids[rows] for rows in seen.values()]),
                "visit": np.repeat(list(seen), [len(rows) for rows in seen.values()]),
                "day": np.repeat(list(VISITS.values()), [len(rows) for rows in seen.values()]),
                "score": np.concatenate(
                    [np.clip(np.round(score[visit][rows]), 0, 60) for visit, rows in seen.items()]
                ),
            }
        ),
        "times": pa.table(
            {"id": ids, "time": np.minimum(at, until), "died": (at <= until).astype(int)}
        ),
    }


def _once(folder: Path, name: str, cluster: str = "") -> Cost:
    """One run of a command, with one of the analyses or all."""
    analyses = NAMED if name == TOGETHER else (name,)
    with tempfile.TemporaryDirectory() as made:
        words = ["run", str(folder / "plan.yaml"), "--only", *analyses, "-q", "--out", f"{made}/r"]
        words += ["--cluster", cluster] if cluster else []
        started = time.perf_counter()
        process = subprocess.Popen(
            [sys.executable, "-m", "ketaoutcomes", *words],
            env=os.environ | dict.fromkeys(THREADS, "1") | {"PYTHONPATH": str(HERE / "src")},
            cwd=made,
            stdout=subprocess.DEVNULL,
        )
        most = 0.0
        while True:
            ended, status, usage = os.wait4(process.pid, os.WNOHANG if cluster else 0)
            if ended:
                break
            most = max(most, sum(map(_memory, _family(process.pid))))
            time.sleep(OFTEN)
        if status:
            raise SystemExit(f"`{' '.join(words)}` failed")
    unit = 1 if sys.platform == "darwin" else 1024
    memory = most if cluster else usage.ru_maxrss * unit / 1e6
    elapsed = time.perf_counter() - started
    return Cost(usage.ru_utime + usage.ru_stime, elapsed, memory)


def _family(process: int) -> list[int]:
    """A process and all that descend from it, on Linux."""
    found = [process]
    with suppress(OSError):
        for task in Path(f"/proc/{process}/task").iterdir():
            children = (task / "children").read_text(encoding="ascii").split()
            found += [each for child in children for each in _family(int(child))]
    return found


def _memory(process: int) -> float:
    """Resident memory in MB; nothing of a process that has ended."""
    with suppress(OSError):
        pages = int(Path(f"/proc/{process}/statm").read_text(encoding="ascii").split()[1])
        return pages * os.sysconf("SC_PAGESIZE") / 1e6
    return 0.0


if __name__ == "__main__":
    main()
