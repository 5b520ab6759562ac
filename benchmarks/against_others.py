"""Our engines beside R's packages and lifelines: `python benchmarks/against_others.py [--write]`.

Processor time, one thread on both sides, medians of five runs of the same data in one session.
`--write` puts the table into docs/benchmarks.md. What is not installed is left out.
"""

import os

os.environ["OPENBLAS_NUM_THREADS"] = "1"  # here and in R; numpy reads it as it is imported

import shutil
import subprocess
import sys
import tempfile
import time
import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from importlib.util import find_spec
from math import isnan
from pathlib import Path
from statistics import median

import numpy as np
import pandas as pd

from ketaoutcomes.families.repeated_binary.estimating_equations import fit_estimating_equations
from ketaoutcomes.numerics.meta_analysis.pooling import pool
from ketaoutcomes.numerics.mmrm.contrasts import ContrastResult, Inference, contrast
from ketaoutcomes.numerics.mmrm.fit import fit_mmrm
from ketaoutcomes.numerics.mmrm.patterns import row_statistics
from ketaoutcomes.numerics.survival.cox_fit import CoxFit, fit_cox
from ketaoutcomes.numerics.survival.cox_risk_sets import cox_model
from ketaoutcomes.numerics.survival.kaplan_meier import kaplan_meier
from ketaoutcomes.numerics.survival.log_rank import log_rank

REPEATS = 5
PATIENCE = 90
"""Seconds that a script of R may take for all its repeats."""
PAGE = Path(__file__).parents[1] / "docs" / "benchmarks.md"
SCATTERED = (0.983, 0.980, 0.960, 0.946, 0.925, 0.868, 0.816, 0.791, 0.719, 0.617)
"""Shares seen at the visits of the example BCVA of R's mmrm."""
TIMED = """
timed <- function(f) {{
  f()
  median(sapply(1:{repeats}, function(i) {{ t <- system.time(f()); t[[1]] + t[[2]] }}))
}}
d <- read.csv(commandArgs(TRUE)[1], stringsAsFactors = TRUE)
"""
MMRM_IN_R = """
suppressMessages(library(mmrm))
f <- function() {{
  fit <- mmrm(y ~ 0 + visit + visit:arm + baseline + us(visit | subject), data = d,
              method = "{df}")
  summary(fit)
}}
"""
GLS_IN_R = """
suppressMessages(library(nlme))
f <- function() gls(y ~ 0 + visit + visit:arm + baseline, data = d,
                    correlation = corSymm(form = ~ as.integer(visit) | subject),
                    weights = varIdent(form = ~ 1 | visit))
"""
GEE_IN_R = """
suppressMessages(library(geepack))
d$wave <- as.integer(d$visit)
f <- function() summary(geeglm(y ~ 0 + visit + visit:arm + baseline, id = subject, waves = wave,
                               data = d, family = binomial, corstr = "exchangeable"))
"""
META_IN_R = """
suppressMessages(library(metafor))
f <- function() {
  fit <- rma(y, v, data = d, method = "REML", test = "adhoc")
  list(fit, predict(fit), confint(fit))
}
"""
SURVIVAL_IN_R = """
suppressMessages(library(survival))
f <- function() list(survfit(Surv(time, event) ~ arm, d), survdiff(Surv(time, event) ~ arm, d),
                     coxph(Surv(time, event) ~ arm + x, d))
"""


@dataclass(frozen=True)
class Case:
    """One thing that several programs do.

    Attributes
    ----------
    others : tuple of (str, str)
        R package and script that defines `f`.
    python : tuple of (str, callable)
        Python packages.
    """

    name: str
    ours: Callable[[], object]
    data: pd.DataFrame
    others: tuple[tuple[str, str], ...] = ()
    python: tuple[tuple[str, Callable[[], object]], ...] = ()


def processor_seconds(work: Callable[[], object]) -> float:
    """The median of some runs, after one that does not count."""
    work()
    times = []
    for _ in range(REPEATS):
        start = time.process_time()
        work()
        times.append(time.process_time() - start)
    return median(times)


def has_package(package: str) -> bool:
    """Whether R and the package are there."""
    rscript = shutil.which("Rscript")
    if rscript is None:
        return False
    asked = f'quit(status = !requireNamespace("{package}", quietly = TRUE))'
    return subprocess.run([rscript, "-e", asked], capture_output=True, check=False).returncode == 0


def r_seconds(script: str, data: pd.DataFrame) -> float:
    """The same of an R script; not a number where it fails or takes too long."""
    with tempfile.TemporaryDirectory() as folder:
        rows, program = Path(folder, "data.csv"), Path(folder, "f.R")
        data.to_csv(rows, index=False)
        program.write_text(TIMED.format(repeats=REPEATS) + script + "\ncat(timed(f))\n")
        try:
            done = subprocess.run(
                ["Rscript", str(program), str(rows)],
                capture_output=True,
                text=True,
                check=True,
                timeout=PATIENCE,
            )
        except (subprocess.CalledProcessError, subprocess.TimeoutExpired) as error:
            print(error.stderr or error, file=sys.stderr)
            return float("nan")
    return float(done.stdout.split()[-1])


def longitudinal(n: int, n_visits: int, share_seen: tuple[float, ...] = ()) -> pd.DataFrame:
    """Two arms; a quarter of the subjects drop out, or each visit is missed by some."""
    rng = np.random.default_rng(1)
    arm, baseline = np.arange(n) % 2, rng.normal(30, 5, n)
    lag = np.abs(np.subtract.outer(np.arange(n_visits), np.arange(n_visits)))
    noise = rng.standard_normal((n, n_visits)) @ np.linalg.cholesky(25 * 0.6**lag + 10).T
    y = 20 + 0.3 * baseline[:, None] - arm[:, None] * np.linspace(1, 4, n_visits) + noise
    last = np.where(rng.random(n) < 0.25, rng.integers(1, n_visits, n), n_visits)
    gaps = rng.random((n, n_visits)) < np.array(share_seen or 1.0)
    seen = gaps if share_seen else np.arange(n_visits) < last[:, None]
    subject, visit = np.nonzero(seen)
    return pd.DataFrame(
        {
            "subject": subject,
            "visit": [f"v{v:02d}" for v in visit],
            "arm": arm[subject],
            "baseline": baseline[subject],
            "y": y[subject, visit],
        }
    )


def design_of(d: pd.DataFrame) -> tuple[np.ndarray, np.ndarray, int]:
    """The design, the visits as codes and their number."""
    visit = pd.Categorical(d["visit"]).codes.astype(np.int64)
    cell = np.eye(int(visit.max()) + 1)[visit]
    arm = d["arm"].to_numpy(dtype=float)[:, None]
    return np.hstack([cell, cell * arm, d[["baseline"]].to_numpy()]), visit, cell.shape[1]


def mmrm_case(name: str, d: pd.DataFrame, df: str, in_r: str, *, gls: bool = False) -> Case:
    """Fit and the last visit's difference."""
    X, visit, n_visits = design_of(d)
    y, subject = d["y"].to_numpy(), d["subject"].to_numpy()
    last = np.eye(X.shape[1])[X.shape[1] - 2]

    def ours() -> ContrastResult:
        fit = fit_mmrm(row_statistics(y, X, subject, visit, n_visits), "us")
        return contrast(Inference(fit, df), last)

    others = [("mmrm", MMRM_IN_R.format(df=in_r)), *([("nlme", GLS_IN_R)] if gls else [])]
    return Case(name, ours, d, tuple(others))


def gee_case(n: int) -> Case:
    """Logistic, exchangeable."""
    rng = np.random.default_rng(2)
    d = longitudinal(n, 5)
    middle = d["y"].median()
    d = d.assign(y=(d["y"] + rng.normal(0, 3, len(d)) < middle).astype(int))
    X, visit, n_visits = design_of(d)
    y, subject = d["y"].to_numpy(dtype=float), d["subject"].to_numpy()

    def ours() -> np.ndarray:
        fit = fit_estimating_equations(y, X, subject, visit, n_visits, "binomial", "exchangeable")
        return fit.covariance("robust")

    return Case(f"GEE, {n:,} x 5 visits", ours, d, (("geepack", GEE_IN_R),))


def meta_case() -> Case:
    """Twenty studies: mean, prediction interval, tau2 with its interval."""
    rng = np.random.default_rng(1)
    v = rng.uniform(0.01, 0.2, 20)
    y = rng.normal(0.3, 0.2, 20) + rng.normal(0, np.sqrt(v))
    data = pd.DataFrame({"y": y, "v": v})
    return Case("meta-analysis of 20 studies", lambda: pool(y, v), data, (("metafor", META_IN_R),))


def survival_case() -> Case:
    """Kaplan-Meier curves, log-rank test and a Cox model on whole days."""
    rng = np.random.default_rng(1)
    n = 100_000
    arm, x = rng.integers(0, 2, n), rng.normal(size=n)
    at, until = rng.exponential(np.exp(-0.3 * arm - 0.2 * x) * 300), rng.uniform(0, 600, n)
    days, event = np.ceil(np.minimum(at, until)), at <= until
    label, X = np.where(arm == 1, "drug", "placebo"), np.column_stack([arm, x]).astype(float)
    d = pd.DataFrame({"time": days, "event": event.astype(int), "arm": arm, "x": x})

    def ours() -> CoxFit:
        for one in ("drug", "placebo"):
            kaplan_meier(days[label == one], event[label == one])
        log_rank(days, event, label)
        return fit_cox(cox_model(days, event, X))

    def theirs() -> object:
        from lifelines import CoxPHFitter, KaplanMeierFitter  # noqa: PLC0415 - not everybody has it
        from lifelines.statistics import logrank_test  # noqa: PLC0415

        for one in (0, 1):
            KaplanMeierFitter().fit(days[arm == one], event[arm == one])
        logrank_test(days[arm == 0], days[arm == 1], event[arm == 0], event[arm == 1])
        return CoxPHFitter().fit(d, "time", "event")

    python = (("lifelines", theirs),) if find_spec("lifelines") else ()
    name = "Kaplan-Meier, log-rank and Cox, 100,000 rows on whole days"
    return Case(name, ours, d, (("survival", SURVIVAL_IN_R),), python)


def cases() -> Iterator[Case]:
    """All of them, the fastest first."""
    yield meta_case()
    yield gee_case(200)
    yield gee_case(1_000)
    yield survival_case()
    ways = (("satterthwaite", "Satterthwaite"), ("kenward-roger", "Kenward-Roger"))
    for n, n_visits, gaps in (
        (200, 5, ()),
        (1_000, 10, ()),
        (1_000, 10, SCATTERED),
        (10_000, 5, ()),
    ):
        d = longitudinal(n, n_visits, gaps)
        for df, in_r in ways:
            how = "with gaps" if gaps else "with dropout"
            name = f"MMRM, {n:,} x {n_visits} visits {how}, {in_r}"
            yield mmrm_case(name, d, df, in_r, gls=n == 200 and df == "satterthwaite")


def measured(case: Case) -> Iterator[tuple[str, float, str, float | None]]:
    """What is done, our seconds, the other program and its seconds; None where it is not there."""
    ours = processor_seconds(case.ours)
    for package, script in case.others:
        theirs = r_seconds(script, case.data) if has_package(package) else None
        yield case.name, ours, f"R {package}", theirs
    for package, work in case.python:
        yield case.name, ours, package, processor_seconds(work)


HEAD = """# Benchmarks

Processor time, one thread on both sides, medians of five runs on the same data in one session,
written by `python benchmarks/against_others.py --write`. A ratio above 1 says that this package is
faster. The data are simulated; R fits and summarises in the way that its manual has it.

| what | here | other program | its time | ratio |
|---|---|---|---|---|
"""
FOOT = """
`nlme::gls` fits the same model as an MMRM, without degrees of freedom. "Not installed" stands where
R had no such package. How the time grows with the data, and many trials at once: `make bench`.
"""


def told_time(seconds: float | None) -> str:
    """The time of another program, or why there is none."""
    if seconds is None:
        return "not installed"
    return "failed" if isnan(seconds) else f"{1e3 * seconds:,.1f} ms"


def ratio(ours: float, theirs: float | None) -> str:
    """How many times as long the other program takes; empty where that is not known."""
    return "" if theirs is None or isnan(theirs) else f"{theirs / ours:.1f}"


def main() -> None:
    """Print the table, and write it if asked to."""
    warnings.simplefilter("ignore")
    lines = []
    for case in cases():
        for name, ours, other, theirs in measured(case):
            told = f"{told_time(theirs)} | {ratio(ours, theirs)}"
            lines.append(f"| {name} | {1e3 * ours:,.1f} ms | {other} | {told} |")
            print(lines[-1], flush=True)
    if "--write" in sys.argv:
        PAGE.write_text(HEAD + "\n".join(lines) + "\n" + FOOT, encoding="utf-8")


if __name__ == "__main__":
    main()
