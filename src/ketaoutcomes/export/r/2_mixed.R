# A mixed model for repeated measures by restricted maximum likelihood, in base R: R's mmrm is in
# no Linux distribution. All patterns of visits are summed up once, so that a step of the search
# costs the same for ten participants and for ten thousand.

partial_to_correlations <- function(partial) {
  # Autocorrelations from partial ones (Durbin and Levinson), so that the matrix is positive.
  r <- numeric(0)
  phi <- numeric(0)
  for (a in partial) {
    k <- length(r)
    new <- if (k) sum(phi * rev(r)) + a * (1 - sum(phi * r)) else a
    phi <- if (k) c(phi - a * rev(phi), a) else a
    r <- c(r, new)
  }
  r
}

within_one <- function(x) x / sqrt(1 + x^2)

correlation_of <- list(
  cs = function(x, m) {
    rho <- -1 / (m - 1) + m / (m - 1) * plogis(x)
    matrix(rho, m, m) + diag(1 - rho, m)
  },
  ar1 = function(x, m) within_one(x)^abs(outer(1:m, 1:m, "-")),
  toep = function(x, m) toeplitz(c(1, partial_to_correlations(within_one(x)))),
  ad = function(x, m) {
    rho <- within_one(x)
    outer(1:m, 1:m, Vectorize(function(i, j) if (i == j) 1 else prod(rho[min(i, j):(max(i, j) - 1)])))
  }
)
STRUCTURES <- list(cs = c("cs", ""), csh = c("cs", "h"), ar1 = c("ar1", ""), ar1h = c("ar1", "h"),
                   toep = c("toep", ""), toeph = c("toep", "h"), ad = c("ad", ""),
                   adh = c("ad", "h"))

start_of <- function(structure, m, variance) {
  if (structure == "us" || m == 1) {
    return(c(rep(log(variance) / 2, m), rep(0.3, m * (m - 1) / 2)))
  }
  kind <- STRUCTURES[[structure]]
  c(rep(log(variance) / 2, if (kind[2] == "h") m else 1),
    rep(0.4, if (kind[1] %in% c("cs", "ar1")) 1 else m - 1))
}

covariance_of <- function(theta, structure, m) {
  if (structure == "us" || m == 1) {
    # log standard deviations, then the lower triangle of a matrix with ones on its diagonal
    L <- diag(m)
    L[lower.tri(L)] <- theta[-seq_len(m)]
    D <- exp(theta[seq_len(m)])
    L <- L / sqrt(rowSums(L^2))
    return(tcrossprod(D * L))
  }
  kind <- STRUCTURES[[structure]]
  k <- if (kind[2] == "h") m else 1
  D <- exp(rep(theta[seq_len(k)], length.out = m))
  D * t(D * correlation_of[[kind[1]]](theta[-seq_len(k)], m))
}

# The formula without factors that have one level in the data: one visit only, or one arm.
varying <- function(formula, data) {
  alike <- vapply(data, function(x) !is.numeric(x) && length(unique(na.omit(x))) < 2, NA)
  alike <- names(data)[alike]
  terms <- lapply(strsplit(attr(terms(formula), "term.labels"), ":"), setdiff, alike)
  kept <- unique(vapply(terms, paste, "", collapse = ":"))
  kept <- setdiff(kept, "")
  reformulate(if (length(kept)) kept else "1", formula[[2]], env = environment(formula))
}

# covariance: a name of STRUCTURES or "us"; slot: which assessment of a participant each row is;
# by: a factor whose levels have a covariance each; weights: of the rows.
fit_repeated <- function(formula, data, covariance, slot = data$AVISIT, df = "satterthwaite",
                         reml = TRUE, by = NULL, weights = NULL) {
  kept <- !is.na(data[[all.vars(formula)[1]]])
  formula <- varying(formula, data[kept, , drop = FALSE])
  slot <- droplevels(as.factor(slot)[kept])
  group <- if (is.null(by)) factor(rep(1, sum(kept))) else droplevels(as.factor(by)[kept])
  w <- if (is.null(weights)) rep(1, sum(kept)) else weights[kept] / mean(weights[kept])
  data <- droplevels(data[kept, , drop = FALSE])
  frame <- model.frame(formula, data)
  X <- model.matrix(formula, frame)
  y <- model.response(frame)
  q <- qr(X, tol = 1e-7)
  free <- sort(q$pivot[seq_len(q$rank)])
  Z <- cbind(X[, free, drop = FALSE], y) * sqrt(w)
  p <- length(free)
  m <- nlevels(slot)
  at <- as.integer(slot)
  rows <- split(seq_along(y), data$USUBJID, drop = TRUE)
  rows <- lapply(rows, function(i) i[order(at[i])])
  pattern <- vapply(rows, function(i) paste(c(group[i[1]], at[i]), collapse = " "), "")
  sums <- lapply(split(rows, pattern), function(members) {
    t <- length(members[[1]])
    by_visit <- lapply(seq_len(t), function(k) Z[vapply(members, `[`, 1L, k), , drop = FALSE])
    list(n = length(members), at = at[members[[1]]], group = as.integer(group[members[[1]][1]]),
         A = t(vapply(seq_len(t * t), function(k) {
           c(crossprod(by_visit[[(k - 1) %% t + 1]], by_visit[[(k - 1) %/% t + 1]]))
         }, numeric((p + 1)^2))))
  })
  groups <- nlevels(group)
  start <- rep(start_of(covariance, m, var(lm.fit(X[, free, drop = FALSE], y)$residuals)), groups)
  size <- length(start) / groups
  sigmas <- function(theta) lapply(seq_len(groups), function(g) {
    covariance_of(theta[(g - 1) * size + seq_len(size)], covariance, m)
  })
  state <- function(theta) {
    S <- sigmas(theta)
    total <- matrix(0, p + 1, p + 1)
    log_det <- 0
    W <- vector("list", length(sums))
    for (k in seq_along(sums)) {
      one <- sums[[k]]
      R <- tryCatch(chol(S[[one$group]][one$at, one$at, drop = FALSE]), error = function(e) NULL)
      if (is.null(R)) return(NULL)
      W[[k]] <- chol2inv(R)
      log_det <- log_det + one$n * 2 * sum(log(diag(R)))
      total <- total + matrix(crossprod(one$A, c(W[[k]])), p + 1)
    }
    XX <- total[1:p, 1:p, drop = FALSE]
    G <- tryCatch(chol2inv(chol(XX)), error = function(e) NULL)
    if (is.null(G)) return(NULL)
    beta <- drop(G %*% total[1:p, p + 1])
    rest <- total[p + 1, p + 1] - sum(beta * total[1:p, p + 1])
    list(W = W, G = G, beta = beta,
         value = log_det + rest + if (reml) -as.numeric(determinant(G)$modulus) else 0)
  }
  # derivatives of the covariances by theta, by differences of fourth order
  slopes <- function(theta) lapply(seq_along(theta), function(k) {
    g <- (k - 1) %/% size + 1
    h <- 1e-3
    moved <- function(by) {
      theta[k] <- theta[k] + by * h
      sigmas(theta)[[g]]
    }
    (moved(-2) - 8 * moved(-1) + 8 * moved(1) - moved(2)) / (12 * h)
  })
  # sum over patterns of tr(D M) for a matrix M of each pattern, by each parameter
  by_parameter <- function(M, D) {
    E <- lapply(seq_len(groups), function(g) matrix(0, m, m))
    for (k in seq_along(sums)) {
      i <- sums[[k]]$at
      g <- sums[[k]]$group
      E[[g]][i, i] <- E[[g]][i, i] + M[[k]]
    }
    vapply(seq_along(D), function(k) sum(D[[k]] * E[[(k - 1) %/% size + 1]]), 0)
  }
  squares <- function(one, v) {
    t <- length(one$at)
    matrix(one$A %*% c(v), t)
  }
  gradient <- function(theta) {
    s <- state(theta)
    c1 <- c(-s$beta, 1)
    v <- tcrossprod(c1)
    if (reml) v[1:p, 1:p] <- v[1:p, 1:p] + s$G
    M <- lapply(seq_along(sums), function(k) {
      W <- s$W[[k]]
      sums[[k]]$n * W - W %*% squares(sums[[k]], v) %*% W
    })
    by_parameter(M, slopes(theta))
  }
  value <- function(theta) {
    s <- state(theta)
    if (is.null(s)) 1e10 else s$value
  }
  found <- nlminb(start, value, gradient,
                  control = list(iter.max = 1000, eval.max = 2000, rel.tol = 1e-13))
  theta <- found$par
  hessian <- function(theta) {
    h <- 1e-4
    H <- vapply(seq_along(theta), function(k) {
      step <- replace(numeric(length(theta)), k, h)
      (gradient(theta + step) - gradient(theta - step)) / (2 * h)
    }, theta)
    (H + t(H)) / 2
  }
  for (again in 1:3) {  # Newton's last steps
    H <- hessian(theta)
    new <- tryCatch(theta - solve(H, gradient(theta)), error = function(e) theta)
    if (value(new) > value(theta) + 1e-8 || max(abs(new - theta)) > 0.1) break
    theta <- new
  }
  s <- state(theta)
  fit <- list(group = as.integer(group), w = w, formula = formula, data = data, X = X, free = free, beta = s$beta, vcov = s$G,
              sums = sums, W = s$W, D = slopes(theta), by_parameter = by_parameter,
              squares = squares, theta_vcov = 2 * solve(hessian(theta)), size = size,
              sigma = sigmas(theta), deviance = s$value, y = y, slot = at, covariance = covariance)
  # the same without one participant: few steps of Newton with the Hessian of all
  scale <- solve(hessian(theta))
  everybody <- sums
  fit$without <- function(subject) {
    i <- rows[[subject]]
    if (!is.null(i)) {
      k <- match(pattern[[subject]], names(sums))
      one <- sums[[k]]
      t <- length(one$at)
      own <- t(vapply(seq_len(t * t), function(j) {
        c(tcrossprod(Z[i[(j - 1) %% t + 1], ], Z[i[(j - 1) %/% t + 1], ]))
      }, numeric((p + 1)^2)))
      sums[[k]]$A <<- one$A - own
      sums[[k]]$n <<- one$n - 1
    }
    on.exit(sums <<- everybody)
    at <- theta
    for (again in 1:50) {
      step <- drop(scale %*% gradient(at))
      at <- at - step
      if (max(abs(step)) < 1e-9) break
    }
    list(beta = state(at)$beta, sigma = sigmas(at)[[1]])
  }
  fit$adjusted <- if (df == "kenward-roger-linear") kenward_roger(fit) else s$G
  class(fit) <- "fit_repeated"
  fit
}

# Degrees of freedom of a combination of coefficients (Satterthwaite; those of Kenward and Roger
# are the same for one combination).
satterthwaite <- function(fit, c) {
  c <- c[fit$free]
  u <- drop(fit$vcov %*% c)
  v <- tcrossprod(base::c(u, 0))
  M <- lapply(seq_along(fit$sums), function(k) {
    fit$W[[k]] %*% fit$squares(fit$sums[[k]], v) %*% fit$W[[k]]
  })
  g <- fit$by_parameter(M, fit$D)
  2 * sum(c * u)^2 / drop(g %*% fit$theta_vcov %*% g)
}

# The covariance of the coefficients after Kenward and Roger, without second derivatives of V.
kenward_roger <- function(fit) {
  p <- length(fit$beta)
  at <- function(one, M) {
    X <- matrix(crossprod(one$A, base::c(M)), p + 1)[1:p, 1:p, drop = FALSE]
    (X + t(X)) / 2
  }
  k_all <- seq_along(fit$D)
  part <- function(k, one) fit$D[[k]][one$at, one$at, drop = FALSE]
  own <- function(k, one) (k - 1) %/% fit$size + 1 == one$group
  P <- lapply(k_all, function(k) {
    total <- matrix(0, p, p)
    for (i in seq_along(fit$sums)) {
      one <- fit$sums[[i]]
      W <- fit$W[[i]]
      if (own(k, one)) total <- total - at(one, W %*% part(k, one) %*% W)
    }
    total
  })
  inner <- matrix(0, p, p)
  for (k in k_all) for (l in k_all[k_all <= k]) {
    Q <- -P[[k]] %*% fit$vcov %*% P[[l]]
    for (i in seq_along(fit$sums)) {
      one <- fit$sums[[i]]
      W <- fit$W[[i]]
      if (own(k, one) && own(l, one)) {
        Q <- Q + at(one, W %*% part(k, one) %*% W %*% part(l, one) %*% W)
      }
    }
    twice <- if (k == l) 1 else 2
    inner <- inner + twice * fit$theta_vcov[k, l] * (Q + t(Q)) / 2
  }
  fit$vcov + 2 * fit$vcov %*% inner %*% fit$vcov
}

# The fit as emmeans takes it; a model of another package it takes by itself.
as_grid <- function(fit, ...) {
  if (!inherits(fit, "fit_repeated")) return(fit)
  # coefficients that others determine are left out, as in lm
  beta <- replace(rep(NA_real_, ncol(fit$X)), fit$free, fit$beta)
  names(beta) <- colnames(fit$X)
  grid <- qdrg(formula = fit$formula, data = fit$data, coef = beta, vcov = fit$adjusted, df = 1)
  grid@dffun <- function(k, dfargs) dfargs$of(k)
  grid@dfargs <- list(of = function(k) {
    satterthwaite(fit, if (length(k) == ncol(fit$X)) k else replace(beta * 0, fit$free, k))
  })
  grid
}

confidence <- function(grid) {
  x <- as.data.frame(summary(grid, infer = c(TRUE, TRUE), level = LEVEL, adjust = "none"))
  limits <- intersect(c("lower.CL", "asymp.LCL"), names(x))
  tests <- intersect(c("t.ratio", "z.ratio"), names(x))
  first <- intersect(c("estimate", "emmean", "prob", "response"), names(x))[1]
  data.frame(estimate = x[[first]], std_error = x$SE, df = x$df, lower = x[[limits]],
             upper = x[[sub("LCL", "UCL", sub("lower", "upper", limits))]], test = x[[tests]],
             p = x$p.value)
}

# LS means of each arm at each visit, and each arm less the reference, the first level.
add_means <- function(table, fit, weights = "equal", lmer.df = NULL,
                      difference = "difference in LS means", means = TRUE, only = NULL) {
  options <- if (is.null(lmer.df)) list() else list(lmer.df = lmer.df, lmerTest.limit = 1e5,
                                                    pbkrtest.limit = 1e5)
  data <- fit_data(fit)
  arms <- levels(droplevels(data$TRTP))
  by <- c("TRTP", "AVISIT")
  by <- by[vapply(by, function(name) name %in% all.vars(formula(fit)), NA)]
  found <- do.call(emmeans, c(list(as_grid(fit), by, weights = weights), options))
  keep <- function(grid, statistic, arm, ...) {
    x <- confidence(grid)
    visit <- as.data.frame(grid@grid)$AVISIT
    visit <- if (is.null(visit)) levels(droplevels(data$AVISIT)) else as.character(visit)
    tested <- statistic != "LS mean"
    if (!is.null(only)) {
      here <- visit == only
      arm <- rep(arm, length.out = nrow(x))[here]
      x <- x[here, ]
      visit <- visit[here]
    }
    add(table, statistic, x$estimate, visit = visit, arm = rep(arm, length.out = nrow(x)),
        lower = x$lower, upper = x$upper, std_error = x$std_error, df = x$df,
        test = if (tested) x$test else NA, p = if (tested) x$p else NA, ...)
  }
  arm <- if ("TRTP" %in% by) as.character(found@grid$TRTP) else arms
  if (means) keep(found, "LS mean", arm)
  if (length(arms) > 1) {
    less <- contrast(found, "trt.vs.ctrl", ref = 1, adjust = "none",
                     by = if ("AVISIT" %in% by) "AVISIT")
    keep(less, difference, arms[-1], reference = arms[1])
  }
  invisible(found)
}

fit_data <- function(fit) {
  if (inherits(fit, "fit_repeated")) fit$data
  else if (inherits(fit, "merMod")) attr(fit, "rows")
  else model.frame(fit)
}

# A weighted sum of the LS means of all arms and visits; the arms change fastest.
add_contrast <- function(table, name, fit, weights_of_cells, arm, reference, weights = "equal") {
  by <- intersect(c("TRTP", "AVISIT"), all.vars(formula(fit)))
  means <- emmeans(as_grid(fit), by, weights = weights)
  found <- confidence(contrast(means, list(it = weights_of_cells)))
  add(table, "contrast", found$estimate, arm = arm, reference = reference, group = name,
      lower = found$lower, upper = found$upper, std_error = found$std_error, df = found$df,
      test = found$test, p = found$p)
}

# All arms together: at a visit, the last one where none is named, and arm by visit.
add_all_means <- function(table, fit, visit, reference, weights = "equal") {
  by <- intersect(c("TRTP", "AVISIT"), all.vars(fit$formula))
  cells <- emmeans(as_grid(fit), by)@grid
  visits <- if ("AVISIT" %in% by) levels(factor(cells$AVISIT)) else visit
  if (visit == "") visit <- tail(visits, 1)
  others <- setdiff(levels(factor(cells$TRTP)), reference)
  of_visit <- function(v) {
    do.call(rbind, lapply(others, function(arm) row_of(fit, v, arm, reference, weights)))
  }
  tested <- function(statistic, L, visit = "") {
    test <- f_test(fit, L)
    add(table, statistic, visit = visit, group = paste(nrow(L), "numerator degrees of freedom"),
        df = test$df, test = test$F, p = test$p)
  }
  tested("F test of all arms at the visit", of_visit(visit), visit)
  if (length(visits) > 1) {
    first <- of_visit(visits[1])
    tested("F test of arm by visit",
           do.call(rbind, lapply(visits[-1], function(v) of_visit(v) - first)))
  }
}

formula.fit_repeated <- function(x, ...) x$formula

# Row of coefficients of the mean of an arm, or of its difference from another, at a visit, and
# in a subgroup.
row_of <- function(fit, visit, arm, reference, weights = "equal", subgroup = NULL) {
  by <- intersect(c("TRTP", "AVISIT", "SUBGROUP"), all.vars(fit$formula))
  means <- emmeans(as_grid(fit), by, weights = weights)
  cells <- means@grid
  here <- if ("AVISIT" %in% names(cells)) cells$AVISIT == visit else TRUE
  if (!is.null(subgroup)) here <- here & cells$SUBGROUP == subgroup
  row <- function(which) means@linfct[here & cells$TRTP == which, ]
  found <- if (is.null(reference)) row(arm) else row(arm) - row(reference)
  if (length(found) == ncol(fit$X)) found else replace(numeric(ncol(fit$X)), fit$free, found)
}

estimate_of <- function(fit, row) {
  c <- row[fit$free]
  list(estimate = sum(c * fit$beta), std_error = sqrt(drop(c %*% fit$adjusted %*% c)),
       df = satterthwaite(fit, row))
}

# The difference at a visit in standard deviations of the outcome at that visit (the delta method;
# groups with a covariance each count by `shares`), and its range when one participant is left out and
# the covariance is held.
add_effect_size <- function(table, fit, visit, arm, reference, weights = "equal", shares = 1) {
  row <- row_of(fit, visit, arm, reference, weights)
  found <- estimate_of(fit, row)
  place <- match(visit, levels(fit$data$AVISIT))
  shares <- shares / sum(shares)
  variance <- sum(shares * vapply(fit$sigma, function(S) S[place, place], 0))
  group <- (seq_along(fit$D) - 1) %/% fit$size + 1
  slope <- shares[group] * vapply(fit$D, function(D) D[place, place], 0)
  log_sd <- drop(slope %*% fit$theta_vcov %*% slope) / (2 * variance)^2
  size <- found$estimate / sqrt(variance)
  std_error <- sqrt(found$std_error^2 / variance + size^2 * log_sd)
  half <- qt(0.5 + LEVEL / 2, found$df) * std_error
  keep <- function(...) add(table, ..., visit = visit, arm = arm, reference = reference)
  keep("standardised mean difference", size, std_error = std_error, df = found$df,
       lower = size - half, upper = size + half)
  keep("standard deviation", sqrt(variance))
  without <- range(leave_one_out(fit, row[fit$free]), na.rm = TRUE)
  keep("lowest without one subject", without[1])
  keep("highest without one subject", without[2])
}

leave_one_out <- function(fit, c) {
  X <- fit$X[, fit$free, drop = FALSE]
  whole <- solve(fit$vcov)
  rows <- split(seq_along(fit$y), fit$data$USUBJID, drop = TRUE)
  total <- drop(whole %*% fit$beta)
  vapply(rows, function(i) {
    at <- fit$slot[i]
    W <- solve(fit$sigma[[fit$group[i[1]]]][at, at, drop = FALSE]) * fit$w[i[1]]
    Xi <- X[i, , drop = FALSE]
    left <- whole - t(Xi) %*% W %*% Xi
    if (rcond(left) < 1e-12) return(NA_real_)
    sum(c * solve(left, total - drop(t(Xi) %*% W %*% fit$y[i])))
  }, 0)
}

# The difference in each subgroup from a model in which arm, visit and subgroup are crossed, and
# the F test that it is the same in all.
add_subgroups <- function(table, fit, by, visit, arm, reference, weights = "equal") {
  levels <- levels(droplevels(fit$data$SUBGROUP))
  rows <- lapply(levels, function(level) {
    row_of(fit, visit, arm, reference, weights, level)
  })
  for (k in seq_along(levels)) {
    for (one in c(arm, reference)) {
      mean <- estimate_of(fit, row_of(fit, visit, one, NULL, weights, levels[k]))
      half <- qt(0.5 + LEVEL / 2, mean$df) * mean$std_error
      add(table, "LS mean in subgroup", mean$estimate, visit = visit, arm = one,
          group = paste0(by, ": ", levels[k]), std_error = mean$std_error, df = mean$df,
          lower = mean$estimate - half, upper = mean$estimate + half)
    }
    found <- estimate_of(fit, rows[[k]])
    half <- qt(0.5 + LEVEL / 2, found$df) * found$std_error
    add(table, "difference in subgroup", found$estimate, visit = visit, arm = arm,
        reference = reference, group = paste0(by, ": ", levels[k]), std_error = found$std_error,
        df = found$df, lower = found$estimate - half, upper = found$estimate + half,
        test = found$estimate / found$std_error,
        p = 2 * pt(-abs(found$estimate / found$std_error), found$df))
  }
  L <- do.call(rbind, lapply(rows[-1], function(row) row - rows[[1]]))
  test <- f_test(fit, L)
  add(table, "interaction", visit = visit, arm = arm, reference = reference, group = by,
      df = test$df, test = test$F, p = test$p)
}

# Fai and Cornelius: the F statistic as a mean of squared t, each with its degrees of freedom.
f_test <- function(fit, L) {
  own <- L[, fit$free, drop = FALSE]
  parts <- eigen(own %*% fit$adjusted %*% t(own), symmetric = TRUE)
  turned <- t(parts$vectors) %*% L
  squares <- drop(turned[, fit$free, drop = FALSE] %*% fit$beta)^2 / parts$values
  nu <- apply(turned, 1, function(row) satterthwaite(fit, row))
  q <- nrow(L)
  E <- sum((nu / (nu - 2))[nu > 2])
  df <- if (q == 1) nu else if (E > q) 2 * E / (E - q) else 0
  F <- mean(squares)
  list(F = F, df = df, p = pf(F, q, df, lower.tail = FALSE))
}

# R's mmrm gives the numbers in place of `fit_repeated` where it is installed.
with_mmrm <- function() requireNamespace("mmrm", quietly = TRUE)

# Random effects by lme4; bobyqa finds the top where the default search stops before it.
fit_random <- function(formula, effects, data) {
  suppressPackageStartupMessages(library(lmerTest))
  data <- droplevels(data[!is.na(data[[all.vars(formula)[1]]]), ])
  formula <- update(varying(formula, data), as.formula(paste("~ . +", effects)))
  # by its value, so that emmeans finds the data again
  fit <- do.call(lmer, list(formula, data = data,
                            control = lmerControl(optimizer = "bobyqa",
                                                  optCtrl = list(maxfun = 2e5))))
  attr(fit, "rows") <- data
  fit
}

# Each later period less the first, at each visit.
add_periods <- function(table, fit) {
  by <- intersect(c("APERIODC", "AVISIT"), all.vars(formula(fit)))
  means <- emmeans(as_grid(fit), by)
  periods <- levels(means)$APERIODC
  less <- contrast(means, "trt.vs.ctrl", ref = 1, adjust = "none",
                   by = if ("AVISIT" %in% by) "AVISIT")
  x <- confidence(less)
  visit <- as.data.frame(less@grid)$AVISIT
  if (is.null(visit)) visit <- levels(droplevels(fit_data(fit)$AVISIT))
  add(table, "period effect", x$estimate, visit = as.character(visit),
      group = rep(periods[-1], length.out = nrow(x)), lower = x$lower, upper = x$upper,
      std_error = x$std_error, df = x$df, test = x$test, p = x$p)
}

# What the active arm of the period before leaves behind, less what the reference leaves: rows of
# the model that differ in the preceding arm alone, in the last period.
add_carry_over <- function(table, fit, arm, reference) {
  data <- fit$data[1, ]
  used <- intersect(names(data), all.vars(fit$formula))
  data$APERIODC <- factor(tail(levels(fit$data$APERIODC), 1), levels(fit$data$APERIODC))
  for (visit in levels(fit$data$AVISIT)) {
    rows <- lapply(c(arm, reference), function(before) {
      data$AVISIT <- factor(visit, levels(fit$data$AVISIT))
      data$TRTPREV <- factor(before, levels(fit$data$TRTPREV))
      drop(model.matrix(delete.response(terms(fit$formula)), data,
                        xlev = lapply(Filter(is.factor, fit$data[used]), levels)))
    })
    row <- rows[[1]] - rows[[2]]
    found <- estimate_of(fit, row)
    half <- qt(0.5 + LEVEL / 2, found$df) * found$std_error
    add(table, "carry-over", found$estimate, visit = visit, arm = arm, reference = reference,
        std_error = found$std_error, df = found$df, lower = found$estimate - half,
        upper = found$estimate + half, test = found$estimate / found$std_error,
        p = 2 * pt(-abs(found$estimate / found$std_error), found$df))
  }
}

# The first covariance of a list that can be fitted.
fit_first <- function(formula, data, structures, df) {
  for (structure in structures) {
    fit <- tryCatch(fit_repeated(formula, data, structure, df = df), error = function(e) NULL)
    if (!is.null(fit)) return(fit)
  }
  stop("no covariance of the plan could be fitted")
}

# Each visit against the first within participants who have both scores: the paired t test.
add_paired <- function(table, data, arm) {
  for (visit in levels(data$AVISIT)) {
    d <- data[data$AVISIT == visit & data$TRTP == arm & !is.na(data$CHG), ]
    if (nrow(d) < 2) next
    add(table, "mean at the first visit", mean(d$BASE), visit = visit, arm = arm,
        std_error = sd(d$BASE) / sqrt(nrow(d)))
    add(table, "mean at the visit", mean(d$AVAL), visit = visit, arm = arm,
        std_error = sd(d$AVAL) / sqrt(nrow(d)))
    x <- t.test(d$AVAL, d$BASE, paired = TRUE, conf.level = LEVEL)
    add(table, "paired difference", x$estimate, visit = visit, arm = arm, lower = x$conf.int[1],
        upper = x$conf.int[2], std_error = x$stderr, df = x$parameter, test = x$statistic,
        p = x$p.value)
    if (nrow(d) > 2) {
      add(table, "correlation of pairs", cor(d$AVAL, d$BASE), visit = visit, arm = arm)
    }
  }
}

# The same of participants with at least one of both scores: REML, any covariance of the two.
add_paired_model <- function(table, data, arm) {
  for (visit in levels(data$AVISIT)) {
    d <- data[data$AVISIT == visit & data$TRTP == arm, ]
    both <- data.frame(USUBJID = rep(d$USUBJID, 2), SCORE = c(d$BASE, d$AVAL),
                       SIDE = factor(rep(c("first", "later"), each = nrow(d))))
    fit <- fit_repeated(SCORE ~ SIDE, both, covariance = "us", slot = both$SIDE)
    means <- emmeans(as_grid(fit), "SIDE")
    x <- confidence(means)
    add(table, c("mean at the first visit", "mean at the visit"), x$estimate, visit = visit,
        arm = arm, std_error = x$std_error)
    x <- confidence(contrast(means, "revpairwise"))
    add(table, "paired difference", x$estimate, visit = visit, arm = arm, lower = x$lower,
        upper = x$upper, std_error = x$std_error, df = x$df, test = x$test, p = x$p)
  }
}
