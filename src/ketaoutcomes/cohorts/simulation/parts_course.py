"""How illness moves in a scenario: severity, what changes it, and what is measured of it."""

from pydantic import Field

from ketaoutcomes.plan.parts import PlanPart


class BaselineSeverity(PlanPart):
    """True severity at entry: normal and cut at the entry criterion.

    Of these people it has the mean and the SD, but they are as many far above the mean as below.
    """

    mean: float
    sd: float = Field(gt=0)
    entry_at_least: float


class Mixture(PlanPart):
    """An effect in points: a share of responders, and the others."""

    responders: float = Field(ge=0, le=1)
    mean: float
    sd: float = Field(ge=0)
    others_mean: float = 0
    others_sd: float = Field(default=0, ge=0)


class PlaceboResponse(Mixture):
    """Improvement without the drug; 1 - exp(-t / days) of it is reached at time t.

    `lasts` is the share of it that stays. The rest follows the first session of a phase and fades
    by exp(-t / fades_in_days): where one session is all there is, people come back to where they
    were, and a later period of a crossover begins anew.
    """

    days: float = Field(gt=0)
    lasts: float = Field(default=1, ge=0, le=1)
    fades_in_days: float = Field(default=7, gt=0)


class Expectancy(PlanPart):
    """Improvement right after the first session that fades; never below nothing."""

    mean: float = Field(default=0, ge=0)
    sd: float = Field(default=0, ge=0)
    fades_in_days: float = Field(default=4, gt=0)


class Unblinding(PlanPart):
    """What dissociation does to expectancy.

    Who feels the drug gains points, who feels nothing loses some; a subject feels it by
    CADSS / (CADSS + half_felt) of the peak after the first session.
    """

    gain: float = Field(default=0, ge=0)
    loss: float = Field(default=0, ge=0)
    half_felt: float = Field(default=8, gt=0)


class DrugEffect(Mixture):
    """Improvement at full effect of one 0.5 mg/kg infusion, and the effect compartment.

    A later dose weighs (1 - tolerance) as much as the one before; `consolidated_share` of each
    dose fades with the longer half-life; `exposure_sd` is the SD of the log exposure. Where the
    effect builds up over doses, the first weighs `first_dose` of what one weighs after many, and
    what is missing falls by exp(-1 / builds_up_over) with each dose taken.
    """

    onset_hours: float = Field(gt=0)
    half_life_days: float = Field(gt=0)
    saturation: float = Field(default=1, ge=0)
    half_effect_mg_kg: float = Field(default=0.2, gt=0)
    exposure_sd: float = Field(default=0.3, ge=0)
    tolerance: float = Field(default=0, ge=0, lt=1)
    first_dose: float = Field(default=1, gt=0, le=1)
    builds_up_over: float = Field(default=2, gt=0, description="doses")
    consolidated_share: float = Field(default=0, ge=0, le=1)
    consolidated_half_life_days: float = Field(default=40, gt=0)


class OralAntidepressant(PlanPart):
    """A conventional antidepressant: 1 - exp(-(t / days)^2) of its effect is reached at time t."""

    mean: float = 0
    sd: float = Field(default=0, ge=0)
    days: float = Field(default=21, gt=0)


class Psychotherapy(PlanPart):
    """Therapy builds up over days and strengthens the drug by a factor."""

    mean: float = 0
    sd: float = Field(default=0, ge=0)
    days: float = Field(default=21, gt=0)
    drug_factor: float = Field(default=1, ge=0)
    relapse_hazard_ratio: float = Field(default=1, ge=0)


class Modifier(PlanPart):
    """How a covariate changes baseline (points), drug effect and placebo response (factors).

    For categories, the levels that differ from the reference; for a number, `per_unit` from the
    centre, under the key "per_unit".
    """

    baseline: dict[str, float] = Field(default_factory=dict)
    drug: dict[str, float] = Field(default_factory=dict)
    placebo: dict[str, float] = Field(default_factory=dict)
    centre: float = 0


class Deviation(PlanPart):
    """An Ornstein-Uhlenbeck process around the subject's course.

    `at_entry` is its SD when the study begins, as a share of the later one: an entry criterion
    admits a narrow range of severity. `when_well` is the share of it where no severity is left,
    rising in a straight line to all of it at baseline severity: who is well varies less.
    `when_stable` is the share of new deviations in a phase that takes only those who stayed
    improved (`enters`): what varied by chance has settled in them.
    """

    sd: float = Field(ge=0)
    correlation_days: float = Field(gt=0)
    at_entry: float = Field(default=1, ge=0, le=1)
    when_well: float = Field(default=1, ge=0, le=1)
    when_stable: float = Field(default=1, ge=0, le=1)


class Severity(PlanPart):
    """How severity moves, in points of the main scale."""

    baseline: BaselineSeverity
    placebo: PlaceboResponse
    expectancy: Expectancy = Expectancy()
    unblinding: Unblinding = Unblinding()
    drug: DrugEffect
    oral_antidepressant: OralAntidepressant = OralAntidepressant()
    psychotherapy: Psychotherapy = Psychotherapy()
    deviation: Deviation
    measurement_sd: float = Field(ge=0)
    grows_with_baseline: float = Field(
        default=0.5,
        ge=0,
        le=2,
        description="power of severity at entry that improvement goes with: 0 has all improve by "
        "as many points, 1 by as many per cent",
    )
    swings_sd: float = Field(
        default=0.3,
        ge=0,
        description="SD between people of the log size of deviation and error, 1 in mean square",
    )
    least: float = Field(
        default=0.11,
        ge=0,
        description="mean over people of what remains of severity in the well, as a share of the "
        "mean at baseline; it differs between people as an exponential number",
    )


class FurtherScale(PlanPart):
    """A scale that follows severity.

    score = mean + sd z + per_point (severity - baseline mean) + drug D(t) + deviation + error, z
    being the subject's own level and D(t) the drug state. `at_entry` is added at the first visit of
    the study: people come when they are at their worst in more than the main scale shows.
    """

    mean: float
    sd: float = Field(default=0, ge=0)
    per_point: float = 0
    at_entry: float = 0
    drug: float = 0
    drug_sd: float = Field(default=0, ge=0)
    drift_per_year: float = 0
    drift_per_dose: float = 0
    deviation: Deviation = Deviation(sd=0, correlation_days=14)
    measurement_sd: float = Field(default=0, ge=0)
    step: float = Field(default=1, gt=0)
    visits_with_hours: bool = True


class Mediator(FurtherScale):
    """A biomarker through which a part of the effect runs.

    A unit of its change from the subject's own level takes `severity_per_unit` points;
    `confounding` points of severity and so many SDs of the biomarker's change share a cause.
    """

    severity_per_unit: float = 0
    confounding: float = 0
    lognormal: bool = False


class AcuteEffect(PlanPart):
    """An effect of the plasma level within hours of a dose: baseline + peak C^h / (C^h + half^h).

    `peak` is the effect at a level without bound, `half_ng_ml` the level of half the effect;
    `sensitivity_sd` is the SD of the log of a subject's peak, `attenuation` the share that each
    dose takes off the next. `with_drug_effect` is the correlation between the log of a subject's
    peak and its liability to respond to the drug.
    """

    baseline: float
    baseline_sd: float = Field(default=0, ge=0)
    peak: float
    half_ng_ml: float = Field(gt=0)
    hill: float = Field(default=2, gt=0)
    sensitivity_sd: float = Field(default=0.5, ge=0)
    with_drug_effect: float = Field(default=0, ge=-1, le=1)
    attenuation: float = Field(default=0, ge=0, lt=1)
    measurement_sd: float = Field(default=0, ge=0)
    step: float = Field(default=1, gt=0)


class Item(PlanPart):
    """An item of a scale or cluster: its highest score and its share of the total."""

    high: float = Field(gt=0)
    weight: float = Field(default=1, gt=0)


class ScalePart(Item):
    """An item, or a cluster of items that add up to it."""

    items: dict[str, Item] = Field(default_factory=dict)


class ScenarioScale(PlanPart):
    """The main scale: severity is in its points; `parts` add up to its total."""

    name: str
    low: float
    high: float
    parts: dict[str, ScalePart] = Field(default_factory=dict)
    parts_spread: float = Field(default=0.5, ge=0)

    @property
    def measured(self) -> tuple[str, ...]:
        """The names of all parts, and of the items of clusters."""
        items = (name for part in self.parts.values() for name in part.items)
        return (*self.parts, *items)
