"""What a calibration writes: fitted values, the ledger, and the scenarios that take the values."""

from collections.abc import Iterable, Mapping
from dataclasses import asdict, fields
from io import StringIO
from pathlib import Path

import pandas as pd
from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap

from ketaoutcomes.cohorts.evidence.ledger import LedgerRow
from ketaoutcomes.cohorts.evidence.library import Evidence
from ketaoutcomes.cohorts.evidence.parameters import FittedFamily
from ketaoutcomes.cohorts.evidence.shipped import ShippedRow
from ketaoutcomes.cohorts.simulation.scenario import Scenario
from ketaoutcomes.runs.disk import READABLE, write_file
from ketaoutcomes.runs.replacing import refuse_file

NO_FOLDING = 10_000

HEADER = "# Written by `python -m ketaoutcomes calibrate --write`; the ledger is ledger.csv.\n"


def fitted_text(fitted: Mapping[str, FittedFamily]) -> str:
    """The file of fitted values."""
    yaml = YAML()
    yaml.default_flow_style = False
    yaml.width = 100
    stream = StringIO()
    yaml.dump({n: f.model_dump(exclude_none=True) for n, f in fitted.items()}, stream)
    return HEADER + stream.getvalue()


def ledger_text(rows: Iterable[LedgerRow]) -> str:
    """The ledger of the replicas as CSV."""
    return _csv(LedgerRow, rows)


def shipped_text(rows: Iterable[ShippedRow]) -> str:
    """The ledger of the scenarios as they ship, as CSV."""
    return _csv(ShippedRow, rows)


def _csv(kind: type[LedgerRow | ShippedRow], rows: Iterable[LedgerRow | ShippedRow]) -> str:
    names = [field.name for field in fields(kind)]
    frame = pd.DataFrame([asdict(row) for row in rows], columns=names)
    text: str = frame.to_csv(index=False, lineterminator="\n")
    return text


def calibrated_to(evidence: Evidence, rows: Iterable[ShippedRow]) -> list[dict[str, object]]:
    """The trials that a scenario is fitted to, each with its results and their source."""
    ids: dict[str, list[str]] = {}
    for row in rows:
        if row.role == "fitted":
            ids.setdefault(row.trial, []).append(row.id)
    return [
        {
            "trial": trial,
            "results": list(dict.fromkeys(found)),
            "source": "; ".join(
                dict.fromkeys(evidence.sources[evidence.result(i).source].cited for i in found)
            ),
        }
        for trial, found in ids.items()
    ]


def scenario_text(
    text: str,
    values: Mapping[str, float],
    targets: list[dict[str, object]] | None = None,
) -> str:
    """A scenario's file with some values and its targets changed, its comments and order kept.

    Raises
    ------
    ValidationError
        If the file would then be no scenario.
    """
    yaml = YAML()
    yaml.width = NO_FOLDING
    yaml.preserve_quotes = True
    yaml.indent(mapping=2, sequence=4, offset=2)
    content = yaml.load(text)
    for path, value in values.items():
        *steps, last = path.split(".")
        here = content
        for step in steps:
            here = here[step]
        here[last] = value
    if targets is not None:
        content["calibrated_to"] = [_on_one_line(target) for target in targets]
    stream = StringIO()
    yaml.dump(content, stream)
    Scenario.model_validate(YAML(typ="safe", pure=True).load(stream.getvalue()))
    return stream.getvalue()


def _on_one_line(target: dict[str, object]) -> CommentedMap:
    """An entry of a list that is written on one line."""
    entry = CommentedMap(target)
    entry.fa.set_flow_style()
    return entry


def refuse_other_file(path: Path) -> None:
    """Refuse to replace any file but a ledger.

    Raises
    ------
    CommandError
        If there is another file, or none can be written.
    """
    refuse_file(path, shipped_text(()).rstrip("\n"))


def write_texts(texts: Mapping[Path, str]) -> None:
    """Write some files, each whole or not at all."""
    for path, text in texts.items():
        mode = path.stat().st_mode if path.exists() else READABLE
        write_file(path, text.encode(), mode)
