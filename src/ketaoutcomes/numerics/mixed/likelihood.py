"""Likelihood of the linear mixed model with its exact derivatives by the covariance parameters.

With W = V^-1 and V_k = dV/dgamma_k constant, the derivatives are those of Lindstrom & Bates 1988,
JASA 83:1014-1022. Per subject W Z = Z F / sigma^2 with F = I - K Z'Z and
K = (sigma^2 I + G Z'Z)^-1 G, which holds for a singular G too.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]


@dataclass(frozen=True)
class Moments:
    """What the likelihood knows of the data; U = [X y].

    Attributes
    ----------
    S : array, shape (subjects, q, q)
        Z'Z.
    T : array, shape (subjects, q, p + 1)
        Z'U.
    R : array, shape (p + 1, p + 1)
        U'U over all subjects.
    n_obs : int
    """

    S: FloatArray
    T: FloatArray
    R: FloatArray
    n_obs: int


def subject_moments(
    X: FloatArray, y: FloatArray, Z: FloatArray, subject: NDArray[np.int64]
) -> Moments:
    """Cross-products of each subject's rows.

    Parameters
    ----------
    X : array, shape (n, p)
    y : array, shape (n,)
    Z : array, shape (n, q)
    subject : int array, shape (n,)
        Codes 0, 1, ...
    """
    order = np.argsort(subject, kind="stable")
    Z, U = Z[order], np.column_stack([X, y])[order]
    starts = np.flatnonzero(np.diff(subject[order], prepend=-1))
    return Moments(
        S=np.add.reduceat(Z[:, :, None] * Z[:, None, :], starts),
        T=np.add.reduceat(Z[:, :, None] * U[:, None, :], starts),
        R=U.T @ U,
        n_obs=len(y),
    )


@dataclass(frozen=True)
class Covariance:
    """The parameters of V: gamma, in which it is linear, as quadratic forms of t, which is free.

    Attributes
    ----------
    basis : array, shape (k - 1, q, q)
        dG/dgamma_k; the last parameter is sigma^2.
    forms : array, shape (k, k_t, k_t)
        gamma_k = t' forms_k t.
    start : array, shape (k_t,)
    """

    basis: FloatArray
    forms: FloatArray
    start: FloatArray

    @staticmethod
    def of(q: int, full: bool) -> "Covariance":
        """Parameters of a full or a diagonal G of size q."""
        pairs = [(a, b) for a in range(q) for b in range(a + 1) if full or a == b]
        index = {pair: i for i, pair in enumerate(pairs)}
        basis = np.zeros((len(pairs), q, q))
        forms = np.zeros((len(pairs) + 1, len(pairs) + 1, len(pairs) + 1))
        for k, (a, b) in enumerate(pairs):
            basis[k, a, b] = basis[k, b, a] = 1.0
            for column in range(q):
                if (a, column) in index and (b, column) in index:
                    i, j = index[a, column], index[b, column]
                    forms[k, i, j] += 0.5
                    forms[k, j, i] += 0.5
        forms[-1, -1, -1] = 1.0
        start = np.array([0.5 if a == b else 0.0 for a, b in pairs] + [0.8])
        return Covariance(basis, forms, start)

    def gamma(self, t: FloatArray) -> FloatArray:
        """Elements of G, and sigma^2."""
        return np.asarray(np.einsum("i,kij,j->k", t, self.forms, t))

    def jacobian(self, t: FloatArray) -> FloatArray:
        """Derivatives of gamma by t, shape (k, k_t)."""
        return np.asarray(2 * self.forms @ t)

    def matrix(self, t: FloatArray) -> tuple[FloatArray, float]:
        """G and sigma^2."""
        gamma = self.gamma(t)
        return np.einsum("k,kij->ij", gamma[:-1], self.basis), float(gamma[-1])


@dataclass(frozen=True)
class Evaluation:
    """The likelihood at one value of the covariance parameters.

    Attributes
    ----------
    beta : array, shape (p,)
    Phi : array, shape (p, p)
        (X'WX)^-1.
    gradient, hessian : array, shape (k,) and (k, k)
        Derivatives of the log-likelihood by gamma.
    information : array, shape (k, k)
        Expected information.
    A, Q : array, shape (k, p, p) and (k, k, p, p)
        X'W V_k W X and X'W V_k W V_l W X.
    random_scores : array, shape (subjects, q)
        Z'W r.
    """

    log_likelihood: float
    beta: FloatArray
    Phi: FloatArray
    gradient: FloatArray
    hessian: FloatArray
    information: FloatArray
    A: FloatArray
    Q: FloatArray
    random_scores: FloatArray
    reml: bool


def evaluate(moments: Moments, covariance: Covariance, t: FloatArray, *, reml: bool) -> Evaluation:
    """Log-likelihood, its derivatives and the estimates of beta."""
    sums = _weighted_sums(moments, covariance, t)
    p = moments.R.shape[0] - 1
    Phi = np.asarray(np.linalg.inv(sums.UWU[:p, :p]), dtype=float)
    beta = Phi @ sums.UWU[:p, p]
    v = np.append(-beta, 1.0)
    A, Q = sums.first[:, :p, :p], sums.second[:, :, :p, :p]
    a = (sums.first @ v)[:, :p]
    PhiA = Phi @ A
    reduction = np.einsum("kij,lji->kl", PhiA, PhiA) - 2 * np.einsum("ij,klji->kl", Phi, Q)
    information = 0.5 * (sums.traces_second + reml * reduction)
    quadratic = np.einsum("i,klij,j->kl", v, sums.second, v) - a @ Phi @ a.T
    traces = sums.traces - reml * np.einsum("kii->k", PhiA)
    residual_df = moments.n_obs - p * reml
    log_likelihood = -0.5 * (
        sums.log_determinant
        + float(v @ sums.UWU @ v)
        + residual_df * np.log(2 * np.pi)
        - reml * np.linalg.slogdet(Phi)[1]
    )
    return Evaluation(
        log_likelihood=float(log_likelihood),
        beta=beta,
        Phi=Phi,
        gradient=-0.5 * (traces - np.einsum("i,kij,j->k", v, sums.first, v)),
        hessian=information - 0.5 * (quadratic + quadratic.T),
        information=information,
        A=A,
        Q=Q,
        random_scores=sums.ZWU @ v,
        reml=reml,
    )


@dataclass(frozen=True)
class _WeightedSums:
    """Sums over subjects.

    U'WU, U'W V_k W U, U'W V_k W V_l W U, and the traces of W V_k and of W V_k W V_l.
    """

    UWU: FloatArray
    first: FloatArray
    second: FloatArray
    traces: FloatArray
    traces_second: FloatArray
    log_determinant: float
    ZWU: FloatArray


def _weighted_sums(moments: Moments, covariance: Covariance, t: FloatArray) -> _WeightedSums:
    S, T, E = moments.S, moments.T, covariance.basis
    G, sigma2 = covariance.matrix(t)
    identity = np.eye(len(G))
    GS = sigma2 * identity + G @ S
    K = np.linalg.solve(GS, np.broadcast_to(G, S.shape))
    F = identity - K @ S
    KT = K @ T
    ZWU = F.mT @ T / sigma2
    ZWWU = F.mT @ ZWU / sigma2
    C, ZWWZ = S @ F / sigma2, F.mT @ S @ F / sigma2**2
    UWU = (moments.R - np.einsum("nai,naj->ij", T, KT)) / sigma2
    UWWU = (UWU - np.einsum("nai,naj->ij", ZWU, KT)) / sigma2
    UWWWU = (UWWU - np.einsum("nai,naj->ij", ZWWU, KT)) / sigma2
    KS = K @ S
    k = len(E)
    EZWU = np.einsum("kab,nbj->knaj", E, ZWU)
    second = np.empty((k + 1, k + 1, *UWU.shape))
    second[:k, :k] = np.einsum("knai,nab,lnbj->klij", EZWU, C, EZWU, optimize=True)
    second[:k, k] = np.einsum("knai,naj->kij", EZWU, ZWWU)
    second[k, :k] = second[:k, k].mT
    second[k, k] = UWWWU
    EC = np.einsum("kab,nbc->knac", E, C)
    traces_second = np.empty((k + 1, k + 1))
    traces_second[:k, :k] = np.einsum("knab,lnba->kl", EC, EC)
    traces_second[:k, k] = traces_second[k, :k] = np.einsum("kab,nba->k", E, ZWWZ)
    trace_KS = float(np.einsum("naa->", KS))
    traces_second[k, k] = (
        moments.n_obs - 2 * trace_KS + float(np.einsum("nab,nba->", KS, KS))
    ) / sigma2**2
    return _WeightedSums(
        UWU=UWU,
        first=np.concatenate([np.einsum("nai,knaj->kij", ZWU, EZWU), UWWU[None]]),
        second=second,
        traces=np.append(np.einsum("knaa->k", EC), (moments.n_obs - trace_KS) / sigma2),
        traces_second=traces_second,
        log_determinant=(moments.n_obs - S.shape[0] * len(G)) * float(np.log(sigma2))
        + float(np.linalg.slogdet(GS)[1].sum()),
        ZWU=ZWU,
    )
