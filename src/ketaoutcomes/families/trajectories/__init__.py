"""Latent classes of courses."""

from ketaoutcomes.endpoints.data import ChangeData
from ketaoutcomes.families.registry import Family, Model
from ketaoutcomes.families.trajectories.fit import classes_asked, fit_trajectory_analysis
from ketaoutcomes.families.trajectories.hide import participants_behind_shares
from ketaoutcomes.families.trajectories.page import (
    TRAJECTORY_REFERENCES,
    trajectories_in_words,
    trajectories_section,
    trajectory_calls,
)
from ketaoutcomes.families.trajectories.plan import TrajectoryAnalysis

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
