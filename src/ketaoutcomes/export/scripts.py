"""The scripts: the parts that the page shows, one after the other, and the comparison."""

from collections.abc import Iterator, Mapping
from importlib.resources import files

from ketaoutcomes.export.datasets import BASELINE, Datasets
from ketaoutcomes.families.registry import model_of
from ketaoutcomes.families.shared.code import (
    comment,
    plan_variables,
    r_numbers,
    r_text,
    r_texts,
    variables_of,
)
from ketaoutcomes.plan.parts import PlanPart
from ketaoutcomes.report.labels import arms_of
from ketaoutcomes.report.material import Material

FOLDER_IN_R = """\
folder <- sub("^--file=", "", grep("^--file=", commandArgs(FALSE), value = TRUE))
folder <- if (length(folder)) dirname(folder) else getwd()
source(file.path(folder, "functions.R"), encoding = "UTF-8")
"""


def scripts_of(material: Material, data: Datasets) -> dict[str, bytes]:
    """`functions.R`, `analysis.R` and `analysis.sas`."""
    calls = {
        name: model_of(analysis).calls(material, name, analysis)
        for name, analysis in material.plan.analyses.items()
    }
    in_r = {name: lines["R"] for name, lines in calls.items()}
    in_sas = {name: lines["SAS"] for name, lines in calls.items()}
    return {
        "functions.R": _functions().encode(),
        "analysis.R": "\n".join(_r(material, in_r)).encode(),
        "analysis.sas": "\n".join(_sas(material, in_sas, data)).encode(),
    }


def _functions() -> str:
    """What the parts of the script in R use, from the files of this package in order."""
    folder = files("ketaoutcomes.export") / "r"
    parts = sorted(folder.iterdir(), key=lambda file: file.name)
    return "\n".join(part.read_text(encoding="utf-8") for part in parts)


def _r(material: Material, calls: dict[str, str]) -> Iterator[str]:
    yield f"# {comment(material.plan.study.title)}"
    yield "# Run as:  Rscript analysis.R  in any folder; it writes numbers.csv and comparison.csv."
    yield FOLDER_IN_R
    for name, lines in calls.items():
        inside = "\n".join(f"  {line}".rstrip() for line in lines.splitlines())
        yield f"analyse({r_text(name)}, {{\n{inside}\n}})\n"
    yield _study_in_r(material)
    yield "quit(status = compare())\n"


WHY_NOT = {
    "dst01": "counts of participants in `n` alone",
    "trut01": "true values come from the simulation, on both sides of a pair",
    "trut02": "true values come from the simulation, on both sides of a pair",
    "nint01": "a margin beside a number that is repeated",
    "multt01": "the adjustment of p-values that are repeated has no code here",
}
"""Tables of the study that the script does not repeat."""


def _study_in_r(material: Material) -> str:
    """Baseline, missing scores and safety; why other tables are not repeated."""
    plan, variables = material.plan, plan_variables(material.plan)
    known = variables_of(tuple(dict.fromkeys([*variables, *plan.report.baseline_table])))
    named = {name: "" if name == BASELINE else known[name] for name in plan.report.baseline_table}
    arms = ",\n             ".join(r_texts(arms_of(plan, phase)) for phase in plan.phases)
    lines = [
        f'not_repeated({r_text(why)}, "{table}", analysis = "")' for table, why in WHY_NOT.items()
    ]
    return "\n".join(
        [
            *lines,
            'analyse("", describe_study(',
            f"  {r_texts(plan.phases)},",
            f"  arms = list({arms}),",
            f"  references = {r_texts(of.reference or '' for of in plan.phases.values())},",
            f"  variables = setNames({r_texts(named.values())}, {r_texts(named)}),",
            f"  rare = {r_texts(plan.safety.rare_events if plan.safety else ())},",
            f"  signs = {_limits_in_r(plan.safety.vital_signs if plan.safety else {}, SIGN)},",
            f"  tests = {_limits_in_r(plan.safety.laboratory if plan.safety else {}, TEST)},",
            f"  p_values = {r_text(plan.safety.p_values if plan.safety else 'none')}))",
        ]
    )


SIGN = {
    "low": "normal_low",
    "high": "normal_high",
    "alarm": "alarm_at_least",
    "rise": "rise_at_least",
    "resolved": "resolved_at_most",
}
"""Name in the script -> key of the plan, of the limits of a vital sign."""

TEST = {
    "low": "normal_low",
    "high": "normal_high",
    "above": "above",
    "below": "below",
    "times": "above_times_upper",
}
"""The same of a laboratory test."""


def _limits_in_r(measures: Mapping[str, PlanPart], keys: Mapping[str, str]) -> str:
    """A list of R: for each measure the limits that the plan gives."""
    told = [
        f"{r_text(name)} = list({', '.join(_told_in_r(measure, keys))})"
        for name, measure in measures.items()
    ]
    return f"list({', '.join(told)})"


def _told_in_r(measure: PlanPart, keys: Mapping[str, str]) -> Iterator[str]:
    for name, key in keys.items():
        limit: float | tuple[float, ...] | None = getattr(measure, key)
        if limit is not None and limit != ():
            yield f"{name} = {r_numbers(limit if isinstance(limit, tuple) else (limit,))}"


def _sas(material: Material, calls: dict[str, str], data: Datasets) -> Iterator[str]:
    yield f"/* {comment(material.plan.study.title)} */"
    yield (files("ketaoutcomes.export") / "sas" / "begin.sas").read_text(encoding="utf-8")
    for name, frame in data.frames.items():
        rows = data.dictionary[data.dictionary["dataset"] == name]
        kinds = dict(zip(rows["variable"], rows["type"], strict=True))
        yield _read_in_sas(name.lower(), {str(c): kinds[str(c)] == "number" for c in frame})
    for name, lines in calls.items():
        yield f"%let analysis = {name};\n/* {comment(name)} */\n{lines}\n"
    yield (files("ketaoutcomes.export") / "sas" / "end.sas").read_text(encoding="utf-8")


LONGEST_TEXT = 200


def _read_in_sas(name: str, numeric: dict[str, bool]) -> str:
    """A data step that reads a dataset: commas, quotes, blanks for missing.

    The apostrophe that keeps a spreadsheet from running a text is taken off.
    """
    texts = [variable for variable, is_number in numeric.items() if not is_number]
    lengths = f"  length {' '.join(texts)} ${LONGEST_TEXT};\n" if texts else ""
    read = "\n    ".join(numeric)
    plain = "".join(f"  {v} = prxchange('s/^\\x27(?=[-=+@])//', 1, {v});\n" for v in texts)
    return (
        f'data adam.{name};\n  infile "&folder/{name}.csv" dsd truncover firstobs=2 lrecl=32767;\n'
        f"{lengths}  input\n    {read};\n{plain}run;\n"
    )
