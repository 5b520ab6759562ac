"""What the figures of a page, the records and the Word tables tell beyond the tables of results.

Each axis is read off its ticks, and every point of every path is turned into numbers. A number that
the tables round or withhold must not stand in a drawing or in another file with more digits.
"""

import csv
import json
import math
import re
import zipfile
from collections.abc import Iterator
from fractions import Fraction
from html import unescape
from pathlib import Path

import numpy as np

Row = dict[str, str]
DRAWN = ("estimate", "conf_low", "conf_high")
FIELDS = (*DRAWN, "std_error", "df", "p_value", "test_statistic")
SHARPER = 20
"""A reading so many times nearer to the truth than what the tables leave open is no chance hit."""
DIGITS = 7
FEWEST_DIGITS = 6
"""A number with fewer digits stands in a file by chance."""
MOST_IN_ARM = 200
SHARES = ("aet", "dmt")
"""Tables of shares: those of other counts are the same by chance."""


def told_elsewhere(folder: Path, shown: dict[str, Row]) -> list[str]:
    """True numbers of rounded and withheld fields that another place of the folder holds.

    Parameters
    ----------
    shown : dict of str to dict
        The rows of the same run that hides nothing, by id.
    """
    hidden = list(_not_as_they_are(folder, shown))
    places = dict(_numbers(folder))
    found = []
    for name, field, true, _ in hidden:
        ways = {"": true, "squared": true**2}
        ways |= {"log": math.log(true)} if true > 0 else {}
        for way, value in ways.items():
            digits = f"{abs(value):.10g}".replace(".", "").strip("0")
            if len(digits) >= FEWEST_DIGITS and not name.startswith(SHARES):
                found += [
                    f"{name} {field} {way}: {where}"
                    for where, values in places.items()
                    if f"{value:.{DIGITS}g}" in values
                ]
    return found


def drawn_too_sharply(folder: Path, shown: dict[str, Row]) -> list[str]:
    """Rounded and withheld numbers that the points of a figure of their analysis tell better."""
    figures = list(_figures(folder))
    found = []
    for name, field, true, step in _not_as_they_are(folder, shown):
        analysis, endpoint = shown[name]["analysis"], shown[name]["endpoint"]
        for figure, svg in figures if field in DRAWN else ():
            if figure.partition("-")[2] in {analysis, endpoint}:
                for values, unit in _readings(figure, svg):
                    open_ = max(step, abs(true) / 10)
                    near = np.abs(values - true).min(initial=math.inf)
                    if near < min(2 * unit, open_ / SHARPER) and _no_round_number(true, unit):
                        found.append(f"{name} {field}: {figure} has {true:g} to {unit:.2g}")
    return found


def _not_as_they_are(
    folder: Path, shown: dict[str, Row]
) -> Iterator[tuple[str, str, float, float]]:
    """Id, field, true number and step of what is rounded; of what is withheld the step is 0.

    A curve has one height from one event to the next, and that of the other arm may have the same:
    what is shown on another day or of another arm is no secret. Nor is a fraction of small numbers.
    """
    with (folder / "results.csv").open(newline="") as lines:
        rows = list(csv.DictReader(lines))
    public = {
        (*_about(row), f"{float(row[f]):.{DIGITS}g}") for row in rows for f in DRAWN if row[f]
    }
    for row in rows:
        words = dict(w.partition(":")[::2] for w in row["suppressed"].split())
        for field in FIELDS:
            true = shown[row["id"]][field] if row["id"] in shown else ""
            curve = row["statistic"] == "survival"
            if field in words and true:
                if curve and (*_about(row), f"{float(true):.{DIGITS}g}") in public:
                    continue
                if abs(Fraction(true).limit_denominator(MOST_IN_ARM) - Fraction(true)) < 1e-9:
                    continue
                yield row["id"], field, float(true), float(words[field] or 0)


def _about(row: Row) -> tuple[str, ...]:
    return row["statistic"], row["endpoint"]


def _numbers(folder: Path) -> Iterator[tuple[str, set[str]]]:
    """The numbers of every file, to `DIGITS` digits; those of its folders, too."""
    for path in sorted(folder.rglob("*")):
        if path.suffix == ".json":
            text = json.dumps(json.loads(path.read_text()))
        elif path.suffix == ".docx":
            with zipfile.ZipFile(path) as parts:
                text = parts.read("word/document.xml").decode()
        elif path.suffix in {".html", ".csv", ".rtf", ".yaml"}:
            text = path.read_text()
        elif path.suffix == ".svg":  # its words; its coordinates are read off the axes
            text = re.sub(r" [a-z]+=\"[^\"]*\"", "", path.read_text())
        else:
            continue
        words = re.findall(r"(?<![\w.])-?\d+\.\d{4,}(?:e-?\d+)?", text)
        yield path.relative_to(folder).as_posix(), {f"{float(word):.{DIGITS}g}" for word in words}


def _figures(folder: Path) -> Iterator[tuple[str, str]]:
    """The drawings of the page, and those files of figures that are not drawn the same."""
    page = (folder / "report.html").read_text()
    of_page = {}
    for name, rest in re.findall(r'<figure id="([^"]+)">(.*?)</figure>', page, re.DOTALL):
        svg = re.search(r"<svg.*?</svg>", rest, re.DOTALL)
        if svg:
            of_page[name] = _points(svg.group(0))
            yield name, svg.group(0)
    for path in sorted((folder / "figures").glob("*.svg")):
        drawing = path.read_text()
        if not np.array_equal(_points(drawing), of_page.get(path.stem, np.nan)):
            yield path.stem, drawing


def _readings(figure: str, svg: str) -> Iterator[tuple[np.ndarray, float]]:
    """The points of all paths in the units of each axis, and what a coordinate leaves open."""
    points = _points(svg)
    for place, side in enumerate("xy"):
        ticks = _ticks(figure, svg, side, place)
        for scale, back in ((np.asarray, np.asarray), (_logs, np.exp)):
            fit = _line(ticks, scale)
            if fit is not None:
                slope, start = fit
                values = back(start + slope * points[:, place])
                unit = abs(slope) * 1e-5
                yield values, unit if back is np.asarray else unit * float(np.median(values))


def _points(svg: str) -> np.ndarray:
    """The ends of all straight lines, and the places of all marks."""
    drawing = re.sub(r"<defs>.*?</defs>", "", svg, flags=re.DOTALL)
    paths = re.findall(r'<path[^>]* d="([^"]*)"', drawing)
    found = [pair for path in paths for pair in re.findall(r"[ML] (-?[\d.]+) (-?[\d.]+)", path)]
    found += re.findall(r'<use [^>]*x="(-?[\d.]+)" y="(-?[\d.]+)"', drawing)
    return np.array(found, dtype=float).reshape(-1, 2)


def _ticks(figure: str, svg: str, side: str, place: int) -> list[tuple[float, float]]:
    """The coordinate of each tick that is labelled with a number, and the number."""
    found = []
    for part in svg.split(f'<g id="{figure}-{side}tick_')[1:]:
        mark = re.search(r'<use [^>]*x="(-?[\d.]+)" y="(-?[\d.]+)"', part)
        label = re.search(r"<text[^>]*>(.*?)</text>", part, re.DOTALL)
        if mark and label and (not found or mark.start() < label.start()):
            told = re.sub(r"<[^>]+>", "", label.group(1))
            word = unescape(told).replace("\N{MINUS SIGN}", "-").strip()
            if re.fullmatch(r"[-+]?[\d.,]+%?", word):
                value = float(word.rstrip("%").replace(",", ""))
                found.append((float(mark.group(place + 1)), value / 100 if "%" in word else value))
    return found


def _logs(values: np.ndarray) -> np.ndarray:
    positive = (np.asarray(values) > 0).all()
    return np.log(values) if positive else np.full(np.shape(values), math.nan)


def _line(ticks: list[tuple[float, float]], scale) -> tuple[float, float] | None:
    """Slope and start of the axis on a scale, if all ticks lie on it."""
    if len(ticks) < 2:
        return None
    at, values = np.array(ticks).T
    told = scale(values)
    if not np.isfinite(told).all() or np.ptp(at) == 0:
        return None
    slope, start = np.polyfit(at, told, 1)
    off = np.abs(start + slope * at - told).max()
    return (slope, start) if off < 1e-3 * np.ptp(told) else None


def _no_round_number(value: float, unit: float) -> bool:
    """Whether a number is none that an axis, a tick or a rounded number would hold anyway."""
    return all(
        abs(value / step - round(value / step)) * step > 4 * unit for step in (0.05, 0.02, 0.1)
    )
