"""How a study was planned and done, as far as its plan says: what CONSORT 2025 asks beyond numbers.

Every key is optional. What a plan says is shown under Methods; the checklist at the end of the
report names the key that would say what is still open.
"""

from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from ketaoutcomes.plan.parts import Label, PlanPart

Words = Annotated[str, StringConstraints(min_length=1, max_length=2000)]
"""A sentence or a few of them."""

Criteria = Annotated[tuple[Words, ...], Field(strict=False)]

Design = Literal["randomised", "pilot", "single arm", "observational", "target trial"]
"""How groups came about, and which reporting guideline follows from it."""

MOST = 10_000_000
"""No study assesses more people; a larger number is a slip."""


class Document(PlanPart):
    """The version and date of a document, and where it can be read."""

    version: Label | None = Field(default=None, description="such as `3.0`, in quotes")
    date: Label | None = Field(default=None, description="such as 3 March 2024")
    where: Words | None = Field(
        default=None, description="where it can be read, such as https://osf.io/abcde"
    )


class Eligibility(PlanPart):
    """Who could take part."""

    include: Criteria = Field(
        default=(), description="inclusion criteria, such as [adults aged 18 to 64]"
    )
    exclude: Criteria = Field(
        default=(), description="exclusion criteria, such as [psychosis, pregnancy]"
    )
    sites: Words | None = Field(
        default=None,
        description="who could give the interventions, such as: clinics with resuscitation",
    )


class Allocation(PlanPart):
    """How chance decided who received what."""

    ratio: Label | None = Field(default=None, description="such as `1:1`, in quotes")
    sequence: Words | None = Field(
        default=None, description="who made the sequence and how, such as: by computer, off site"
    )
    restriction: Words | None = Field(
        default=None,
        description="type of randomisation, such as: permuted blocks of 4, stratified by country",
    )
    concealment: Words | None = Field(
        default=None, description="what kept it hidden, such as: a central telephone service"
    )
    implementation: Words | None = Field(
        default=None, description="who enrolled and who assigned, and who could see the sequence"
    )


class Blinding(PlanPart):
    """Who did not know which treatment was given."""

    who: Words | None = Field(
        default=None, description="such as: participants and raters; or: nobody, it was open"
    )
    how: Words | None = Field(
        default=None, description="such as: a spray of the same look and bitter taste"
    )


class Dates(PlanPart):
    """When the study took place, and why it ended."""

    recruitment: Label | None = Field(default=None, description="such as: May 2021 to March 2023")
    follow_up: Label | None = Field(default=None, description="such as: until September 2023")
    ended: Words | None = Field(
        default=None, description="why it ended, such as: the planned number was reached"
    )


class Screening(PlanPart):
    """How many were looked at before anyone entered; the data hold only who entered."""

    assessed: int = Field(ge=1, le=MOST, description="people assessed for eligibility, such as 512")
    excluded: dict[Label, Annotated[int, Field(ge=0, le=MOST)]] = Field(
        default_factory=dict,
        description="reason -> people, such as {not eligible: 120, declined: 32}",
    )


class Conduct(PlanPart):
    """What a reader of a trial report must know beyond its numbers; all of it optional."""

    design: Design | None = Field(
        default=None,
        description="how groups came about; default: randomised where a phase has several arms "
        "that no covariate gives",
    )
    registration: Words | None = Field(
        default=None, description="registry, number and date, such as: NCT00000000, 2 May 2021"
    )
    protocol: Document | None = Field(
        default=None, description="such as {version: '3.0', date: 3 March 2021}"
    )
    analysis_plan: Document | None = Field(
        default=None, description="the statistical analysis plan in words, as `protocol`"
    )
    data_sharing: Words | None = Field(
        default=None, description="where data and code can be had, such as: on request to ..."
    )
    funding: Words | None = Field(
        default=None, description="who paid, and what part they took in the study"
    )
    conflicts: Words | None = Field(
        default=None, description="conflicts of interest of the authors, or: none declared"
    )
    background: Words | None = Field(
        default=None, description="why the study was done, and what was known before"
    )
    patient_involvement: Words | None = Field(
        default=None, description="how patients and the public took part in planning it, or: none"
    )
    setting: Words | None = Field(
        default=None, description="where it took place, such as: 39 outpatient clinics in Europe"
    )
    eligibility: Eligibility | None = Field(
        default=None, description="such as {include: [adults], exclude: [psychosis]}"
    )
    screening: Screening | None = Field(
        default=None, description="such as {assessed: 512, excluded: {not eligible: 152}}"
    )
    interventions: Words | None = Field(
        default=None, description="what each arm received: dose, schedule, who gave it"
    )
    concomitant: Words | None = Field(
        default=None, description="other care that was allowed or given"
    )
    adherence: Words | None = Field(
        default=None, description="how far the interventions were delivered as intended"
    )
    harms: Words | None = Field(
        default=None, description="how harms were defined and asked for, such as: at each visit"
    )
    washout: Words | None = Field(
        default=None, description="of a crossover, what lay between periods, such as: two weeks"
    )
    allocation: Allocation | None = Field(
        default=None, description="such as {ratio: '1:1', restriction: blocks of 4}"
    )
    blinding: Blinding | None = Field(
        default=None, description="such as {who: participants and raters}"
    )
    sample_size: Words | None = Field(
        default=None, description="how many, and why: effect, SD, power, loss to follow-up"
    )
    interim: Words | None = Field(
        default=None, description="interim analyses and rules for stopping, or: none"
    )
    analysis_sets: dict[Label, Words] = Field(
        default_factory=dict,
        description="name -> whom it holds, such as {full analysis set: all randomised who ...}",
    )
    dates: Dates | None = Field(
        default=None, description="such as {recruitment: May 2021 to March 2023}"
    )
    ethics: Words | None = Field(
        default=None, description="who approved it, and how consent was given"
    )
    changes: Criteria = Field(
        default=(), description="changes to the protocol or plan after the start, with reasons"
    )
    progression: Words | None = Field(
        default=None, description="of a pilot, what decides whether a definitive trial follows"
    )
    limitations: Criteria = Field(
        default=(), description="limits of the study that its authors see"
    )
    interpretation: Words | None = Field(
        default=None, description="what its authors conclude, weighing benefits and harms"
    )
