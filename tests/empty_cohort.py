"""A cohort of nobody, for tests that bring their results along."""

from ketaoutcomes.cohort import Cohort, Source, empty_frame

NOBODY = Cohort(
    **{
        name: empty_frame(("subject", "phase"))
        for name in Cohort.__dataclass_fields__
        if name != "source"
    },
    source=Source("real", "none"),
)
