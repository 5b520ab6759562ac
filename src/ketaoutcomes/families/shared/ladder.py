"""How a ladder of covariances came out: what is kept of a fitted model of every visit."""

import numpy as np

from ketaoutcomes.families.shared.record import MmrmRecord
from ketaoutcomes.numerics.mmrm.fit import MmrmFit, Rung
from ketaoutcomes.numerics.mmrm.patterns import SubjectRows
from ketaoutcomes.numerics.mmrm.sandwich import whiten


def ladder_record(
    name: str,
    visits: tuple[str, ...],
    rows: SubjectRows,
    fit: MmrmFit,
    rungs: tuple[Rung, ...],
    groups: tuple[str, ...] = (),
) -> MmrmRecord:
    """How the ladder of covariances came out, and what the diagnostics show."""
    return MmrmRecord(
        analysis=name,
        converged=fit.convergence.converged,
        structure=rungs[-1].structure,
        ladder=tuple((rung.structure, rung.note) for rung in rungs),
        visits=visits,
        groups=groups,
        covariance=fit.covariance,
        residuals=np.sort(
            np.concatenate([whiten(fit, part).residual[part.observed] for part in rows.parts()])
        ),
        n_subjects=fit.n_subjects,
        n_obs=fit.n_obs,
        messages=fit.convergence.messages,
    )
