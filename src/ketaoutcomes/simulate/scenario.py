"""Scenarios: what a synthetic study is made of, read from the package's own YAML files."""

from importlib.resources import files
from typing import Literal

from pydantic import Field
from ruamel.yaml import YAML

from ketaoutcomes.plan.parts import Name, PlanPart


class ScenarioScale(PlanPart):
    """The scale that is simulated."""

    name: str
    low: float
    high: float
    better: Literal["lower"]


class Calibration(PlanPart):
    """A published result that the parameters were set to meet."""

    id: str
    what: str
    source: str


class Numeric(PlanPart):
    """A covariate drawn from a normal distribution and rounded, within bounds."""

    mean: float
    sd: float
    low: float
    high: float


Drug = Literal["ketamine", "esketamine", "midazolam", "placebo"]
Route = Literal["intravenous", "intramuscular", "intranasal", "oral", "sublingual"]


class Dosing(PlanPart):
    """An arm: its share of the allocation, what is given, how much, and on which days."""

    share: float = Field(default=1, gt=0)
    drug: Drug = "placebo"
    route: Route = "intravenous"
    dose: float = Field(default=0, ge=0)
    unit: Literal["mg", "mg/kg"] = "mg"
    dose_days: tuple[float, ...] = Field(default=(), strict=False)
    every_days: float | None = Field(default=None, gt=0)


class Entry(PlanPart):
    """Who enters a later phase: responders of an arm of an earlier one."""

    phase: Name
    arm: Name
    fall_at_least_percent: float


class Stratum(PlanPart):
    """A stratification factor: whether the last score before the phase is at or below a cut."""

    name: Name
    at_most: float


class ScenarioPhase(PlanPart):
    """A phase of the synthetic study."""

    days: float
    arms: dict[Name, Dosing]
    enters: Entry | None = None
    stratified_by: Stratum | None = None


class BaselineSeverity(PlanPart):
    """True severity at entry, normal and cut at the entry criterion."""

    mean: float
    sd: float
    entry_at_least: float


class Mixture(PlanPart):
    """An effect in points: a share of responders, and the others."""

    responders: float = Field(ge=0, le=1)
    mean: float
    sd: float
    others_mean: float
    others_sd: float


class PlaceboResponse(Mixture):
    """Improvement without the drug; 1 - exp(-t / days) of it is reached at time t."""

    days: float


class Expectancy(PlanPart):
    """Improvement right after the first session that fades."""

    mean: float
    sd: float
    fades_in_days: float


class DrugEffect(Mixture):
    """Improvement at full effect of the drug, and the effect compartment."""

    onset_hours: float
    half_life_days: float
    saturation: float


class Deviation(PlanPart):
    """A stationary Ornstein-Uhlenbeck process around the subject's course."""

    sd: float
    correlation_days: float


class Severity(PlanPart):
    """How severity moves, in points."""

    baseline: BaselineSeverity
    placebo: PlaceboResponse
    expectancy: Expectancy
    drug: DrugEffect
    deviation: Deviation
    measurement_sd: float


class Discontinuation(PlanPart):
    """Hazard of stopping treatment, by day, and the share that then leaves the study."""

    per_day: float
    per_day_and_point: float
    per_day_on_drug_first_week: float
    leaves_study: float


class Rise(PlanPart):
    """How a new episode lifts severity."""

    mean: float
    sd: float
    days: float


class Relapse(PlanPart):
    """Hazard of a new episode and of the events that count as relapse."""

    per_day: float
    per_day_and_point: float
    hazard_ratio_on_drug: float
    rise: Rise
    hospitalised_per_day: float
    hospitalised_above: float
    suicide_attempt_per_day: float
    judged_per_day: float
    judged_above: float


class AdverseEvent(PlanPart):
    """How often an adverse event is met in each arm of a phase, per cent of subjects.

    `session` events begin within hours of a dose, mostly an early one; others at any time.
    """

    soc: str
    percent: dict[Name, float]
    timing: Literal["session", "any"] = "session"
    moderate_percent: float = 30
    severe_percent: float = 4
    serious_percent: float = 0.5
    related_percent: float = 85


class Scenario(PlanPart):
    """A synthetic study."""

    label: str
    scale: ScenarioScale
    subjects: int
    calibrated_to: tuple[Calibration, ...] = Field(strict=False)
    covariates: dict[Name, Numeric | dict[str, float]]
    phases: dict[Name, ScenarioPhase]
    severity: Severity
    discontinuation: Discontinuation
    missing_visit: float
    relapse: Relapse
    adverse_events: dict[str, AdverseEvent] = Field(default_factory=dict)


def scenario_names() -> tuple[str, ...]:
    """Names of the scenarios that the package has."""
    folder = files("ketaoutcomes").joinpath("scenarios")
    return tuple(
        sorted(f.name.removesuffix(".yaml") for f in folder.iterdir() if f.name.endswith(".yaml"))
    )


def read_scenario(name: str) -> Scenario:
    """The scenario of this name.

    Raises
    ------
    KeyError
        If there is none.
    """
    if name not in scenario_names():
        raise KeyError(name)
    text = files("ketaoutcomes").joinpath("scenarios", f"{name}.yaml").read_text(encoding="utf-8")
    return Scenario.model_validate(YAML(typ="safe", pure=True).load(text))
