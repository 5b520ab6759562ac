# Models of a binary outcome at every visit: proportions as means over all participants, of the fitted
# probability, with all of them on an arm; their standard errors by the delta method.

# model: formula, coefficients, their covariance (and that of what else the probability depends on),
# `probability(X)`: the mean probability and its gradient; `df(gradient)`.
add_binary <- function(table, data, model) {
  arms <- levels(data$TRTP)
  people <- data[!duplicated(data$USUBJID), ]
  right <- delete.response(terms(model$formula))
  used <- intersect(names(data), all.vars(right))
  levels_of <- lapply(Filter(is.factor, data[used]), levels)
  p <- length(model$beta)
  cells <- emmeans(model$grid, intersect(c("TRTP", "AVISIT"), all.vars(model$formula)))
  linear <- function(arm, visit) {
    here <- cells@grid$TRTP == arm
    if ("AVISIT" %in% names(cells@grid)) here <- here & cells@grid$AVISIT == visit
    cells@linfct[here, ]
  }
  variance <- function(g) drop(g %*% model$covariance %*% g)
  t_of <- function(df) qt(0.5 + LEVEL / 2, df)
  for (visit in levels(data$AVISIT)) {
    found <- lapply(arms, function(arm) {
      people$TRTP <- factor(arm, arms)
      people$AVISIT <- factor(visit, levels(data$AVISIT))
      model$probability(model.matrix(right, people, xlev = levels_of))
    })
    for (k in seq_along(arms)) {
      mean <- found[[k]]$mean
      g <- found[[k]]$gradient
      df <- model$df(g)
      s <- sqrt(variance(g))
      half <- t_of(df) * s / (mean * (1 - mean))
      add(table, "proportion", mean, visit = visit, arm = arms[k], std_error = s, df = df,
          lower = plogis(qlogis(mean) - half), upper = plogis(qlogis(mean) + half))
    }
    for (k in seq_along(arms)[-1]) {
      keep <- function(statistic, estimate, g, ratio) {
        df <- model$df(g)
        s <- sqrt(variance(g))
        limits <- estimate + c(-1, 1) * t_of(df) * s
        show <- if (ratio) exp else identity
        add(table, statistic, show(estimate), visit = visit, arm = arms[k], reference = arms[1],
            std_error = s, df = df, lower = show(limits[1]), upper = show(limits[2]),
            test = estimate / s, p = 2 * pt(-abs(estimate / s), df))
      }
      keep("risk difference", found[[k]]$mean - found[[1]]$mean,
           found[[k]]$gradient - found[[1]]$gradient, FALSE)
      c <- linear(arms[k], visit) - linear(arms[1], visit)
      g <- replace(numeric(nrow(model$covariance)), seq_len(p), c)
      keep("odds ratio", sum(c * model$beta), g, TRUE)
    }
  }
}

# Generalised estimating equations, with the leverage adjustment of the standard errors that the
# plan names: none, Kauermann and Carroll's or Mancl and DeRouen's.
add_gee <- function(table, fit, data, covariance, df = "subjects") {
  if (!covariance %in% c("robust", "kauermann-carroll", "mancl-derouen")) {
    stop("these standard errors have no code here")
  }
  power <- c("robust" = 0, "kauermann-carroll" = -0.5, "mancl-derouen" = -1)[[covariance]]
  X <- model.matrix(fit)
  binary <- fit$family$family == "binomial"
  mu <- as.vector(fitted(fit))
  sd <- if (binary) sqrt(mu * (1 - mu)) else rep(1, length(mu))
  slope <- if (binary) mu * (1 - mu) else rep(1, length(mu))
  visit <- as.integer(data$AVISIT)
  R <- working_correlation(fit, nlevels(data$AVISIT))
  rows <- split(seq_along(mu), as.character(data$USUBJID))
  white <- lapply(rows, function(i) {
    U <- chol(R[visit[i], visit[i], drop = FALSE])
    list(X = backsolve(U, X[i, , drop = FALSE] * slope[i] / sd[i], transpose = TRUE),
         r = backsolve(U, (fit$y[i] - mu[i]) / sd[i], transpose = TRUE))
  })
  bread <- solve(Reduce(`+`, lapply(white, function(w) crossprod(w$X))))
  scores <- vapply(white, function(w) {
    e <- eigen(diag(nrow(w$X)) - w$X %*% bread %*% t(w$X), symmetric = TRUE)
    drop(t(w$X) %*% e$vectors %*% (e$values^power * crossprod(e$vectors, w$r)))
  }, numeric(ncol(X)))
  robust <- bread %*% tcrossprod(scores) %*% bread
  degrees <- if (df == "subjects") max(length(rows) - ncol(X), 1) else NA
  if (binary) {
    add_binary(table, data, list(
      formula = formula(fit), beta = coef(fit), covariance = robust, grid = fit,
      probability = function(X) {
        p <- plogis(drop(X %*% coef(fit)))
        list(mean = mean(p), gradient = drop((p * (1 - p)) %*% X) / nrow(X))
      },
      df = function(g) degrees
    ))
    quasi <- sum(log(ifelse(fit$y == 1, mu, 1 - mu)))
    plain <- geepack::geeglm(formula(fit), family = binomial, data = data, id = USUBJID,
                             corstr = "independence")
    m <- as.vector(fitted(plain))
    # the information of the independence model, with its scale: the mean squared Pearson residual
    own <- crossprod(X * sqrt(m * (1 - m))) / mean((fit$y - m)^2 / (m * (1 - m)))
    add(table, "QIC", -2 * quasi + 2 * sum(diag(own %*% fit$geese$vbeta)))
  } else {
    not_repeated("LS means of estimating equations have no code here", table)
  }
}

working_correlation <- function(fit, visits) {
  a <- fit$geese$alpha
  distance <- abs(outer(seq_len(visits), seq_len(visits), "-"))
  switch(fit$corstr,
         independence = diag(visits),
         exchangeable = replace(matrix(a, visits, visits), distance == 0, 1),
         ar1 = a^distance,
         unstructured = {
           R <- diag(visits)
           R[lower.tri(R)] <- a
           R[upper.tri(R)] <- t(R)[upper.tri(R)]
           R
         })
}

# A logistic model with a random intercept: proportions are means over the intercepts too.
add_logistic_mixed <- function(fit, data, table = "glmmt01") {
  beta <- lme4::fixef(fit)
  sigma <- lme4::getME(fit, "theta")[[1]]
  deviance_of <- update(fit, devFunOnly = TRUE)
  H <- numDeriv::hessian(deviance_of, c(sigma, beta))
  p <- length(beta)
  covariance <- 2 * solve(H)[c(seq_len(p) + 1, 1), c(seq_len(p) + 1, 1)]
  nodes <- seq(-9, 9, length.out = 361)
  weights <- dnorm(nodes) / sum(dnorm(nodes))
  add_binary(table, data, list(
    formula = lme4::nobars(formula(fit)), beta = beta, covariance = covariance, grid = fit,
    probability = function(X) {
      chance <- plogis(outer(drop(X %*% beta), sigma * nodes, "+"))
      slope <- chance * (1 - chance) * rep(weights, each = nrow(X))
      list(mean = mean(chance %*% weights),
           gradient = c(drop(rowSums(slope) %*% X) / nrow(X), mean(slope %*% nodes)))
    },
    df = function(g) Inf
  ))
  add(table, "standard deviation of intercepts", sigma, std_error = sqrt(covariance[p + 1, p + 1]))
}

# One and two proportions.

wilson <- function(x, n) {
  z <- z_of_level()
  centre <- (x / n + z^2 / (2 * n)) / (1 + z^2 / n)
  half <- z / (1 + z^2 / n) * sqrt(x / n * (1 - x / n) / n + z^2 / (4 * n^2))
  c(if (x == 0) 0 else centre - half, if (x == n) 1 else centre + half)
}

newcombe <- function(x1, n1, x2, n2) {
  one <- wilson(x1, n1)
  two <- wilson(x2, n2)
  d <- x1 / n1 - x2 / n2
  c(d - sqrt((x1 / n1 - one[1])^2 + (two[2] - x2 / n2)^2),
    d + sqrt((one[2] - x1 / n1)^2 + (x2 / n2 - two[1])^2))
}

# The score interval of Miettinen and Nurminen: the restricted estimates by a direct search of the
# likelihood, the limits by a search of the root.
miettinen_nurminen <- function(x1, n1, x2, n2) {
  d <- x1 / n1 - x2 / n2
  log_likelihood <- function(p, x, n) {
    p <- min(max(p, 1e-15), 1 - 1e-15)
    x * log(p) + (n - x) * log1p(-p)
  }
  score <- function(delta) {
    range <- c(max(0, -delta), min(1, 1 - delta))
    p2 <- optimize(function(p) log_likelihood(p, x2, n2) + log_likelihood(p + delta, x1, n1),
                   range, maximum = TRUE, tol = 1e-13)$maximum
    # the maximum may lie at an end, which `optimize` only comes near to
    ends <- c(range, p2)
    value <- vapply(ends, function(p) {
      log_likelihood(p, x2, n2) + log_likelihood(p + delta, x1, n1)
    }, 0)
    p2 <- ends[which.max(value)]
    p1 <- p2 + delta
    variance <- (p1 * (1 - p1) / n1 + p2 * (1 - p2) / n2) * (n1 + n2) / (n1 + n2 - 1)
    (d - delta) / sqrt(max(variance, 1e-300))
  }
  z <- z_of_level()
  edge <- 1 - 1e-9
  lower <- if (score(-edge) > z) uniroot(function(x) score(x) - z, c(-edge, d - 1e-9),
                                        tol = 1e-10)$root else -1
  upper <- if (score(edge) < -z) uniroot(function(x) score(x) + z, c(d + 1e-9, edge),
                                        tol = 1e-10)$root else 1
  c(lower, upper)
}

counts_of <- function(data, arm) {
  outcome <- data$RESP[data$TRTP == arm]
  c(sum(outcome), length(outcome))
}

# An outcome that is missing as the plan says: "failure", "excluded" or "last observation".
at_visit <- function(data, visit, missing_as, failure = 0) {
  if (missing_as == "last observation") {
    data <- data[order(data$USUBJID, data$AVISIT), ]
    data$RESP <- ave(data$RESP, data$USUBJID, FUN = function(x) {
      for (k in seq_along(x)[-1]) if (is.na(x[k])) x[k] <- x[k - 1]
      x
    })
  }
  # an event at any time of the phase has no visit
  here <- if (visit == "") data else data[data$AVISIT %in% visit, ]
  if (missing_as == "excluded") return(here[!is.na(here$RESP), ])
  here$RESP[is.na(here$RESP)] <- failure
  here
}

add_proportions <- function(table, data, visit) {
  for (arm in levels(droplevels(data$TRTP))) {
    found <- counts_of(data, arm)
    add(table, "responders", found[1], visit = visit, arm = arm)
    limits <- wilson(found[1], found[2])
    add(table, "proportion", found[1] / found[2], visit = visit, arm = arm, lower = limits[1],
        upper = limits[2])
  }
}

# Yes or no at each visit against that at the first, within participants who have both.
add_paired_proportions <- function(table, data, arm, exact = FALSE) {
  for (visit in levels(data$AVISIT)) {
    d <- data[data$AVISIT == visit & data$TRTP == arm & !is.na(data$RESP) &
                !is.na(data$BASERESP), ]
    n <- nrow(d)
    if (n == 0) next
    both <- sum(d$BASERESP * d$RESP)
    lost <- sum(d$BASERESP) - both
    gained <- sum(d$RESP) - both
    add(table, c("yes at both visits", "yes at the first visit alone",
                 "yes at the later visit alone", "no at both visits"),
        c(both, lost, gained, n - both - lost - gained), visit = visit, arm = arm)
    first <- wilson(both + lost, n)
    later <- wilson(both + gained, n)
    p <- (both + lost) / n
    q <- (both + gained) / n
    add(table, c("proportion at the first visit", "proportion at the visit"), c(p, q),
        visit = visit, arm = arm, lower = c(first[1], later[1]), upper = c(first[2], later[2]))
    # Newcombe 1998, method 10: the correlation with a correction for continuity
    product <- both * (n - both - lost - gained) - lost * gained
    if (product > 0) product <- max(product - n / 2, 0)
    spread <- n^2 * sqrt(p * (1 - p) * q * (1 - q))
    phi <- if (spread > 0) product / spread else 0
    side <- function(a, b) sqrt(a^2 - 2 * phi * a * b + b^2)
    x <- gained + lost
    test <- if (x == 0) 1 else binom.test(gained, x)$p.value
    if (!exact && x > 0) {
      test <- test - dbinom(gained, x, 0.5) * if (gained == lost) 0.5 else 1
    }
    add(table, "paired risk difference", q - p, visit = visit, arm = arm,
        lower = q - p - side(q - later[1], first[2] - p),
        upper = q - p + side(later[2] - q, p - first[1]), p = test)
  }
}

# One over a difference; where its interval includes 0, the numbers inside it are those beyond the
# limits, from the lower one down to minus infinity and from the upper one up to infinity.
# Of an unwanted event the benefit is to have less of it.
add_number_needed <- function(table, d, lower, upper, unwanted = FALSE, ...) {
  if (unwanted) {
    d <- -d
    ends <- c(-upper, -lower)
    lower <- ends[1]; upper <- ends[2]
  }
  inverse <- function(x) if (x == 0) NA else 1 / x
  ends <- c(inverse(upper), inverse(lower))
  if (lower < 0 && upper > 0) ends <- rev(ends)
  add(table, "number needed to treat", inverse(d), lower = ends[1], upper = ends[2], ...)
}

add_two_proportions <- function(table, data, visit, arm, reference, interval, unwanted = FALSE,
                                tested = "") {
  one <- counts_of(data, arm)
  two <- counts_of(data, reference)
  keep <- function(...) add(table, ..., visit = visit, arm = arm, reference = reference)
  d <- one[1] / one[2] - two[1] / two[2]
  limits <- interval(one[1], one[2], two[1], two[2])
  pooled <- (one[1] + two[1]) / (one[2] + two[2])
  variance <- pooled * (1 - pooled) * (1 / one[2] + 1 / two[2])
  p <- if (identical(interval, miettinen_nurminen)) score_test(one[1], one[2], two[1], two[2])
       else if (variance > 0) 2 * pnorm(-abs(d) / sqrt(variance))
       else 1
  keep("risk difference", d, lower = limits[1], upper = limits[2], p = p)
  a <- one[1]; b <- one[2] - a; c <- two[1]; e <- two[2] - c
  ratio <- function(statistic, estimate, variance) {
    half <- z_of_level() * sqrt(variance)
    keep(statistic, estimate, lower = estimate * exp(-half), upper = estimate * exp(half),
         p = if (statistic == tested) p else NA)
  }
  if (min(a, c) > 0 && max(b, e) > 0) {
    ratio("risk ratio", (a / one[2]) / (c / two[2]), 1 / a - 1 / one[2] + 1 / c - 1 / two[2])
    if (min(b, e) > 0) ratio("odds ratio", a * e / (b * c), 1 / a + 1 / b + 1 / c + 1 / e)
  }
  add_number_needed(table, d, limits[1], limits[2], unwanted = unwanted, visit = visit, arm = arm,
                    reference = reference)
}

# Cochran-Mantel-Haenszel, with the common difference (Sato), risk ratio and odds ratio.
add_stratified <- function(table, data, visit, arm, reference, strata, unwanted = FALSE,
                           tested = "") {
  data <- data[data$TRTP %in% c(arm, reference), ]
  data$TRTP <- factor(data$TRTP, c(arm, reference))
  data$STRATUM <- interaction(data[strata], drop = TRUE, sep = "\r")
  both <- names(which(apply(table(data$STRATUM, data$TRTP) > 0, 1, all)))
  data <- droplevels(data[data$STRATUM %in% both, ])
  x <- xtabs(~ TRTP + factor(RESP, c(1, 0)) + STRATUM, data)
  keep <- function(...) add(table, ..., visit = visit, arm = arm, reference = reference)
  found <- function(measure) {
    metafor::rma.mh(measure = measure, ai = x[1, 1, ], n1i = colSums(x[1, , , drop = FALSE])[1, ],
                    ci = x[2, 1, ], n2i = colSums(x[2, , , drop = FALSE])[1, ],
                    level = 100 * LEVEL, correct = FALSE)
  }
  n1 <- x[1, 1, ] + x[1, 2, ]
  n2 <- x[2, 1, ] + x[2, 2, ]
  mh <- function(measure) metafor::rma.mh(measure = measure, ai = x[1, 1, ], n1i = n1,
                                          ci = x[2, 1, ], n2i = n2, level = 100 * LEVEL,
                                          add = 0, drop00 = FALSE)
  rd <- mh("RD")
  # r2x2xk, not exact, no continuity correction: the test of the plan
  cmh <- if (nlevels(data$STRATUM) > 1) mantelhaen.test(x, correct = FALSE)$p.value else {
    e <- sum(x[, 1, 1]) * n1 / sum(x)
    v <- n1 * n2 * sum(x[, 1, 1]) * sum(x[, 2, 1]) / (sum(x)^2 * (sum(x) - 1))
    pchisq((x[1, 1, 1] - e)^2 / v, 1, lower.tail = FALSE)
  }
  keep("risk difference", c(rd$beta), lower = rd$ci.lb, upper = rd$ci.ub, p = cmh)
  for (measure in c("RR", "OR")) {
    it <- mh(measure)
    statistic <- c(RR = "risk ratio", OR = "odds ratio")[[measure]]
    keep(statistic, exp(c(it$beta)), lower = exp(it$ci.lb), upper = exp(it$ci.ub),
         p = if (statistic == tested) cmh else NA)
    if (measure == "OR" && nlevels(data$STRATUM) > 1) {
      keep("test of one odds ratio in all strata", test = it$TA, df = it$k - 1, p = it$TAp)
    }
  }
  add_number_needed(table, c(rd$beta), rd$ci.lb, rd$ci.ub, unwanted = unwanted, visit = visit,
                    arm = arm, reference = reference)
}

# Exact intervals of each arm and the score interval of their difference.
add_incidence <- function(table, data, visit, arm = NULL, reference = NULL) {
  for (one in levels(droplevels(data$TRTP))) {
    x <- counts_of(data, one)
    limits <- binom.test(x[1], x[2], conf.level = LEVEL)$conf.int
    add(table, "subjects", x[1], visit = visit, arm = one)
    add(table, "proportion", x[1] / x[2], visit = visit, arm = one, lower = limits[1],
        upper = limits[2])
    add(table, "upper bound", visit = visit, arm = one,
        binom.test(x[1], x[2], alternative = "less", conf.level = LEVEL)$conf.int[2])
  }
  if (is.null(reference)) return(invisible())
  one <- counts_of(data, arm)
  two <- counts_of(data, reference)
  limits <- miettinen_nurminen(one[1], one[2], two[1], two[2])
  add(table, "risk difference", one[1] / one[2] - two[1] / two[2], visit = visit, arm = arm,
      reference = reference, lower = limits[1], upper = limits[2],
      p = score_test(one[1], one[2], two[1], two[2]))
}

# The test to which the score interval of Miettinen and Nurminen belongs: 1 if all or none had it.
score_test <- function(x1, n1, x2, n2) {
  if (x1 + x2 == 0 || x1 + x2 == n1 + n2) return(1)
  pooled <- (x1 + x2) / (n1 + n2)
  z2 <- (x1 / n1 - x2 / n2)^2 / (pooled * (1 - pooled) * (1 / n1 + 1 / n2))
  pchisq(z2 * (n1 + n2 - 1) / (n1 + n2), 1, lower.tail = FALSE)
}

# Risks with all participants at each level of a factor, standardised over the covariates by a logistic
# model; standard errors by influence functions.
add_standardised <- function(table, data, terms, factors, visit, arm_reference) {
  data$RESP <- as.numeric(data$RESP)
  fit <- glm(reformulate(terms, "RESP"), family = binomial, data = data,
             control = glm.control(epsilon = 1e-12, maxit = 100))
  if (!fit$converged || max(abs(fit$linear.predictors)) > 15) {
    not_repeated("outcomes are separated: glm has no finite estimate", table)
    return(invisible())
  }
  X <- model.matrix(fit)
  kept <- !is.na(coef(fit))
  bread <- solve(crossprod(X[, kept] * sqrt(fit$weights)))
  influence_of_beta <- (X[, kept] * (fit$y - fitted(fit))) %*% bread
  for (factor in names(factors)) {
    levels <- levels(droplevels(data[[factor]]))
    found <- lapply(levels, function(level) {
      at <- data
      at[[factor]] <- factor(level, levels(data[[factor]]))
      p <- suppressWarnings(predict(fit, at, type = "response"))
      Xa <- model.matrix(delete.response(terms(fit)), at, xlev = fit$xlevels)[, kept, drop = FALSE]
      g <- drop((p * (1 - p)) %*% Xa) / nrow(at)
      list(risk = mean(p), psi = (p - mean(p)) / nrow(at) + drop(influence_of_beta %*% g))
    })
    names(found) <- levels
    label <- factors[[factor]]
    common <- if (factor == "TRTP") levels(data$TRTP)[1] else names(sort(-table(data[[factor]])))[1]
    base <- if (factor == "TRTP") arm_reference else common
    for (level in levels) {
      place <- if (factor == "TRTP") list(arm = level) else list(group = paste0(label, ": ", level))
      p <- found[[level]]$risk
      s <- sqrt(sum(found[[level]]$psi^2))
      half <- z_of_level() * s / (p * (1 - p))
      do.call(add, c(list(table, "standardised risk", p, visit = visit, std_error = s,
                          lower = plogis(qlogis(p) - half), upper = plogis(qlogis(p) + half)), place))
      if (level == base) next
      d <- found[[level]]$risk - found[[base]]$risk
      s <- sqrt(sum((found[[level]]$psi - found[[base]]$psi)^2))
      do.call(add_normal, c(list(table, "risk difference", d, s, visit = visit, reference = base,
                                 test = d / s), place))
    }
  }
}
