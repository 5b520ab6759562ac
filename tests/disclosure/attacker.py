"""An adversary who has the folder of a run and knows every formula; nothing of the program.

From what the files of the folder hold he works out, for every count that is not shown, which whole
numbers agree with the digits that are. A count is pinned where one number is left. A formula that
holds only nearly is tried, too: its nearest whole number counts as worked out.
"""

import csv
import json
import math
import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from statistics import NormalDist

import numpy as np
from scipy.stats import t as student

from disclosure.families import WAYS

LARGEST = 400
NEARLY = 0.1
"""How near to a whole number an approximate formula must come to be believed."""
EXACT = 1e-6
WIDE = 60
"""An interval of so many numbers says nothing of a count."""
NARROW = 1e-3
"""An error known to this is worth the attempt of a formula that holds only nearly."""
PART_OF = {
    "count": "",
    "pattern": "pattern",
    "observed": "seen",
    "missing": "seen",
    "derived": "seen",
    "event by": "end",
    "censored": "end",
}
"""Statistic -> what its counts are parts of; "" is the variable of the group."""
Target = tuple[str, str]
"""The id of a result and the field that holds its count."""


@dataclass
class Row:
    """A published result: its numbers as intervals, by what its digits leave open."""

    raw: dict[str, str]
    steps: dict[str, float] = field(default_factory=dict)

    def __post_init__(self) -> None:
        words = (word.partition(":") for word in self.raw["suppressed"].split())
        self.steps = {name: float(step) for name, _, step in words if step}

    def __getitem__(self, name: str) -> str:
        return self.raw[name]

    def value(self, name: str) -> float | None:
        return float(self.raw[name]) if self.raw[name] else None

    def ends(self, name: str) -> tuple[float, float] | None:
        value = self.value(name)
        if value is None:
            return None
        half = self.steps.get(name, 0.0) / 2
        slack = EXACT * max(1.0, abs(value))
        return value - half - slack, value + half + slack

    def count(self, name: str) -> int | None:
        """A count that is shown as it is."""
        value = self.value(name)
        return None if value is None or name in self.steps else round(value)

    def about(self, *names: str) -> tuple[str, ...]:
        return tuple(self.raw[name] for name in names)


@dataclass
class Attack:
    """What was worked out: target -> way -> the numbers that are left to it."""

    left: dict[Target, dict[str, frozenset[int]]] = field(default_factory=lambda: defaultdict(dict))

    def claim(self, target: Target, way: str, numbers: set[int]) -> None:
        known = self.left[target].get(way)
        self.left[target][way] = frozenset(numbers if known is None else numbers & known)


def attack(folder: Path) -> Attack:
    """Everything that can be tried on the folder of a run."""
    with (folder / "results.csv").open(newline="") as lines:
        rows = [Row(raw) for raw in csv.DictReader(lines)]
    found = Attack()
    ways = (_sums, _ratios, _means, _df, _risks, _slopes, _tips, _moments, _ticks, _incidence)
    for way in (*ways, _tests, _mixtures, _squares, _levels, _sizes, *WAYS):
        way(rows, folder, found)
    return found


def words_told(folder: Path, words: list[str], smallest: int) -> list[str]:
    """Rare words of the data that a file tells, and small counts in notes."""
    texts = {
        path.relative_to(folder).as_posix(): path.read_text(errors="ignore")
        for path in folder.rglob("*")
        if path.is_file() and path.suffix != ".parquet"
    }
    told = [
        f"{name}: {w}" for name, text in texts.items() for w in words if w.lower() in text.lower()
    ]
    for note in json.loads(texts["manifest.json"])["remarks"]:
        for number in re.findall(
            r"\b(\d+) (?:participant|subject|score|adverse|of \d+ )", note["what"]
        ):
            told += [note["what"]] if 0 < int(number) < smallest else []
        count = note["count"] or 0
        rests = [
            int(whole) - count
            for whole in re.findall(r"\{count\} of (?:the )?(\d+)", note["what"])
            if count
        ]
        for few in (count, note["total"] or 0, *rests):
            told += [note["what"]] if 0 < few < smallest else []
    return told


def _error(row: Row) -> tuple[float, float] | None:
    """What a row tells of its standard error: itself, its interval, its p-value."""
    ratio = "ratio" in row["statistic"].split()
    z = NormalDist().inv_cdf(0.5 + float(row["conf_level"] or 0.95) / 2)
    ends = {name: row.ends(name) for name in ("estimate", "conf_low", "conf_high", "std_error")}
    if ratio:
        for name in ("estimate", "conf_low", "conf_high"):
            both = ends[name]
            ends[name] = None if both is None or both[0] <= 0 else tuple(map(math.log, both))
    found = [ends["std_error"]] if ends["std_error"] else []
    for upper, lower, width in (("conf_high", "conf_low", 2 * z), ("conf_high", "estimate", z),
                                ("estimate", "conf_low", z)):  # fmt: skip
        one, other = ends[upper], ends[lower]
        if one and other and (ratio or not row["df"]):
            found.append(((one[0] - other[1]) / width, (one[1] - other[0]) / width))
    if not found:
        return None
    return max(low for low, _ in found), min(high for _, high in found)


class _Boxes:
    """The least and the greatest number that each count can be, by interval arithmetic."""

    def __init__(self) -> None:
        self.ends: dict[Target, list[float]] = {}
        self.sums: list[tuple[list[Target], list[Target]]] = []

    def cell(self, row: Row, name: str) -> Target:
        """The count of a row; one that is not shown is not zero."""
        target = (row["id"], name)
        shown = row.ends(name) if row[name] else None
        low, high = (1.0, float(LARGEST)) if shown is None else shown
        self.ends.setdefault(target, [max(math.ceil(low - EXACT), 0), math.floor(high + EXACT)])
        return target

    def total(self, totals: list[Target], parts: list[Target]) -> None:
        if totals != parts:
            self.sums.append((totals, parts))

    def tighten(self) -> None:
        for totals, parts in self.sums:
            signed = [(t, 1) for t in totals] + [(t, -1) for t in parts]
            for target, sign in signed:
                others = [(self.ends[t], -s * sign) for t, s in signed if t != target]
                low = sum(s * end[0 if s > 0 else 1] for end, s in others)
                high = sum(s * end[1 if s > 0 else 0] for end, s in others)
                here = self.ends[target]
                here[0], here[1] = max(here[0], low), min(here[1], high)


def _sums(rows: list[Row], _folder: Path, found: Attack) -> None:
    """Parts of a whole, arms of all, factors of one total, the same count in several tables."""
    boxes = _Boxes()
    by: dict[tuple[str, ...], list[Row]] = defaultdict(list)
    for row in rows:
        where = row.about("table", "analysis", "endpoint", "phase", "visit", "arm", "reference")
        by[where].append(row)
    for group in by.values():
        _parts_of_one(group, boxes)
        _factors_of_one(group, boxes)
    _same_in_several(rows, boxes)
    _arms_of_all(rows, boxes)
    _flow(rows, boxes)
    for _ in range(40):
        boxes.tighten()
    for target, (low, high) in boxes.ends.items():
        if high - low < WIDE:
            found.claim(target, "sums", set(range(int(low), int(high) + 1)))


def _parts_of_one(group: list[Row], boxes: _Boxes) -> None:
    """Levels, patterns, observed and missing, events and censored add up to `n`."""
    kinds: dict[str, list[Row]] = defaultdict(list)
    for row in group:
        kind = PART_OF.get(row["statistic"])
        if kind is not None:
            kinds[kind or row["group"].partition(": ")[0]].append(row)
    for parts in kinds.values():
        boxes.total([boxes.cell(parts[0], "n")], [boxes.cell(row, "estimate") for row in parts])


def _factors_of_one(group: list[Row], boxes: _Boxes) -> None:
    """The levels of each factor of the subgroups add up to the same."""
    factors: dict[str, list[Row]] = defaultdict(list)
    for row in group:
        if row["table"] == "subt01" and ": " in row["group"]:
            factors[row["group"].partition(": ")[0]].append(row)
    for one, other in pairwise(factors.values()):
        boxes.total([boxes.cell(r, "n") for r in one], [boxes.cell(r, "n") for r in other])


def _same_in_several(rows: list[Row], boxes: _Boxes) -> None:
    """Missing data are counted among the same at each visit; LS means of those observed."""
    among: dict[tuple[str, ...], Target] = {}
    observed: dict[tuple[str, ...], Target] = {}
    for row in rows:
        if row["statistic"] in {"observed", "missing"}:
            first = among.setdefault(row.about("endpoint", "phase", "arm"), boxes.cell(row, "n"))
            boxes.total([first], [boxes.cell(row, "n")])
        if row["statistic"] == "observed":
            observed[row.about("endpoint", "visit", "arm")] = boxes.cell(row, "estimate")
    for row in rows:
        other = observed.get(row.about("endpoint", "visit", "arm"))
        if row["statistic"] == "LS mean" and row["table"] == "mmrmt01" and other is not None:
            boxes.total([other], [boxes.cell(row, "n")])


def _flow(rows: list[Row], boxes: _Boxes) -> None:
    """Who was assigned completed or left; was analysed or excluded; went on to the next phase."""
    flow = [row for row in rows if row["table"] == "dst01"]
    assigned = {row.about("phase", "arm"): row for row in flow if row["statistic"] == "assigned"}
    parts: dict[tuple[str, ...], list[Row]] = defaultdict(list)
    whole: dict[tuple[str, ...], list[Row]] = defaultdict(list)
    for row in flow:
        kind, of_arm = row["statistic"], assigned.get(row.about("phase", "arm"))
        if kind in {"completed", "left"} and of_arm:
            parts["ended", *row.about("phase", "arm")].append(row)
            whole["ended", *row.about("phase", "arm")] = [of_arm]
        if kind in {"analysed", "excluded"} and row["analysis"]:
            parts["analysed", *row.about("phase", "analysis")].append(row)
            if of_arm:
                whole["analysed", *row.about("phase", "analysis")].append(of_arm)
        if kind == "entered a later phase":
            parts["entered", row["group"]].append(row)
            later = [one for (phase, _), one in assigned.items() if phase == row["group"]]
            whole["entered", row["group"]] = later
    for key, inside in parts.items():
        if key in whole:
            boxes.total(
                [boxes.cell(row, "n") for row in whole[key]],
                [boxes.cell(row, "n") for row in inside],
            )


def _arms_of_all(rows: list[Row], boxes: _Boxes) -> None:
    """A level over all arms is the sum of those of the arms."""
    over: dict[tuple[str, ...], dict[str, Row]] = defaultdict(dict)
    for row in rows:
        if row["table"] == "dmt01" and row["statistic"] == "count":
            over[row.about("phase", "group")][row["arm"]] = row
    for arms in over.values():
        if "" in arms:
            parts = [boxes.cell(row, "estimate") for arm, row in arms.items() if arm]
            boxes.total([boxes.cell(arms[""], "estimate")], parts)


def _events(rows: list[Row]) -> dict[tuple[str, str], Row]:
    return {(r["endpoint"], r["arm"]): r for r in rows if r["statistic"] == "events" and r["arm"]}


def _ratios(rows: list[Row], _folder: Path, found: Attack) -> None:
    """1/d1 + 1/d2 is the squared error of a log hazard or time ratio."""
    events = _events(rows)
    for row in rows:
        if row["statistic"] not in {"hazard ratio", "time ratio"} or not row["reference"]:
            continue
        error = _error(row)
        pair = [events.get((row["endpoint"], arm)) for arm in (row["arm"], row["reference"])]
        if error is None or None in pair:
            continue
        total = row.count("n_events")
        known = [one.count("estimate") for one in pair]
        if total is None and known == [None, None]:
            continue
        for side, one in enumerate(pair):
            if known[side] is None:
                fewer = ((row.value("estimate") or 1) < 1) == (row["statistic"] == "hazard ratio")
                _solve(
                    found, one, error, total, known[1 - side], (row["table"], fewer is (side == 0))
                )


def _solve(found, one, error, total, other, told_by) -> None:
    """The events of an arm; of two roots that of the arm with fewer or more, by the ratio."""
    table, fewer = told_by
    middle = (error[0] + error[1]) / 2
    fits, best = set(), None
    for d in range(1, LARGEST):
        rest = total - d if total is not None else other
        if (
            rest is None
            or rest < 1
            or (total is not None and (d <= rest) is not fewer and d != rest)
        ):
            continue
        told = math.sqrt(1 / d + 1 / rest)
        if error[0] <= told <= error[1]:
            fits.add(d)
        if best is None or abs(told - middle) < best[0]:
            best = (abs(told - middle), d)
    if fits:
        found.claim((one["id"], "estimate"), f"errors of {table}", fits)
    elif best is not None and error[1] - error[0] < NARROW:
        found.claim((one["id"], "estimate"), f"errors of {table}, nearly", {best[1]})


def _means(rows: list[Row], folder: Path, found: Attack) -> None:
    """The variance at a visit over the squared error is the subjects; so is the ratio of arms."""
    records = json.loads((folder / "records.json").read_text())
    text = json.dumps(records)
    covariances = _covariances(json.loads(text))
    means = [row for row in rows if row["statistic"] == "LS mean"]
    for row in means:
        error, variance = _error(row), covariances.get((row["analysis"], row["visit"]))
        if error is None:
            continue
        if variance:
            ends = (variance / error[1] ** 2, variance / max(error[0], EXACT) ** 2)
            _claim_near(found, row, ends, "errors of LS means and their covariance")
        for other in means:
            same = other.about("analysis", "visit") == row.about("analysis", "visit")
            there, n = _error(other), other.count("n")
            if same and other["arm"] != row["arm"] and there and n:
                ends = (n * (there[0] / error[1]) ** 2, n * (there[1] / max(error[0], EXACT)) ** 2)
                _claim_near(found, row, ends, "errors of LS means of two arms")


def _claim_near(found: Attack, row: Row, ends: tuple[float, float], way: str) -> None:
    """All whole numbers of an interval; the nearest where it is narrow: the formula is rough."""
    if row["n"] and "n" not in row.steps:
        return
    low, high = ends[0], min(ends[1], LARGEST)
    fits = set(range(max(1, round(low)), round(high) + 1))
    if fits:
        found.claim((row["id"], "n"), way, fits)


def _covariances(records) -> dict[tuple[str, str], float]:
    found = {}
    for one in _dicts(records):
        if {"analysis", "visits", "covariance"} <= one.keys():
            matrix = one["covariance"]
            while isinstance(matrix, dict):
                matrix = next(iter(matrix.values()))
            matrix = matrix[0] if matrix and isinstance(matrix[0][0], list) else matrix
            for k, visit in enumerate(one["visits"]):
                found[one["analysis"], visit] = float(matrix[k][k])
    return found


def _dicts(value) -> Iterator[dict]:
    if isinstance(value, dict):
        yield value
    for inner in (
        value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    ):
        yield from _dicts(inner)


def _df(rows: list[Row], _folder: Path, found: Attack) -> None:
    """Whole degrees of freedom are the subjects of both arms less a few parameters."""
    at: dict[tuple[str, ...], dict[str, Row]] = defaultdict(dict)
    for row in rows:
        if row["statistic"] == "LS mean":
            at[row.about("analysis", "visit")][row["arm"]] = row
    for row in rows:
        arms = at.get(row.about("analysis", "visit"), {})
        ends = _df_of(row)
        if ends is None or "difference" not in row["statistic"] or len(arms) != 2:
            continue
        one, other = arms.values()
        for hidden, known in ((one, other), (other, one)):
            n = known.count("n")
            if hidden.count("n") is None and n is not None:
                low, high = ends[0] + 3 - n, ends[1] + 3 - n
                fits = set(range(max(1, math.ceil(low - NEARLY)), math.floor(high + NEARLY) + 1))
                if fits:
                    found.claim((hidden["id"], "n"), "degrees of freedom", fits)


DF = np.arange(3.0, 300.0, 0.05)


def _df_of(row: Row) -> tuple[float, float] | None:
    """Degrees of freedom as they stand, and as they follow from interval, error and p-value."""
    stated = row.ends("df") or (DF[0], DF[-1])
    fits = (stated[0] <= DF) & (stated[1] >= DF)
    at, low, high = (row.ends(name) for name in ("estimate", "conf_low", "conf_high"))
    error, p = row.ends("std_error"), row.ends("p_value")
    quantile = student.ppf(0.5 + float(row["conf_level"] or 0.95) / 2, DF)
    least, most = np.zeros(DF.size), np.full(DF.size, np.inf)
    if error:
        least, most = np.maximum(least, error[0]), np.minimum(most, error[1])
    if at and low and high:
        half = max(high[0] - at[1], at[0] - low[1]), min(high[1] - at[0], at[1] - low[0])
        least, most = np.maximum(least, half[0] / quantile), np.minimum(most, half[1] / quantile)
    if at and p and at[0] * at[1] > 0:
        near, far = sorted(map(abs, at))
        strong, weak = (student.isf(min(max(one, 1e-300), 1) / 2, DF) for one in p)
        with np.errstate(divide="ignore"):
            least, most = np.maximum(least, near / strong), np.minimum(most, far / weak)
    fits &= least <= most * (1 + EXACT)
    near = (DF[fits][0] - 0.05, DF[fits][-1] + 0.05) if fits.any() else None
    return row.ends("df") if near is None else near


def _squares(rows: list[Row], _folder: Path, found: Attack) -> None:
    """How many have each of three neighbouring whole values: n, their sum and sum of squares."""
    at: dict[tuple[str, ...], dict[str, Row]] = defaultdict(dict)
    for row in rows:
        if row["table"] == "dmt01":
            at[row.about("phase", "arm", "group")][row["statistic"]] = row
    for of_arm in at.values():
        mean, sd = of_arm.get("mean"), of_arm.get("SD")
        n = mean.count("n") if mean else None
        if not n or sd is None or mean.value("estimate") is None or sd.value("estimate") is None:
            continue
        total = mean.value("estimate") * n
        squares = sd.value("estimate") ** 2 * (n - 1) + total**2 / n
        fits = {
            (n - one - two, one, two)
            for two in range(n + 1)
            for one in [round(total) - 2 * two]
            if 0 <= one <= n - two and abs(one + 4 * two - squares) < 1e-6 * n
        }
        for value in range(3):
            numbers = {counts[value] for counts in fits}
            if numbers:
                found.claim((mean["id"], f"of value {value}"), "n, mean and SD", numbers)


def _levels(rows: list[Row], _folder: Path, found: Attack) -> None:
    """Those with an event are those of all severities, and all of a class those of its terms."""
    boxes = _Boxes()
    whole = {
        row.about("phase", "arm", "group"): row
        for row in rows
        if row["table"] in {"aet01", "aet02"} and row["statistic"] == "subjects"
    }
    parts: dict[tuple[str, ...], list[Row]] = defaultdict(list)
    for row in rows:
        if row["table"] in {"aet05", "aet06"}:
            group = row["group"].rpartition(": ")[0]
            parts[row["table"], *row.about("phase", "arm"), group].append(row)
    for (_, *key), inside in parts.items():
        one = whole.get(tuple(key))
        if one is not None:
            levels = [boxes.cell(row, "estimate") for row in inside]
            boxes.total([boxes.cell(one, "estimate")], levels)
    for _ in range(20):
        boxes.tighten()
    for target, (low, high) in boxes.ends.items():
        if high - low < WIDE:
            found.claim(target, "levels of severity", set(range(int(low), int(high) + 1)))


def _sizes(rows: list[Row], _folder: Path, found: Attack) -> None:
    """A share of a class times those of the arm; the smallest class's share times all."""
    analysed = {
        row.about("analysis", "arm"): row.count("n")
        for row in rows
        if row["table"] == "dst01" and row["statistic"] == "analysed"
    }
    for row in rows:
        if row["table"] not in {"trjt01", "trjt02"} or row["unit"] != "%" or row["reference"]:
            continue
        ends, n = row.ends("estimate"), analysed.get(row.about("analysis", "arm"))
        n = row.count("n") if row["statistic"] == "smallest class" else n
        if ends and n:
            low, high = ends[0] * n / 100, ends[1] * n / 100
            fits = set(range(math.ceil(low - 0.5), math.floor(high + 0.5) + 1))
            found.claim((row["id"], "size"), "share of a class", fits)


def _risks(rows: list[Row], _folder: Path, found: Attack) -> None:
    """A standardised risk times the subjects is the number who responded, or nearly."""
    responders = {
        (r["endpoint"], r["visit"], r["arm"]): r for r in rows if r["statistic"] == "responders"
    }
    for row in rows:
        ends, n = row.ends("estimate"), row.count("n")
        one = responders.get(row.about("endpoint", "visit", "arm"))
        of_risk = row["statistic"] in {"standardised risk", "proportion"} and ends and n
        if of_risk and one and one.count("estimate") is None:
            low, high = ends[0] * n, ends[1] * n
            fits = set(range(math.ceil(low - 2 * NEARLY), math.floor(high + 2 * NEARLY) + 1))
            if fits:
                found.claim((one["id"], "estimate"), f"{row['statistic']} times n", fits)


def _slopes(rows: list[Row], _folder: Path, found: Attack) -> None:
    """The slope of a shifted difference times the subjects is how many were imputed."""
    lines: dict[tuple[str, ...], list[tuple[float, tuple[float, float]]]] = defaultdict(list)
    for row in rows:
        if row["statistic"] == "shifted difference in LS means" and row["estimate"]:
            arm, _, shift = row["group"].rpartition(" ")
            lines[row["endpoint"], row["visit"], arm].append((float(shift), row.ends("estimate")))
    for row in rows:
        line, n = lines.get(row.about("endpoint", "visit", "arm")), row.count("n")
        if row["statistic"] == "missing" and row.count("estimate") is None and line and n:
            low, high = _slope(line)
            fits = set(
                range(max(0, math.ceil(low * n - NEARLY)), math.floor(high * n + NEARLY) + 1)
            )
            if fits:
                found.claim((row["id"], "estimate"), "slope of a shift", fits)


def _tips(rows: list[Row], folder: Path, found: Attack) -> None:
    """A difference without a shift and its error, over the shift to tip it, is the slope."""
    plain = {
        row.about("endpoint", "visit", "arm", "reference"): row
        for row in rows
        if row["statistic"] == "difference in LS means" and row["table"] != "crot01"
    }
    exact = {
        one["analysis"]: one["contour"][0]
        for one in _dicts(json.loads((folder / "records.json").read_text()))
        if {"analysis", "contour"} <= one.keys() and len(one["contour"]) == 1
    }
    for row in rows:
        of_pair = plain.get(row.about("endpoint", "visit", "arm", "reference"))
        if row["statistic"] != "tipping shift" or of_pair is None:
            continue
        arm, ends = row["group"].removesuffix(" shifted"), row.ends("estimate")
        drawn = exact.get(row["analysis"])
        ends = (drawn, drawn) if isinstance(drawn, float) else ends
        limits = of_pair.ends("conf_high"), of_pair.ends("conf_low")
        if ends is None or None in limits or ends[0] * ends[1] <= 0:
            continue
        limit = limits[0] if of_pair.value("estimate") < 0 else limits[1]
        slopes = sorted(-at / shift for at in limit for shift in ends)
        _missing(rows, row, arm, (slopes[0], slopes[-1]), found)


def _missing(rows, tip, arm, slopes, found: Attack) -> None:
    sign = 1 if arm == tip["arm"] else -1
    for row in rows:
        same = row.about("endpoint", "visit") == tip.about("endpoint", "visit")
        n = row.count("n")
        if row["statistic"] == "missing" and same and row["arm"] == arm and n:
            low, high = sorted(sign * slope * n for slope in slopes)
            fits = {k for k in range(math.floor(low), math.ceil(high) + 1) if k >= 0}
            near = {k for k in fits if low - NEARLY <= k <= high + NEARLY}
            if near and row.count("estimate") is None:
                found.claim((row["id"], "estimate"), "shift to tip, nearly", near)


def _slope(line: list[tuple[float, tuple[float, float]]]) -> tuple[float, float]:
    """The slopes that pass between the ends of all points of a line, from every pair of them."""
    low, high = -math.inf, math.inf
    for x, (bottom, top) in line:
        for other, (low_there, high_there) in line:
            if other > x:
                low = max(low, (low_there - top) / (other - x))
                high = min(high, (high_there - bottom) / (other - x))
    return low, high


def _moments(rows: list[Row], _folder: Path, found: Attack) -> None:
    """Mean and SD of a variable of zeros and ones."""
    at: dict[tuple[str, ...], dict[str, Row]] = defaultdict(dict)
    for row in rows:
        if row["table"] == "dmt01":
            at[row.about("phase", "arm", "group")][row["statistic"]] = row
    for found_here in at.values():
        mean, sd = found_here.get("mean"), found_here.get("SD")
        if (
            mean is None
            or sd is None
            or mean.value("estimate") is None
            or sd.value("estimate") is None
        ):
            continue
        m, n = mean.value("estimate"), mean.count("n")
        if (
            n
            and 0 < m < 1
            and abs(sd.value("estimate") - math.sqrt(m * (1 - m) * n / (n - 1))) < EXACT
        ):
            found.claim((mean["id"], "ones"), "mean and SD of zeros and ones", {round(m * n)})


def _ticks(rows: list[Row], _folder: Path, found: Attack) -> None:
    """Steps of survival between days of all analyses of an endpoint, with those at risk."""
    curves: dict[tuple[str, str], dict[float, Row]] = defaultdict(dict)
    for row in rows:
        day = re.fullmatch(r"day ([\d.]+)", row["group"])
        if row["statistic"] == "survival" and row["table"] == "kmt01" and row["estimate"] and day:
            curves[row["endpoint"], row["arm"]].setdefault(float(day[1]), row)
    for (endpoint, arm), days in curves.items():
        ordered = sorted(days.items())
        for (start, before), (stop, after) in pairwise(ordered):
            one, other, n = before.ends("estimate"), after.ends("estimate"), before.count("n")
            if one and other and n and one[0] > 0:
                low, high = n * (1 - other[1] / one[0]), n * (1 - max(other[0], 0) / one[1])
                fits = set(range(max(0, math.ceil(low - NEARLY)), math.floor(high + NEARLY) + 1))
                name = f"{endpoint}/{arm}/{start:g}/{stop:g}"
                if fits:
                    found.claim((name, "events between days"), "steps between days", fits)


def _incidence(rows: list[Row], _folder: Path, found: Attack) -> None:
    """Steps of the incidence of a kind, with survival and those at risk at the days of all."""
    alive, kinds = _by_day(rows, "survival", "n"), _by_day(rows, "cumulative incidence", "estimate")
    free: dict[tuple[str, str, float], float] = defaultdict(lambda: 1.0)
    for (endpoint, arm, _), days in kinds.items():
        for day, row in days.items():
            free[endpoint, arm, day] -= row.value("estimate")
    for (endpoint, arm, kind), days in kinds.items():
        for (start, before), (stop, after) in pairwise([(0.0, None), *sorted(days.items())]):
            at_risk = alive[endpoint, arm, ""].get(start) if before else after
            n = at_risk.count("n") if at_risk else None
            one = before.ends("estimate") if before else (0.0, 0.0)
            other = after.ends("estimate")
            if n and free[endpoint, arm, start] > 0:
                scale = n / free[endpoint, arm, start]
                ends = scale * (other[0] - one[1]), scale * (other[1] - one[0])
                fits = set(range(math.ceil(ends[0] - NEARLY), math.floor(ends[1] + NEARLY) + 1))
                name = f"{endpoint}/{arm}/{start:g}/{stop:g}/{kind}"
                if fits:
                    found.claim((name, "events of a kind"), "steps of incidence", fits)


def _by_day(rows: list[Row], statistic: str, shown: str) -> dict[tuple[str, ...], dict[float, Row]]:
    """Rows along curves by endpoint, arm, kind of event and day; the days of all analyses."""
    found: dict[tuple[str, ...], dict[float, Row]] = defaultdict(dict)
    for row in rows:
        day = re.fullmatch(r"day ([\d.]+)", row["visit"] or row["group"])
        if row["statistic"] == statistic and day and row["estimate"] and row[shown]:
            kind = row["group"] if row["visit"] else ""
            found[row["endpoint"], row["arm"], kind].setdefault(float(day[1]), row)
    return found


def _tests(rows: list[Row], _folder: Path, found: Attack) -> None:
    """The log-rank statistic over the log hazard ratio is the root of d1 d2 / (d1 + d2)."""
    events = _events(rows)
    ratios = {
        row.about("analysis", "arm", "reference"): row
        for row in rows
        if row["statistic"] == "hazard ratio" and row["reference"] and not row["group"]
    }
    for row in rows:
        ratio = ratios.get(row.about("analysis", "arm", "reference"))
        p, at = row.ends("p_value"), ratio.ends("estimate") if ratio else None
        if row["statistic"] != "log-rank test" or p is None or at is None or at[0] <= 0:
            continue
        z = [NormalDist().inv_cdf(1 - min(max(one, 1e-15), 1 - 1e-9) / 2) for one in p]
        logs = sorted(abs(math.log(one)) for one in at)
        if not z[1] > 0 or at[0] <= 1 <= at[1]:
            continue
        error = logs[0] / z[0], logs[1] / z[1]
        pair = [events.get((ratio["endpoint"], arm)) for arm in (row["arm"], row["reference"])]
        if None in pair:
            continue
        known = [one.count("estimate") for one in pair]
        for side, one in enumerate(pair):
            total = ratio.count("n_events")
            if known[side] is None and (total is not None or known[1 - side] is not None):
                fewer = (ratio.value("estimate") < 1) is (side == 0)
                _solve(found, one, error, total, known[1 - side], ("log-rank test", fewer))


def _mixtures(rows: list[Row], _folder: Path, found: Attack) -> None:
    """A mean over two arms lies between theirs as their numbers say."""
    means: dict[tuple[str, ...], dict[str, Row]] = defaultdict(dict)
    for row in rows:
        if row["statistic"] == "mean" and row["estimate"] and not row["reference"]:
            means[row.about("table", "analysis", "phase", "visit", "group")][row["arm"]] = row
    for arms in means.values():
        over = arms.pop("", None)
        if over is None or len(arms) != 2 or over.count("n") is None:
            continue
        for one, other in (tuple(arms.values()), tuple(arms.values())[::-1]):
            ends = [row.ends("estimate") for row in (one, other, over)]
            apart = ends[0][0] - ends[1][1], ends[0][1] - ends[1][0]
            if one.count("n") is None and apart[0] * apart[1] > 0:
                shares = [(m - o) / d for m in ends[2] for o in ends[1] for d in apart]
                whole = over.count("n")
                low, high = min(shares) * whole, max(shares) * whole
                fits = set(range(max(1, math.ceil(low - EXACT)), math.floor(high + EXACT) + 1))
                if fits:
                    found.claim((one["id"], "n"), "mean over two arms", fits)
