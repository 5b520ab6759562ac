"""Latent classes of courses."""

from ketaoutcomes.deferred import imported_when_called
from ketaoutcomes.endpoints.data import ChangeData
from ketaoutcomes.families.registry import Family, Model
from ketaoutcomes.families.trajectories.plan import TrajectoryAnalysis

with imported_when_called(__name__):
    from ketaoutcomes.families.trajectories.fit import classes_asked, fit_trajectory_analysis
    from ketaoutcomes.families.trajectories.hide import participants_behind_shares
    from ketaoutcomes.families.trajectories.page import (
        trajectories_in_words,
        trajectories_section,
        trajectory_calls,
    )

TRAJECTORY_REFERENCES = (
    "Verbeke G, Lesaffre E. A linear mixed-effects model with heterogeneity in the random-effects "
    "population. J Am Stat Assoc 1996;91:217-221.",
    "Muthén B, Shedden K. Finite mixture modeling with mixture outcomes using the EM algorithm. "
    "Biometrics 1999;55:463-469.",
    "Bauer DJ, Curran PJ. Distributional assumptions of growth mixture models. Psychol Methods "
    "2003;8:338-363.",
    "van de Schoot R, Sijbrandij M, Winter SD, et al. The GRoLTS-checklist. Struct Equ Modeling "
    "2017;24:451-467.",
)

FAMILY = Family(
    name="trajectories",
    place=90,
    models=(
        Model(
            part=TrajectoryAnalysis,
            known_as=dict.fromkeys(
                ("lcmm", "gmm", "gbtm", "growth_mixture"),
                "write `trajectory_classes`",
            ),
            label="Latent trajectory classes",
            table="trjt01",
            statistic="BIC",
            described_in="trjt02",
            asked=classes_asked,
            takes=(ChangeData,),
            fit=fit_trajectory_analysis,
            in_words=trajectories_in_words,
            calls=trajectory_calls,
            references=TRAJECTORY_REFERENCES,
        ),
    ),
    tables={
        "trjt01": "latent trajectory classes: how many",
        "trjt02": "latent trajectory classes: means, proportions and certainty of the assignment",
    },
    group_tables=("trjt02",),
    relations=participants_behind_shares,
    sections=((400, trajectories_section),),
)
"""Latent classes of courses."""
