"""What the adversary tries on the numbers of single families of analyses; nothing of the program.

Means of whole numbers, net benefits, information criteria, restricted means, proportions of models
and p-values that were adjusted: each is a function of counts that any reader can write down.
"""

import math
import re
from collections import defaultdict
from pathlib import Path

import numpy as np
from scipy.stats import norm

UNITS = (1.0, 0.5, 0.1, 0.01)
WHOLE = 1e-6
MOST = 400
NEARLY = 0.1
LOST = 0.5
"""A share times the participants that is nearer than this to a count is nearly it."""


def whole_sums(rows, _folder: Path, found) -> None:
    """A mean times its participants is a whole number: which numbers of them could that be?"""
    for row in rows:
        mean = row["statistic"] in {"mean", "mean cost", "mean effect", "mean of the highest value"}
        if not mean or row["reference"] or not row["estimate"] or row.count("n") is not None:
            continue
        shown = row.ends("n") or (1, MOST)
        low, high = row.ends("estimate")
        for unit in UNITS:
            fits = {
                n
                for n in range(max(1, math.ceil(shown[0])), math.floor(shown[1]) + 1)
                if math.ceil(n * low / unit - WHOLE) <= math.floor(n * high / unit + WHOLE)
            }
            if 0 < len(fits) < (shown[1] - shown[0]) / 3:
                found.claim((row["id"], "n"), "whole sums", fits)
                break


def spreads(rows, _folder: Path, found) -> None:
    """SD over the standard error, squared, is the participants; so are degrees of freedom."""
    at: dict[tuple[str, ...], dict[str, object]] = defaultdict(dict)
    for row in rows:
        at[row.about("table", "phase", "visit", "arm", "group")][row["statistic"]] = row
    for of_arm in at.values():
        mean, sd = of_arm.get("mean"), of_arm.get("SD")
        if mean is None or sd is None or mean.count("n") is not None:
            continue
        spread, error, df = sd.ends("estimate"), mean.ends("std_error"), mean.ends("df")
        if spread and error and error[0] > 0:
            low, high = (spread[0] / error[1]) ** 2, (spread[1] / error[0]) ** 2
            fits = set(range(math.ceil(low - NEARLY), math.floor(high + NEARLY) + 1))
            found.claim((mean["id"], "n"), "SD over error", fits)
        if df:
            fits = set(range(math.ceil(df[0] + 1 - WHOLE), math.floor(df[1] + 1 + WHOLE) + 1))
            found.claim((mean["id"], "n"), "degrees of freedom and one", fits)


def successes(rows, _folder: Path, found) -> None:
    """A mean effect of noughts and ones times the participants; net benefits give it, too."""
    of_arm = {
        row.about("analysis", "arm"): row for row in rows if row["statistic"] == "mean effect"
    }
    for row in of_arm.values():
        ends, n = row.ends("estimate"), row.count("n")
        if ends and n and "success" in row["unit"]:
            fits = set(range(math.ceil(ends[0] * n - NEARLY), math.floor(ends[1] * n + NEARLY) + 1))
            found.claim((row["id"], "successes"), "mean effect times n", fits)
    for row in rows:
        active, reference = (
            of_arm.get((row["analysis"], row[arm])) for arm in ("arm", "reference")
        )
        if active is None or reference is None:
            continue
        ends = _effect(rows, row)
        for here, there, sign in ((active, reference, 1), (reference, active, -1)):
            known, n = there.ends("estimate"), here.count("n")
            if ends and known and n and here.value("estimate") is None:
                shares = sorted(k + sign * e for k in known for e in ends)
                low, high = n * shares[0], n * shares[-1]
                fits = set(range(math.ceil(low - NEARLY), math.floor(high + NEARLY) + 1))
                found.claim((here["id"], "successes"), "incremental effect", fits)


def _effect(rows, row) -> tuple[float, float] | None:
    """The incremental effect, as it stands or as two net benefits give it."""
    if row["statistic"] == "incremental effect":
        return row.ends("estimate")
    if row["statistic"] != "incremental net monetary benefit":
        return None
    for other in rows:
        same = other.about("analysis", "arm", "reference") == row.about(
            "analysis", "arm", "reference"
        )
        if same and other["statistic"] == "net monetary benefit at another worth":
            one, two = row.ends("estimate"), other.ends("estimate")
            worths = [float(r["group"].split()[1].replace(",", "")) for r in (row, other)]
            if one and two:
                apart = worths[0] - worths[1]
                return tuple(sorted(((one[0] - two[1]) / apart, (one[1] - two[0]) / apart)))
    return None


def criteria(rows, _folder: Path, found) -> None:
    """BIC + 2 log likelihood is the parameters times the logarithm of the participants."""
    models: dict[tuple[str, ...], dict[str, object]] = defaultdict(dict)
    for row in rows:
        if row["table"] == "trjt01":
            models[row.about("analysis", "group")][row["statistic"]] = row
    for of_model in models.values():
        parts = [of_model.get(name) for name in ("BIC", "log likelihood", "parameters")]
        if None in parts or any(not part["estimate"] for part in parts):
            continue
        bic, likelihood, parameters = (part.ends("estimate") for part in parts)
        ends = [math.exp((b + 2 * h) / parameters[0]) for b in bic for h in likelihood]
        if parts[0].count("n") is None and max(ends) < MOST:
            fits = set(range(math.ceil(min(ends) - NEARLY), math.floor(max(ends) + NEARLY) + 1))
            found.claim((parts[0]["id"], "n"), "BIC", fits)


def lone_events(rows, _folder: Path, found) -> None:
    """Days lost over their error: with one event they are alike, with more the days are more."""
    events = {row.about("analysis", "arm"): row for row in rows if row["statistic"] == "events"}
    for row in rows:
        day = re.search(r"up to day ([\d.]+)$", row["method"])
        one, error, n = (
            events.get(row.about("analysis", "arm")),
            row.ends("std_error"),
            row.count("n"),
        )
        if row["statistic"] != "restricted mean" or not (day and one and error and n):
            continue
        low, high = row.ends("estimate")
        lost = float(day[1]) - high, float(day[1]) - low
        if one.count("estimate") is None and error[0] > 0 and lost[0] > 0:
            # by Cauchy and Schwarz events are at least S^2 / Q
            least = 1 / ((error[1] / lost[0]) ** 2 + 1 / n)
            most = 1 / ((error[0] / lost[1]) ** 2 + 1 / n)
            start = 1 if least <= 1 + 1 / n else 2
            stop = 1 if most <= 1 + 1 / n else n
            fits = set(range(max(start, math.ceil(least - 1 / n)), stop + 1))
            found.claim((one["id"], "estimate"), "days lost and their error", fits)


def proportions_of_models(rows, _folder: Path, found) -> None:
    """A proportion of estimating equations or a mixed model times those seen at the visit."""
    for row in rows:
        ends, n = row.ends("estimate"), row.count("n")
        if row["table"] in {"geet01", "glmmt01"} and row["statistic"] == "proportion" and ends:
            whole = n or row.value("n")
            if whole:
                low, high = ends[0] * whole, ends[1] * whole
                fits = set(range(math.ceil(low - LOST), math.floor(high + LOST) + 1))
                found.claim((row["id"], "outcomes"), "proportion of a model times n", fits)


def adjusted(rows, _folder: Path, found) -> None:
    """An adjusted p-value over those beside it is the p-value, and so the error of a ratio."""
    counts = [row for row in rows if row["statistic"] == "events" and row["arm"]]
    events = {row.about("endpoint", "arm"): row for row in counts}
    for row in rows:
        pair = [events.get((row["endpoint"], arm)) for arm in (row["arm"], row["reference"])]
        error = _error_of_test(row)
        if error is None or None in pair:
            continue
        known = [one.count("estimate") for one in pair]
        for side, one in enumerate(pair):
            fits = _events(error, row.count("n_events"), known[1 - side])
            if known[side] is None and fits:
                found.claim((one["id"], "estimate"), "test of a hypothesis", fits)


def _error_of_test(row) -> tuple[float, float] | None:
    """The error of a log ratio by its own row among hypotheses: as it is, by its test, by p."""
    names = ("p_value", "estimate", "std_error", "test_statistic")
    p, at, error, test = (row.ends(name) for name in names)
    tested = row["table"] == "multt01" and row["statistic"] == "unadjusted p"
    if not tested or not p or not at or at[0] <= 0:
        return None
    logs = sorted(abs(math.log(one)) for one in at)
    if error is None and test:
        return logs[0] / max(map(abs, test)), logs[1] / min(map(abs, test))
    z = [float(norm.isf(min(max(one, 1e-300), 1 - 1e-12) / 2)) for one in p]
    return error or (logs[0] / z[0], logs[1] / z[1] if z[1] > 0 else math.inf)


def _events(error: tuple[float, float], total: int | None, other: int | None) -> set[int]:
    """The events of an arm that give the error with those of the other arm, or the total."""
    if not total and not other:
        return set()
    d = np.arange(1, MOST)
    rest = np.full(d.size, float(other)) if other else (total or 0) - d.astype(float)
    with np.errstate(divide="ignore", invalid="ignore"):
        told = np.sqrt(1 / d + 1 / np.where(rest > 0, rest, np.nan))
    return set(d[(told >= error[0]) & (told <= error[1])].tolist())


WAYS = (
    *(whole_sums, spreads, successes, criteria, lone_events, proportions_of_models),
    adjusted,
)


def limits_without_estimates(rows) -> list[str]:
    """Rows whose estimate is withheld and whose limits, or test, still tell it."""
    told = ("conf_low", "conf_high", "test_statistic")
    return [
        row["id"]
        for row in rows
        if "estimate" in row["suppressed"].split() and any(row[name] for name in told)
    ]
