"""A Sphinx extension: which analysis answers which question, from the registry of families."""

import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

sys.path.append(str(Path(__file__).parent))

from plan_lines import lines_of

from ketaoutcomes.families.registry import Family, Model, families

PAGE = Path(__file__).with_name("questions.md")
INTRODUCTION = """\
# Which analysis for which question

Find your question in the table. The link in the second column leads to the lines of a plan that ask
it. Each plan is shipped with the program: `python -m ketaoutcomes example` lists them.
"""


@dataclass(frozen=True)
class Question:
    """A question that somebody brings, and where it is answered.

    Attributes
    ----------
    asks : str
        The question in a clinician's words.
    page : str
        The page on the method, with its heading where it is one of several.
    plan : str
        A shipped plan that asks it.
    keys : tuple of str
        Where its lines are.
    """

    asks: str
    page: str
    plan: str
    keys: tuple[str, ...]


OF_MODELS = {
    "mmrm": Question(
        "Is the score at the visit lower in one arm? Participants were assessed several times.",
        "mmrm",
        "trd",
        ("analyses", "primary"),
    ),
    "random_intercept": Question(
        "Does the result of the MMRM hold if each participant has a level of their own?",
        "mixed",
        "trd",
        ("analyses", "random_intercept"),
    ),
    "random_slope": Question(
        "Does it hold if each participant has a level and a speed of change of their own?",
        "mixed",
        "trd",
        ("analyses", "random_slope"),
    ),
    "crossover": Question(
        "Does a treatment differ from another when each participant takes both in turn?",
        "crossover",
        "bipolar",
        ("analyses", "crossover"),
    ),
    "gee": Question(
        "What are the odds of response at each visit, on average over participants?",
        "mixed",
        "trd",
        ("analyses", "response_gee"),
    ),
    "logistic_mixed": Question(
        "What are the odds of response at each visit, for one participant?",
        "mixed",
        "trd",
        ("analyses", "response_mixed"),
    ),
    "proportions": Question(
        "Do more participants respond or remit in one arm?",
        "proportions",
        "trd",
        ("analyses", "response"),
    ),
    "incidence": Question(
        "How many participants have a rare outcome, and how many could it be at most?",
        "safety",
        "bipolar",
        ("analyses", "switch"),
    ),
    "dose_response": Question(
        "Does the effect rise with the dose, and in which shape?",
        "dose-response",
        "dose",
        ("analyses", "doses"),
    ),
    "g_computation": Question(
        "Does access or a risk differ between groups after adjustment for covariates?",
        "economics",
        "heterogeneity",
        ("analyses", "response_by_trait"),
    ),
    "paired": Question(
        "Does the score differ between two conditions that all participants had in the same order?",
        "paired",
        "open_label",
        ("analyses", "pairs"),
    ),
    "paired_proportions": Question(
        "Does a yes or no differ between two visits of the same participants?",
        "paired",
        "open_label",
        ("analyses", "severe_pairs"),
    ),
    "mediation": Question(
        "How much of the effect runs through a biomarker or an early symptom?",
        "mediation",
        "biomarkers",
        ("analyses", "through_bdnf"),
    ),
    "trajectory_classes": Question(
        "Which kinds of course do participants have?",
        "trajectories",
        "heterogeneity",
        ("analyses", "courses"),
    ),
    "cost_effectiveness": Question(
        "Is the treatment worth its cost?", "economics", "quality_of_life", ("analyses", "value")
    ),
    "time_to_event": Question(
        "How long until a relapse, a response or another event?",
        "survival",
        "maintenance",
        ("analyses", "relapse"),
    ),
    "multiple_imputation": Question(
        "What if those who discontinued did as the reference arm did, or were missing at random?",
        "imputation",
        "trd",
        ("analyses", "jump"),
    ),
    "conditional_mean": Question(
        "The same question, answered without random numbers",
        "imputation",
        "trd",
        ("analyses", "at_random"),
    ),
    "tipping_point": Question(
        "How much worse would the missing scores have to be to change the conclusion?",
        "imputation",
        "trd",
        ("analyses", "tipping"),
    ),
    "aft": Question(
        "By which factor does the treatment lengthen the time to the event?",
        "survival",
        "maintenance",
        ("analyses", "log_normal"),
    ),
    "interval_censored": Question(
        "How long until an event that is only known to lie between two visits?",
        "survival",
        "maintenance",
        ("analyses", "between_visits"),
    ),
    "recurrent_events": Question(
        "How often does an event happen that can happen again?",
        "survival",
        "maintenance",
        ("analyses", "severe_episodes"),
    ),
}
FURTHER = {
    "Subgroups": Question(
        "Does the effect differ between subgroups?", "subgroups", "trd", ("analyses", "primary")
    ),
    "Multiple testing": Question(
        "How is the family-wise error rate of several tests controlled?",
        "multiplicity",
        "trd",
        ("multiplicity",),
    ),
    "Safety tables": Question(
        "Which adverse events happened, and how often?", "safety", "trd", ("safety",)
    ),
    "Power by simulation": Question(
        "How many participants does the trial need?", "power", "trd", ("power",)
    ),
    "One arm": Question(
        "What was observed in a study without a comparison?",
        "one-arm",
        "open_label",
        ("analyses", "primary"),
    ),
    "Synthesis of published results": Question(
        "What do several published trials say together?",
        "synthesis",
        "ketamine_trials",
        ("outcomes", "one_day"),
    ),
}


def setup(app: Any) -> dict[str, bool]:
    """Write the page before Sphinx looks for pages."""
    app.connect("config-inited", lambda *_: PAGE.write_text(questions(), encoding="utf-8"))
    return {"parallel_read_safe": True}


def questions() -> str:
    """The page as Markdown."""
    rows = ["| question | analysis | method | plan |", "|---|---|---|---|"]
    parts: list[str] = []
    for family in families():
        for model in family.models:
            question = OF_MODELS[model.name]
            rows.append(_row(question, model.label))
            parts += [_part(question, model.label), _of_registry(family, model)]
    for label, question in FURTHER.items():
        rows.append(_row(question, label))
        parts.append(_part(question, label))
    return "\n".join([INTRODUCTION, *rows, "", *parts])


def _row(question: Question, label: str) -> str:
    slug = label.lower().replace(" ", "-")
    cells = (
        question.asks,
        f"[{label}](#{slug})",
        f"[method](methods/{question.page}.md)",
        f"`{question.plan}.yaml`",
    )
    return f"| {' | '.join(cells)} |"


def _part(question: Question, label: str) -> str:
    lines = lines_of(question.plan, *question.keys)
    return "\n".join(
        [
            f"## {label}\n",
            f"*{question.asks}*\n",
            f"```yaml\n{lines}\n```\n",
            f"From `analyses/{question.plan}.yaml`. [The method](methods/{question.page}.md)\n",
        ]
    )


def _of_registry(family: Family, model: Model) -> str:
    """What the model can be asked of, as the program itself has it."""
    return "\n".join(
        [
            f"- `model: {model.name}`",
            f"- Endpoints: {', '.join(f'`{kind}`' for kind in model.part.endpoint_kinds)}",
            *_summaries(family),
            "",
        ]
    )


def _summaries(family: Family) -> Iterator[str]:
    if family.main_results:
        names = ", ".join(f"`{name.replace(' ', '_')}`" for name in family.main_results)
        yield f"- Summaries that its family estimates: {names}"
