"""The page of every figure, each under the lines of the shipped plan that made it.

As a Sphinx extension it writes the page; run as ``python docs/gallery.py`` it draws the figures:
it runs the plans and keeps their figures in ``docs/_build/gallery``, where the page finds them.
"""

import csv
import io
import shutil
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

sys.path.append(str(Path(__file__).parent))

from plan_lines import PLANS, lines_of

from ketaoutcomes.cli.main import main

PAGE = Path(__file__).with_name("gallery.md")
DRAWN = Path(__file__).parent / "_build" / "gallery"
INTRODUCTION = """\
# Gallery

Every figure that the program draws, and the lines of a plan that made it. The plans are in the
folder `analyses/`. The data are simulated: no real patients, not for clinical decisions. In a
report the numbers of each figure stand in a table next to it.
"""
MADE_UP = {
    "psilocybin": "The file of this plan, published results of trials, is not part of the project. "
    "The studies of this figure are made up.",
}
"""Plan whose data do not come with it -> what the page says of its figures."""


@dataclass(frozen=True)
class Shown:
    """A figure of the gallery.

    Attributes
    ----------
    figure : str
        The figure's id in the run, which is the name of its file.
    title, shows : str
        What it is, and what a reader sees in it.
    plan : str
        The shipped plan that draws it.
    keys : tuple of str
        Where the lines are that ask for it.
    """

    figure: str
    title: str
    shows: str
    plan: str
    keys: tuple[str, ...]


FIGURES = (
    Shown(
        "flow-diagram",
        "Participant flow",
        "How many participants were randomised, discontinued and were analysed, per arm and phase.",
        "trd",
        ("phases",),
    ),
    Shown(
        "forest-primary",
        "All analyses of one comparison",
        "The estimate and interval of each analysis; open symbols target another estimand.",
        "trd",
        ("estimands", "primary"),
    ),
    Shown(
        "mmrmg01-primary",
        "Least-squares means by visit",
        "The mean change in each arm at each visit, with its confidence interval.",
        "trd",
        ("analyses", "primary"),
    ),
    Shown(
        "mmrmg02-primary",
        "Residuals of the mixed model",
        "Whether the residuals are close to a normal distribution and equally spread.",
        "trd",
        ("analyses", "primary"),
    ),
    Shown(
        "subg01-primary",
        "Treatment differences by subgroup",
        "The difference between arms in each subgroup, next to that of all participants.",
        "trd",
        ("analyses", "primary"),
    ),
    Shown(
        "pairg02-severe_pairs",
        "Paired comparison of proportions",
        "The difference of each visit from the first in the share with a yes, within participants.",
        "open_label",
        ("analyses", "severe_pairs"),
    ),
    Shown(
        "pairg01-pairs",
        "Paired comparison",
        "The difference of each visit from the first within participants, with its interval.",
        "open_label",
        ("analyses", "pairs"),
    ),
    Shown(
        "tipg01-tipping",
        "Tipping point",
        "Which deltas, added to the imputed scores of each arm, would change the conclusion.",
        "trd",
        ("analyses", "tipping"),
    ),
    Shown(
        "kmg01-relapse",
        "Kaplan-Meier curves",
        "The event-free probability over time in each arm, with the number at risk.",
        "maintenance",
        ("analyses", "relapse"),
    ),
    Shown(
        "kmg02-relapse",
        "Hazard ratio over time",
        "Whether the hazard ratio is constant, which Cox's model assumes.",
        "maintenance",
        ("analyses", "relapse"),
    ),
    Shown(
        "kmg04-relapse",
        "Two factors",
        "The hazard ratio of each factor within the levels of the other, with the events per arm.",
        "psychotherapy",
        ("analyses", "relapse"),
    ),
    Shown(
        "cifg01-relapse",
        "Cumulative incidence",
        "The probability of each kind of event when one kind prevents the other.",
        "maintenance",
        ("analyses", "relapse"),
    ),
    Shown(
        "aftg01-log_normal",
        "Parametric distribution of times",
        "The fitted event-free probability over the Kaplan-Meier curve.",
        "maintenance",
        ("analyses", "log_normal"),
    ),
    Shown(
        "recg01-severe_episodes",
        "Recurrent events",
        "The mean number of events per participant up to each day.",
        "maintenance",
        ("analyses", "severe_episodes"),
    ),
    Shown(
        "rspg01-remission",
        "Response or remission",
        "The percentage of participants in each arm, with its interval.",
        "titration",
        ("analyses", "remission"),
    ),
    Shown(
        "drsg01-doses",
        "Dose response",
        "The mean change at each dose, and the fitted curve with its confidence band.",
        "dose",
        ("analyses", "doses"),
    ),
    Shown(
        "medg01-through_bdnf",
        "Sensitivity of a mediation analysis",
        "The indirect effect if an unmeasured cause correlated the mediator and the outcome.",
        "biomarkers",
        ("analyses", "through_bdnf"),
    ),
    Shown(
        "ceg01-value",
        "Cost-effectiveness",
        "Resampled differences in costs and effects, and the acceptability curve.",
        "quality_of_life",
        ("analyses", "value"),
    ),
    Shown(
        "trjg01-courses",
        "Latent trajectory classes",
        "The mean trajectory of each class, and how many participants of each arm belong to it.",
        "heterogeneity",
        ("analyses", "courses"),
    ),
    Shown(
        "aeg01-induction",
        "Adverse events",
        "The percentage with each event per arm, and the risk difference with its interval.",
        "trd",
        ("safety",),
    ),
    Shown(
        "vsg01-infusion-sbp",
        "Vital signs",
        "The mean of a vital sign over time in each arm, with its confidence interval.",
        "single_dose",
        ("safety",),
    ),
    Shown(
        "calg01",
        "Simulation against published evidence",
        "How far the simulated results are from the published ones, in standard errors.",
        "trd",
        ("data",),
    ),
    Shown(
        "powg01-primary",
        "Power",
        "The share of simulated trials that reject, by the number of participants.",
        "trd",
        ("power",),
    ),
    Shown(
        "syng01-one_day",
        "Forest plot of a synthesis",
        "The effect in each study, the pooled effect and the prediction interval.",
        "ketamine_trials",
        ("outcomes", "one_day"),
    ),
    Shown(
        "syng02-one_day",
        "Small-study effects",
        "A funnel plot: the effect of each study by its standard error.",
        "ketamine_trials",
        ("outcomes", "one_day"),
    ),
    Shown(
        "syng03-severity-Year",
        "Meta-regression",
        "The effect of each study by a characteristic of the study.",
        "psilocybin",
        ("outcomes", "severity"),
    ),
)


def setup(app: Any) -> dict[str, bool]:
    """Write the page before Sphinx looks for pages."""
    app.connect("config-inited", lambda *_: PAGE.write_text(gallery(), encoding="utf-8"))
    return {"parallel_read_safe": True}


def gallery() -> str:
    """The page as Markdown."""
    return "\n".join([INTRODUCTION, *("\n".join(_part(shown)) for shown in FIGURES)])


def _part(shown: Shown) -> Iterator[str]:
    yield f"## {shown.title}\n\n{shown.shows}\n"
    if (DRAWN / f"{shown.figure}.svg").exists():
        yield f"![{shown.title}: {shown.shows}](_build/gallery/{shown.figure}.svg)\n"
    if shown.plan in MADE_UP:
        yield f"{MADE_UP[shown.plan]}\n"
    yield f"In `analyses/{shown.plan}.yaml`:\n"
    yield f"```yaml\n{lines_of(shown.plan, *shown.keys)}\n```\n"


def draw(folder: Path) -> None:
    """Run the plans and keep the figures of the gallery in a folder."""
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as scratch:
        (Path(scratch) / "data.csv").write_text(studies_made_up(), encoding="utf-8")
        for command, plan in dict.fromkeys(map(_run, FIGURES)):
            out = Path(scratch) / command / plan
            # few trials show what the figure of power looks like
            words = (
                ["--replicates", "20", "--work", f"{scratch}/work"] if command == "power" else []
            )
            words += ["--data", scratch] if plan in MADE_UP else []
            plan_file = str(PLANS / f"{plan}.yaml")
            if code := main([command, plan_file, "--out", str(out), "-q", *words]):
                sys.exit(code)
        for shown in FIGURES:
            name = f"{shown.figure}.svg"
            shutil.copyfile(Path(scratch, *_run(shown), "figures", name), folder / name)


def studies_made_up() -> str:
    """Twelve studies under the names of columns that the plan `psilocybin` reads."""
    rows = []
    for k in range(12):
        n, age = 20 + 5 * (k % 4), 36 + 7 * k % 11
        study = {
            "study": f"Study {k + 1}",
            "drug_arm1": "psilocybin",
            "drug_arm2": ("placebo", "niacin")[k % 2],
            "instrument": "MADRS",
            "time_days": 14,
            **dict.fromkeys(("n_arm1", "n_arm2", "totaln_arm1", "totaln_arm2"), n),
            "mean_arm1": 10 + 5 * k % 7,
            "mean_arm2": 17 + 3 * k % 5,
            **dict.fromkeys(("sd_arm1", "sd_arm2"), 8 + k % 3),
            "event_arm1": n // 2 + k % 3,
            "event_arm2": n // 4,
            "dose_arm1": "25 mg",
            "n_dosing_sessions": 1,
            "diagnosis": ("MDD", "TRD")[k % 2],
            "design": "parallel",
            "blinding": ("double", "open")[k % 2],
            "year": 2013 + k,
            "mean_age": age,
            "percent_women": 40 + 2 * k,
            **dict.fromkeys(("d1", "d2", "d3", "d4", "d5", "rob"), "low"),
            **dict.fromkeys(("primary_instrument", "primary_timepoint"), 1),
        }
        rows += [study | {"outcome_type": kind} for kind in ("msd", "response", "remission")]
    changes = [f"{x}_change_arm{arm}" for x in ("n", "mean", "sd") for arm in (1, 2)]
    names = [*rows[0], *changes, "post_crossover", "multi_arm1", "multi_arm2"]
    text = io.StringIO()
    writer = csv.DictWriter(text, names, restval="", lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue()


def _run(shown: Shown) -> tuple[str, str]:
    """The command that draws a figure, and its plan."""
    return ("power" if shown.keys == ("power",) else "run"), shown.plan


if __name__ == "__main__":
    draw(DRAWN)
