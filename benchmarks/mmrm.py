"""How long the repeated-measures model takes: `make bench`.

Every ratio printed compares times of the same run on the same machine.
"""

import resource
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from ketaoutcomes.families.shared.partitions import RowLayout, parquet_statistics
from ketaoutcomes.numerics.mmrm.batch import batch_contrast, fit_batch
from ketaoutcomes.numerics.mmrm.contrasts import ContrastResult, Inference, contrast
from ketaoutcomes.numerics.mmrm.fit import fit_mmrm
from ketaoutcomes.numerics.mmrm.patterns import PatternStatistics, merge, row_statistics

N_VISITS = 5
REPEATS = 5
PUBLISHED = {
    "FEV": (200, (537 / 800,) * 4, 56.15, 100.0),
    "BCVA": (
        1000,
        (0.983, 0.980, 0.960, 0.946, 0.925, 0.868, 0.816, 0.791, 0.719, 0.617),
        3360.0,
        36250.0,
    ),
}
"""Subjects, share seen at each visit, and milliseconds of R's mmrm and of SAS PROC GLIMMIX on the
two examples of mmrm's vignette "Comparison with other software" (Sabanés Bové et al.), which
were measured on its authors' machine."""
R_SCRIPT = """
suppressMessages(library(mmrm))
d <- read.csv(commandArgs(TRUE)[1], stringsAsFactors = TRUE)
t <- system.time({
  f <- mmrm(y ~ arm * visit + baseline + us(visit | subject), data = d)
  summary(f)
})
cat(t[["elapsed"]])
"""


@dataclass(frozen=True)
class Rows:
    """One row an assessment."""

    y: np.ndarray
    X: np.ndarray
    subject: np.ndarray
    visit: np.ndarray
    arm: np.ndarray
    baseline: np.ndarray
    n_visits: int = N_VISITS

    def statistics(self) -> PatternStatistics:
        """Sufficient statistics, in one pass."""
        return row_statistics(self.y, self.X, self.subject, self.visit, self.n_visits)

    def frame(self) -> pd.DataFrame:
        """The rows as a user has them."""
        return pd.DataFrame(
            {
                "subject": self.subject,
                "arm": pd.Categorical.from_codes(self.arm, ["a", "b"]),
                "visit": pd.Categorical.from_codes(self.visit, [f"v{v}" for v in range(N_VISITS)]),
                "baseline": self.baseline,
                "y": self.y,
            }
        )


def simulated(n: int, seed: int = 1, share_seen: tuple[float, ...] | None = None) -> Rows:
    """A trial of n subjects, a quarter of whom drop out, or seen as often as told at each visit."""
    rng = np.random.default_rng(seed)
    n_visits = len(share_seen or range(N_VISITS))
    arm, baseline = rng.integers(0, 2, n), rng.normal(30, 5, n)
    lag = np.abs(np.subtract.outer(np.arange(n_visits), np.arange(n_visits)))
    noise = rng.standard_normal((n, n_visits)) @ np.linalg.cholesky(25 * 0.6**lag + 10).T
    y = 20 + 0.3 * baseline[:, None] - arm[:, None] * np.linspace(1, 4, n_visits) + noise
    if share_seen is None:
        last = np.where(rng.random(n) < 0.25, rng.integers(1, n_visits, n), n_visits)
        seen = np.arange(n_visits) < last[:, None]
    else:
        seen = rng.random((n, n_visits)) < np.array(share_seen)
    subject, visit = np.nonzero(seen)
    cell = np.eye(n_visits)[visit]
    X = np.hstack([cell, cell * arm[subject, None], baseline[subject, None]])
    return Rows(y[subject, visit], X, subject, visit, arm[subject], baseline[subject], n_visits)


def last_difference(statistics: PatternStatistics) -> ContrastResult:
    """Difference at the last visit with Satterthwaite's degrees of freedom."""
    return contrast(Inference(fit_mmrm(statistics, "us")), last_visit(statistics.p))


def last_visit(p: int) -> np.ndarray:
    """The contrast of the arms at the last visit, whose column stands before the baseline's."""
    return np.eye(p)[p - 2]


def seconds(work: Callable[[], object], repeats: int = REPEATS) -> float:
    """The fastest of some repeats."""
    times = []
    for _ in range(repeats):
        start = time.perf_counter()
        work()
        times.append(time.perf_counter() - start)
    return min(times)


def memory_gb() -> float:
    """Most memory that this process ever held."""
    unit = 1 if sys.platform == "darwin" else 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit / 1e9


def by_size() -> None:
    """One fit, by number of subjects."""
    for n in (200, 10_000, 100_000):
        rows = simulated(n)
        statistics = rows.statistics()
        whole = seconds(lambda rows=rows: last_difference(rows.statistics()))
        after = seconds(lambda statistics=statistics: last_difference(statistics))
        print(
            f"fit + Satterthwaite, n = {n:>9,}: {1e3 * whole:8.1f} ms "
            f"({1e3 * after:.1f} after one pass)"
        )


def batch() -> None:
    """Many small trials at once, as for the power of a design."""
    trials = [simulated(200, seed) for seed in range(1000)]
    subject = np.concatenate([t.subject + 200 * i for i, t in enumerate(trials)])
    group = np.concatenate([np.full(t.y.size, i) for i, t in enumerate(trials)])
    y, X = np.concatenate([t.y for t in trials]), np.vstack([t.X for t in trials])
    visit = np.concatenate([t.visit for t in trials])

    def together() -> None:
        statistics = row_statistics(y, X, subject, visit, N_VISITS, group=group)
        batch_contrast(fit_batch(statistics, threads=2), last_visit(X.shape[1]))

    shared = seconds(together, 2)
    alone = seconds(lambda: [last_difference(t.statistics()) for t in trials[:100]], 1) * 10
    print(
        f"1,000 replicates of n = 200: {shared:8.2f} s "
        f"({alone / shared:.1f} times as fast as one by one)"
    )


def of_published_sizes() -> None:
    """Trials with the subjects, visits and gaps of those that R's mmrm and SAS were timed on."""
    for name, (n, share_seen, mmrm, glimmix) in PUBLISHED.items():
        rows = simulated(n, share_seen=share_seen)
        taken = 1e3 * seconds(lambda rows=rows: last_difference(rows.statistics()))
        print(
            f"as {name}, {n:,} x {len(share_seen)} visits, {rows.y.size:,} rows: {taken:.0f} ms "
            f"(published, on another machine: mmrm {mmrm:,.0f}, PROC GLIMMIX {glimmix:,.0f})"
        )


def against_r() -> None:
    """The same fit by R's mmrm, where it is installed."""
    rscript = shutil.which("Rscript")
    if rscript is None:
        print("R's mmrm: no Rscript on this machine")
        return
    rows = simulated(10_000)
    with tempfile.TemporaryDirectory() as folder:
        data, script = Path(folder, "data.csv"), Path(folder, "fit.R")
        rows.frame().to_csv(data, index=False)
        script.write_text(R_SCRIPT)
        done = subprocess.run(
            [rscript, str(script), str(data)], capture_output=True, text=True, check=False
        )
    if done.returncode:
        print("R's mmrm: not installed")
        return
    ours = seconds(lambda: last_difference(rows.statistics()))
    theirs = float(done.stdout)
    print(f"R's mmrm, n = 10,000: {theirs:.1f} s, {theirs / ours:,.0f} times ours")


def streamed() -> None:
    """Row groups of 50,000 subjects; the same estimate as from the whole."""
    rows = simulated(200_000)
    whole = last_difference(rows.statistics())
    layout = RowLayout(
        outcome="y",
        subject="subject",
        visit="visit",
        terms=(("visit",), ("baseline",), ("visit", "arm")),
        intercept=False,
        factors={"arm": ("a", "b"), "visit": tuple(f"v{v}" for v in range(N_VISITS))},
        visits=tuple(f"v{v}" for v in range(N_VISITS)),
    )
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "trial.parquet")
        _write_row_groups(rows.frame(), path)
        with ThreadPoolExecutor(2) as pool:
            start = time.perf_counter()
            parts = fit_mmrm(parquet_statistics(path, layout, pool.map), "us")
            taken = time.perf_counter() - start
    difference = abs(parts.log_likelihood - fit_mmrm(rows.statistics(), "us").log_likelihood)
    print(
        f"streamed from Parquet, n = 200,000: {taken:.2f} s; log-likelihood differs by "
        f"{difference / abs(parts.log_likelihood):.0e} (estimate {whole.estimate:.6f})"
    )


def _write_row_groups(frame: pd.DataFrame, path: Path) -> None:
    table = pa.Table.from_pandas(frame, preserve_index=False)
    edges = np.searchsorted(frame["subject"], np.arange(0, 250_000, 50_000))
    with pq.ParquetWriter(path, table.schema) as writer:
        for start, end in pairwise(edges):
            writer.write_table(table.slice(start, end - start))


def million() -> None:
    """A million subjects, whole and in two parts."""
    rows = simulated(1_000_000)
    before = memory_gb()
    start = time.perf_counter()
    last_difference(rows.statistics())
    taken = time.perf_counter() - start
    print(
        f"fit + Satterthwaite, n = 1,000,000: {taken:.2f} s; most memory {memory_gb():.2f} GB "
        f"(the rows alone {before:.2f})"
    )
    halves = rows.subject < 500_000
    parts = [
        row_statistics(rows.y[h], rows.X[h], rows.subject[h] - s, rows.visit[h], N_VISITS)
        for h, s in ((halves, 0), (~halves, 500_000))
    ]
    gap = (
        last_difference(merge(tuple(parts))).estimate / last_difference(rows.statistics()).estimate
    )
    print(f"in two parts: relative difference {abs(gap - 1):.0e}")


if __name__ == "__main__":
    by_size()
    batch()
    of_published_sizes()
    against_r()
    streamed()
    million()
