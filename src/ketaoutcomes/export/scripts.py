"""The scripts: the parts that the page shows, one after the other, and the comparison."""

from collections.abc import Iterator
from importlib.resources import files

from ketaoutcomes.export.datasets import Datasets
from ketaoutcomes.families.registry import model_of
from ketaoutcomes.families.shared.code import comment, r_text, sas_text
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
    title = comment(material.plan.study.title)
    return {
        "functions.R": _functions().encode(),
        "analysis.R": "\n".join(_r(title, {n: c["R"] for n, c in calls.items()})).encode(),
        "analysis.sas": "\n".join(
            _sas(title, {n: c["SAS"] for n, c in calls.items()}, data)
        ).encode(),
    }


def _functions() -> str:
    """What the parts of the script in R use, from the files of this package in order."""
    folder = files("ketaoutcomes.export") / "r"
    parts = sorted(folder.iterdir(), key=lambda file: file.name)
    return "\n".join(part.read_text(encoding="utf-8") for part in parts)


def _r(title: str, calls: dict[str, str]) -> Iterator[str]:
    yield f"# {title}"
    yield "# Run as:  Rscript analysis.R  in any folder; it writes numbers.csv and comparison.csv."
    yield FOLDER_IN_R
    for name, lines in calls.items():
        inside = "\n".join(f"  {line}".rstrip() for line in lines.splitlines())
        yield f"analyse({r_text(name)}, {{\n{inside}\n}})\n"
    yield "describe_all()"
    yield "quit(status = compare())\n"


def _sas(title: str, calls: dict[str, str], data: Datasets) -> Iterator[str]:
    yield f"* {title};"
    yield (files("ketaoutcomes.export") / "sas" / "begin.sas").read_text(encoding="utf-8")
    for name, frame in data.frames.items():
        rows = data.dictionary[data.dictionary["dataset"] == name]
        kinds = dict(zip(rows["variable"], rows["type"], strict=True))
        yield _read_in_sas(name.lower(), {str(c): kinds[str(c)] == "number" for c in frame})
    for name, lines in calls.items():
        yield f"%let analysis = {name};\n* {comment(name)};\n{lines}\n"
    yield (files("ketaoutcomes.export") / "sas" / "end.sas").read_text(encoding="utf-8")


LONGEST_TEXT = 200


def _read_in_sas(name: str, numeric: dict[str, bool]) -> str:
    """A data step that reads a dataset: commas, quotes, blanks for missing."""
    texts = [variable for variable, is_number in numeric.items() if not is_number]
    lengths = f"  length {' '.join(texts)} ${LONGEST_TEXT};\n" if texts else ""
    read = "\n    ".join(numeric)
    harmless = "".join(
        f"  if {v} =: \"'\" then {v} = prxchange('s/^\\x27([-=+@])/$1/', 1, {v});\n" for v in texts
    )
    return (
        f"data adam.{name};\n"
        f"  infile {sas_text(name + '.csv').replace(chr(39), chr(34)).replace(name, '&folder/' + name)}"
        " dsd truncover firstobs=2 lrecl=32767;\n"
        f"{lengths}  input\n    {read};\n{harmless}run;\n"
    )
