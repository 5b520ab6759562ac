"""A plan for a file of published results, one row a study, comparison, outcome and time."""

import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

import pandas as pd

from ketaoutcomes.data.inspection.comparisons import comparisons_of
from ketaoutcomes.data.inspection.direction import BETTER_WHEN_HIGH, WORSE_WHEN_HIGH
from ketaoutcomes.data.inspection.guessed import Guess
from ketaoutcomes.data.inspection.propose import Proposal
from ketaoutcomes.data.inspection.questions import Choice, Question
from ketaoutcomes.data.inspection.reading import Reading, answered
from ketaoutcomes.data.inspection.study_effects import STUDY, effect_columns

ARMS: Final = (("1", "2"), ("t", "c"), ("e", "c"), ("active", "control"))
"""Endings of the columns of the active arm and of the control."""

FIELDS: Final[dict[str, dict[str, tuple[str, ...]]]] = {
    "means": {"n": ("n",), "mean": ("mean",), "sd": ("sd",)},
    "changes": {"n": ("nchange",), "mean": ("meanchange",), "sd": ("sdchange",)},
    "counts": {"events": ("event", "events"), "n": ("totaln", "ntotal", "total", "n")},
}
"""Kind of result -> field -> how its column may be called, without endings and punctuation."""

NAMES: Final = {
    "study": STUDY.pattern,
    "instrument": r"instrument|scale|measure",
    "days": r"time_?days|days?",
}
ARM_NAMES: Final = ("drug", "treatment", "intervention", "condition", "name")
"""What the columns that name an arm may be called, the likeliest first."""

CHARACTERISTICS: Final = ("year", "country", "diagnosis", "design", "blinding")
BIAS: Final = re.compile(r"d[1-7]|rob|risk_?of_?bias", re.IGNORECASE)
PLACE: Final = "place of the kind of result"
DECIMAL_COMMA: Final = re.compile(r"[+-]?\d+,\d+")
DIRECTIONS: Final = (
    Choice("lower", "lower scores, or fewer events, are better"),
    Choice("higher", "higher scores, or more events, are better"),
)
REMARKS: Final = (
    "`where` says which rows belong to the outcome, and `prefer` which of several of a study is "
    "wanted most: check both, as 1 result a study is pooled",
    "check the measure: an effect that a study reports is the ratio itself, not its logarithm, so "
    "that no effect is 1",
)


def propose_synthesis(seen: Guess, name: str) -> Proposal | None:
    """The plan of a synthesis, if the file tells studies and results of two arms."""
    columns = tuple(seen.columns)
    study = _called(columns, NAMES["study"])
    found = {kind: arms for kind in FIELDS if (arms := _arms(columns, kind)) is not None}
    effects = effect_columns(columns)
    if study is None or not (found or effects):
        return None
    told: dict[str, Any] = {"study": study}
    pairs = _pairs(columns)
    labels = next((pairs[stem] for stem in ARM_NAMES if stem in pairs), None)
    if labels is not None:
        told |= {"active": labels[0], "control": labels[1]}
    for role in ("instrument", "days"):
        if (column := _called(columns, NAMES[role])) is not None:
            told[role] = column
    told |= found
    if effects is not None:
        told["effects"] = effects[0]
    told |= _described(columns)
    of_means: list[str] = [kind for kind in ("means", "changes") if kind in found]
    data: dict[str, Any] = {"file": seen.file, "columns": told}
    if _has_decimal_commas(seen, found):
        data["decimal"] = ","
    results = of_means or (["counts"] if found else ["effects"])
    direction = _direction(seen, told.get("instrument"))
    keep = {c: 1 for c in columns if c.casefold().startswith("primary")}
    rows = _rows_to_pool(seen, keep, [found[kind] for kind in results if kind in found])
    chosen = comparisons_of(rows, study, pairs, seen.asked)
    outcome = {
        "label": "Outcome",
        "role": "primary",
        "measure": "hedges_g" if of_means else "risk_ratio",
        "better": direction.taken or direction.gap,
        "results": results,
        "where": keep,
        "prefer": chosen.prefer,
    }
    if not found and effects is not None:
        outcome["measure"] = effects[1]
    plan = {
        "synthesis": {
            "id": re.sub(r"\W+", "_", name).strip("_").lower() or "synthesis",
            "title": "Say what this is",
            "question": "Say what is asked",
            "condition": "Name the condition",
        },
        "data": data,
        "outcomes": {"outcome": {key: value for key, value in outcome.items() if value != {}}},
    }
    readings = tuple(_readings(seen, study, rows, outcome, (direction, chosen.question)))
    return Proposal((seen.file,), plan, REMARKS, tuple(seen.asked.questions), readings=readings)


def _readings(
    seen: Guess,
    study: str,
    rows: pd.DataFrame,
    outcome: Mapping[str, Any],
    questions: tuple[Question | None, ...],
) -> Iterator[Reading]:
    """What the plan settles; studies are published, so that all counts may be told."""
    studies = rows[study].nunique()
    follows = f"{len(rows)} of {len(seen.columns[study].text)} rows, of {studies} studies"
    yield Reading(
        "file",
        f"`{seen.file}` holds results of studies, `{study}` names each",
        "its columns are called after means, counts or effects of two arms",
        follows,
        tuple(("data", key) for key in ("file", "columns", "decimal")),
    )
    yield Reading(
        "outcome",
        f"`{outcome['measure']}` is pooled from {', '.join(outcome['results'])}",
        "these results stand in columns of both arms, or with their error",
        f"one result of each of {studies} studies; the active arm is the one named first",
        tuple(("outcomes", "*", k) for k in ("label", "role", "measure", "results", "prefer")),
    )
    if outcome["where"]:
        named = ", ".join(f"`{column}`" for column in outcome["where"])
        yield Reading(
            "rows", f"rows with 1 in {named} are pooled", "it is called after the primary outcome",
            follows, (("outcomes", "*", "where"),),
        )  # fmt: skip
    for question in questions:
        if question is not None and not question.is_open:
            yield answered(
                "direction", question, f"of {studies} studies", ("outcomes", "*", "better"),
                ("outcomes", "*", "prefer"),
            )  # fmt: skip


def _direction(seen: Guess, instrument: str | None) -> Question:
    """Which direction is better: evident where most results are of scales named for a disorder."""
    told = pd.Series(dtype=str) if instrument is None else seen.columns[instrument].told
    worse = told.map(lambda name: WORSE_WHEN_HIGH.search(str(name)) is not None)
    other = told.map(lambda name: BETTER_WHEN_HIGH.search(str(name)) is not None)
    evident = len(told) > 0 and float(worse.mean()) > 1 / 2 and not other.any()
    return seen.asked.decide(
        "better",
        "Which direction of the outcome is better?",
        DIRECTIONS,
        evident="lower" if evident else "",
        because=f"most results are of scales of `{instrument}` on which a high score is worse"
        if evident
        else "",
    )


def _rows_to_pool(
    seen: Guess, keep: Mapping[str, int], kinds: list[dict[str, dict[str, str]]]
) -> pd.DataFrame:
    """The rows that `keep` leaves, of each study those with the most wanted kind of result."""
    frame = pd.DataFrame({name: column.text for name, column in seen.columns.items()})
    for column, value in keep.items():
        frame = frame[seen.columns[column].number.reindex(frame.index) == value]
    told = [
        frame[[c for fields in arms.values() for c in fields.values()]].notna().all(axis=1)
        for arms in kinds
    ]
    if not told:
        return frame
    place = pd.concat(told, axis=1).to_numpy()
    frame = frame[place.any(axis=1)].assign(**{PLACE: place.argmax(axis=1)[place.any(axis=1)]})
    study = _called(tuple(seen.columns), NAMES["study"])
    best = frame.groupby(study)[PLACE].transform("min")
    return frame[frame[PLACE] == best]


def _called(columns: tuple[str, ...], pattern: str) -> str | None:
    """The first column of such a name."""
    return next((c for c in columns if re.fullmatch(pattern, c, re.IGNORECASE)), None)


def _pairs(columns: tuple[str, ...]) -> dict[str, tuple[str, str]]:
    """Columns of both arms by what they have in common, without `arm` and punctuation."""
    found: dict[str, tuple[str, str]] = {}
    for active, control in ARMS:
        for column in columns:
            other = column[: -len(active)] + control
            if column.casefold().endswith(active) and other in columns and other != column:
                stem = re.sub(r"_|\.|arm|grp|group", "", column[: -len(active)].casefold())
                found.setdefault(stem, (column, other))
    return found


def _arms(columns: tuple[str, ...], kind: str) -> dict[str, dict[str, str]] | None:
    """The columns of a kind of result in both arms; None where one is lacking."""
    pairs = _pairs(columns)
    chosen = {
        field: next((pairs[stem] for stem in stems if stem in pairs), None)
        for field, stems in FIELDS[kind].items()
    }
    known = {field: pair for field, pair in chosen.items() if pair is not None}
    if len(known) < len(chosen):
        return None
    return {
        arm: {field: pair[place] for field, pair in known.items()}
        for place, arm in enumerate(("active", "control"))
    }


def _described(columns: tuple[str, ...]) -> dict[str, dict[str, str]]:
    """Columns for the table of studies and for that of their risk of bias."""
    blocks = {
        "characteristics": {
            name.capitalize(): column
            for name in CHARACTERISTICS
            if (column := _called(columns, name)) is not None
        },
        "risk_of_bias": {c.upper(): c for c in columns if BIAS.fullmatch(c)},
    }
    return {name: block for name, block in blocks.items() if block}


def _has_decimal_commas(seen: Guess, found: Mapping[str, Any]) -> bool:
    named = {c for arms in found.values() for arm in arms.values() for c in arm.values()}
    return any(
        DECIMAL_COMMA.fullmatch(str(text)) for column in named for text in seen.columns[column].told
    )
