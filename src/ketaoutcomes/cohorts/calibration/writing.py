"""What a calibration writes: fitted values, the ledger, and the scenarios that take the values."""

from collections.abc import Iterable, Mapping
from dataclasses import asdict, fields
from io import StringIO
from pathlib import Path

import pandas as pd
from ruamel.yaml import YAML

from ketaoutcomes.cohorts.calibration.problem import EFFECT
from ketaoutcomes.cohorts.calibration.replay import CONTROL, NOT_KETAMINE
from ketaoutcomes.cohorts.evidence.ledger import LedgerRow
from ketaoutcomes.cohorts.evidence.library import Evidence
from ketaoutcomes.cohorts.evidence.parameters import FittedFamily, FittedTrial
from ketaoutcomes.cohorts.simulation.scenario import Scenario
from ketaoutcomes.runs.disk import READABLE, write_file
from ketaoutcomes.runs.replacing import refuse_file

Values = dict[str, float]
"""Numbers of a scenario by dotted path."""

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
    """The ledger as CSV."""
    names = [field.name for field in fields(LedgerRow)]
    frame = pd.DataFrame([asdict(row) for row in rows], columns=names)
    text: str = frame.to_csv(index=False, lineterminator="\n")
    return text


def values_of_scenario(evidence: Evidence, family: str, scenario: Scenario, name: str) -> Values:
    """What a scenario takes: shared values, and those of the trial that it stands for."""
    free, fitted = evidence.families[family], evidence.fitted[family]
    trial = fitted.scenarios.get(name, FittedTrial())
    values = {**fitted.shared, **trial.own}
    for path in () if free.effect is None else free.effect.scales:
        if path in values:
            values[path] = float(f"{trial.effect * values[path]:.5g}")
    replica = evidence.trials[free.scenarios[name]].replica
    assert replica is not None
    controls = [
        f"phases.{replica.phase}.arms.{arm}."
        for arm, dosing in scenario.phases[replica.phase].arms.items()
        if dosing.drug in NOT_KETAMINE
    ]
    written: Values = {}
    for path, value in values.items():
        if path.startswith(CONTROL):
            written |= {control + path.removeprefix(CONTROL): value for control in controls}
        elif path != EFFECT:
            written[path] = value
    return written


def scenario_text(text: str, values: Mapping[str, float]) -> str:
    """A scenario's file with some values changed, its comments and order kept.

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
    stream = StringIO()
    yaml.dump(content, stream)
    Scenario.model_validate(YAML(typ="safe", pure=True).load(stream.getvalue()))
    return stream.getvalue()


def refuse_other_file(path: Path) -> None:
    """Refuse to replace any file but a ledger.

    Raises
    ------
    CommandError
        If there is another file, or none can be written.
    """
    refuse_file(path, ledger_text(()).rstrip("\n"))


def write_texts(texts: Mapping[Path, str]) -> None:
    """Write some files, each whole or not at all."""
    for path, text in texts.items():
        mode = path.stat().st_mode if path.exists() else READABLE
        write_file(path, text.encode(), mode)
