"""How long generalised estimating equations take: here, in R's geepack and in statsmodels.

Logistic regression of four visits with an exchangeable correlation, a tenth of the outcomes
missing. Every ratio printed compares times of the same run on the same machine, and every line the
largest relative difference from geepack.

    python benchmarks/estimating_equations.py
"""

import json
import subprocess
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
from statsmodels.genmod.cov_struct import Exchangeable
from statsmodels.genmod.families import Binomial
from statsmodels.genmod.generalized_estimating_equations import GEE

from ketaoutcomes.families.repeated_binary.estimating_equations import fit_estimating_equations

N_VISITS, REPEATS = 4, 3
SIZES = (500, 2_000, 10_000)
COLUMNS = ["constant", "arm", "baseline", "visit"]
R_SCRIPT = """
suppressMessages(library(geepack))
d <- read.csv(commandArgs(TRUE)[1])
control <- geese.control(epsilon = 1e-12, maxit = 200)
t <- system.time(f <- geeglm(y ~ arm + baseline + visit, id = subject, waves = visit, data = d,
  family = binomial, corstr = "exchangeable", control = control))
cat(sprintf('{"seconds": %.6f, "beta": [%s], "se": [%s]}', t[["elapsed"]],
  paste(sprintf("%.17g", coef(f)), collapse = ","),
  paste(sprintf("%.17g", sqrt(diag(vcov(f)))), collapse = ",")))
"""


def rows(n: int) -> pd.DataFrame:
    """One row an observed assessment, by subject and visit."""
    rng = np.random.default_rng(n)
    subject = np.repeat(np.arange(n), N_VISITS)
    own = np.repeat(rng.normal(0, 1, n), N_VISITS)
    frame = pd.DataFrame(
        {
            "subject": subject,
            "visit": np.tile(np.arange(N_VISITS), n),
            "arm": np.repeat(rng.integers(0, 2, n), N_VISITS),
            "baseline": np.repeat(rng.normal(0, 1, n), N_VISITS),
            "constant": 1.0,
        }
    )
    eta = -0.5 + 0.4 * frame["arm"] + 0.3 * frame["baseline"] + 0.2 * frame["visit"] + own
    frame["y"] = (rng.random(len(frame)) < 1 / (1 + np.exp(-eta))).astype(float)
    return frame[rng.random(len(frame)) > 0.1].reset_index(drop=True)


def fastest(make: Callable[[], np.ndarray]) -> tuple[float, np.ndarray]:
    """The least time of several, in seconds, and what was made."""
    times = []
    for _ in range(REPEATS):
        start = time.perf_counter()
        made = make()
        times.append(time.perf_counter() - start)
    return min(times), made


def ours(frame: pd.DataFrame) -> np.ndarray:
    """Coefficients and robust errors by this package."""
    fit = fit_estimating_equations(
        frame["y"].to_numpy(),
        frame[COLUMNS].to_numpy(dtype=float),
        frame["subject"].to_numpy(),
        frame["visit"].to_numpy(),
        N_VISITS,
        "binomial",
        "exchangeable",
    )
    return np.append(fit.beta, np.sqrt(np.diag(fit.covariance("robust"))))


def of_statsmodels(frame: pd.DataFrame) -> np.ndarray:
    """The same by statsmodels, whose moments of the correlation are its own."""
    model = GEE(
        frame["y"],
        frame[COLUMNS],
        groups=frame["subject"],
        family=Binomial(),
        cov_struct=Exchangeable(),
    )
    fit = model.fit(maxiter=200, ctol=1e-10)
    return np.append(fit.params, fit.bse)


def of_geepack(frame: pd.DataFrame) -> tuple[float, np.ndarray]:
    """Seconds, coefficients and robust errors of R's geepack."""
    with tempfile.TemporaryDirectory() as folder:
        script, data = Path(folder) / "gee.R", Path(folder) / "rows.csv"
        script.write_text(R_SCRIPT)
        frame.to_csv(data, index=False, float_format="%.17g")
        told = subprocess.run(
            ["Rscript", str(script), str(data)], check=True, capture_output=True, text=True
        )
    found = json.loads(told.stdout)
    return found["seconds"], np.array([*found["beta"], *found["se"]])


def main() -> None:
    """One line a size and program."""
    for n in SIZES:
        frame = rows(n)
        seconds, expected = of_geepack(frame)
        print(f"n = {n}: geepack {seconds:.3f} s")
        for name, fit in (("here", ours), ("statsmodels", of_statsmodels)):
            took, found = fastest(lambda fit=fit, frame=frame: fit(frame))
            gap = float((np.abs(found - expected) / np.abs(expected)).max())
            print(
                f"  {name} {took:.4f} s, {seconds / took:.2f} times as fast; differs by {gap:.1e}"
            )


if __name__ == "__main__":
    main()
