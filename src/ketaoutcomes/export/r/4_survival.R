# Times to event: curves, tests, hazard ratios, restricted mean times.

# The days that results.csv has numbers of, from words such as "day 28".
days_of <- function(table, statistic, column = "group") {
  rows <- results[results$table == table & results$analysis == current &
                    results$statistic == statistic, ]
  number(unique(sub("^day ", "", grep("^day ", rows[[column]], value = TRUE))))
}
day <- function(x) paste0("day ", vapply(x, function(t) format(t, digits = 6), ""))

each_arm <- function(data) levels(droplevels(data$TRTP))

# The time at risk: from ENTRY, where it is delayed, to AVAL.
at_risk_of <- function(data) {
  delayed <- !is.null(data$ENTRY) && any(data$ENTRY > 0)
  if (delayed) Surv(data$ENTRY, data$AVAL, data$CNSR == 0)
  else Surv(data$AVAL, data$CNSR == 0)
}
delayed_in <- function(data) !is.null(data$ENTRY) && any(data$ENTRY > 0)

# Events and censoring by reason, quantiles and event-free probabilities at days, of each arm.
add_curves <- function(data, conf.type, quantiles) {
  for (arm in each_arm(data)) {
    here <- data[data$TRTP == arm, ]
    add("ttet01", "events", sum(here$CNSR == 0), arm = arm)
    why <- as.character(here$EVNTDESC)
    why[is.na(why)] <- "not recorded"
    last <- !duplicated(here$USUBJID, fromLast = TRUE)
    for (kind in 0:1) {
      counts <- table(why[last & here$CNSR == kind])
      if (length(counts)) {
        add("ttet02", c("event by", "censored")[kind + 1], as.vector(counts), arm = arm,
            group = names(counts))
      }
    }
    here$AT <- at_risk_of(here)
    curve <- survfit(AT ~ 1, data = here, conf.type = conf.type, conf.int = LEVEL)
    q <- quantile(curve, quantiles)
    shares <- paste0(format(100 * quantiles, trim = TRUE, digits = 6), "%")
    for (k in seq_along(quantiles)) {
      median <- quantiles[k] == 0.5
      add("kmt01", if (median) "median" else "quantile", q$quantile[[k]], arm = arm,
          group = if (median) "" else shares[k], lower = q$lower[[k]], upper = q$upper[[k]])
    }
    days <- days_of("kmt01", "survival")
    s <- summary(curve, times = days[days <= max(here$AVAL)])
    if (length(s$time)) {
      add("kmt01", "survival", s$surv, arm = arm, group = day(s$time), lower = s$lower,
          upper = s$upper)
    }
  }
}

# Difference in event-free probability at each landmark.
add_milestones <- function(data, days, arm, reference) {
  read <- function(which) {
    here <- data[data$TRTP == which, ]
    here$AT <- at_risk_of(here)
    lapply(days, function(t) {
      if (t > max(here$AVAL)) return(c(NA, NA))
      s <- summary(survfit(AT ~ 1, data = here), times = t)
      c(s$surv, s$std.err)
    })
  }
  one <- read(arm)
  two <- read(reference)
  for (k in seq_along(days)) {
    s <- sqrt(one[[k]][2]^2 + two[[k]][2]^2)
    if (is.na(s) || s == 0) next
    add_normal("ttet01", "difference in survival", one[[k]][1] - two[[k]][1], s, arm = arm,
               reference = reference, group = day(days[k]))
  }
}

# The area under the Kaplan-Meier curve up to tau, and Greenwood's variance of it; the package
# survRM2 gives the same as rmst2(time, status, arm, tau).
restricted_mean <- function(data, tau, start = 0) {
  data <- data[data$AVAL > start | start == 0, ]
  entry <- if (delayed_in(data)) pmax(data$ENTRY, start) - start else NULL
  data$AVAL <- data$AVAL - start
  tau <- tau - start
  data$AT <- if (is.null(entry)) Surv(data$AVAL, data$CNSR == 0)
             else Surv(ifelse(entry > 0, entry, -1), data$AVAL, data$CNSR == 0)
  curve <- survfit(AT ~ 1, data = data)
  if (max(curve$time) < tau && min(curve$surv) > 0) stop("follow-up ends before tau")
  inside <- curve$time < tau
  time <- c(0, curve$time[inside], tau)
  area <- diff(time) * c(1, curve$surv[inside])
  after <- rev(cumsum(rev(area)))[-1]
  n <- curve$n.risk[inside]
  d <- curve$n.event[inside]
  some <- d > 0 & n > d
  list(mean = sum(area), variance = sum((after^2 * d / (n * (n - d)))[some]),
       n = length(unique(data$USUBJID)))
}

# The day from which each arm has participants at risk throughout; 0 without delayed entry.
sound_from <- function(data) {
  if (!delayed_in(data)) return(0)
  max(vapply(split(data, droplevels(data$TRTP)), function(here) {
    at <- Surv(ifelse(here$ENTRY > 0, here$ENTRY, -1), here$AVAL, here$CNSR == 0)
    curve <- survfit(at ~ 1)
    starts <- sort(unique(pmax(here$ENTRY, 0)))
    empty <- starts[vapply(starts, function(t) !any(here$ENTRY < t & here$AVAL >= t), NA)]
    empty <- setdiff(empty, 0)
    extinct <- curve$time[curve$n.event > 0 & curve$n.event >= curve$n.risk]
    max(0, empty, extinct[extinct <= max(starts)])
  }, 0))
}

# A sum of restricted mean times with signs, by the normal distribution or by Welch's t.
sum_of_means <- function(means, signs, law, log = FALSE) {
  v <- vapply(means, function(m) if (log) m$variance / m$mean^2 else m$variance, 0)
  n <- vapply(means, `[[`, 0, "n")
  m <- vapply(means, function(m) if (log) base::log(m$mean) else m$mean, 0)
  df <- Inf
  if (law == "t") {
    v <- v * n / (n - 1)
    some <- v > 0
    df <- sum(v)^2 / sum((v^2 / (n - 1))[some])
  }
  s <- sqrt(sum(v))
  estimate <- sum(signs * m)
  half <- qt(0.5 + LEVEL / 2, df) * s
  show <- if (log) exp else identity
  list(estimate = show(estimate), std_error = s, lower = show(estimate - half),
       upper = show(estimate + half), df = df, test = estimate / s,
       p = 2 * pt(-abs(estimate / s), df))
}

add_restricted_means <- function(data, tau, arms, law = "normal") {
  data <- data[data$TRTP %in% arms, ]
  start <- sound_from(data)
  means <- lapply(arms, function(arm) restricted_mean(data[data$TRTP == arm, ], tau, start))
  for (k in seq_along(arms)) {
    add_normal("ttet01", "restricted mean", means[[k]]$mean, sqrt(means[[k]]$variance),
               arm = arms[k], tested = FALSE)
  }
  if (length(arms) < 2) return(invisible())
  keep <- function(statistic, x) {
    add("ttet01", statistic, x$estimate, arm = arms[1], reference = arms[2], lower = x$lower,
        upper = x$upper, std_error = x$std_error, df = x$df, p = x$p)
  }
  keep("difference in restricted means", sum_of_means(means, c(1, -1), law))
  keep("ratio of restricted means", sum_of_means(means, c(1, -1), law, log = TRUE))
}

# The restricted mean time regressed on arm and covariates, weighted by the inverse of the chance not to
# be censored, estimated in each arm (Tian, Zhao and Wei 2014); survRM2 has it with `covariates`.
add_adjusted_means <- function(data, tau, terms, arm, reference) {
  data <- droplevels(data[data$TRTP %in% c(arm, reference), ])
  X <- model.matrix(reformulate(terms), data)
  y <- pmin(data$AVAL, tau)
  known <- data$CNSR == 0 | data$AVAL >= tau
  weight <- numeric(length(y))
  for (rows in split(seq_along(y), data$TRTP)) {
    free <- survfit(Surv(y[rows], !known[rows]) ~ 1)
    G <- free$surv[match(y[rows], free$time)]
    weight[rows] <- ifelse(known[rows] & G > 0, 1 / G, 0)
  }
  for (scale in c("difference", "ratio")) {
    family <- if (scale == "ratio") quasipoisson() else gaussian()
    fit <- glm.fit(X, y, weights = weight, family = family,
                   control = glm.control(epsilon = 1e-13, maxit = 100))
    mu <- family$linkinv(drop(X %*% fit$coefficients))
    slope <- if (scale == "ratio") mu else rep(1, length(mu))
    score <- X * (weight * (y - mu))
    middle <- matrix(0, ncol(X), ncol(X))
    for (rows in split(seq_along(y), data$TRTP)) {
      # what the estimated chance of being uncensored adds: a martingale of the censoring
      times <- sort(unique(y[rows][!known[rows]]))
      influence <- score[rows, , drop = FALSE]
      for (t in times) {
        risk <- y[rows] >= t
        tail <- colSums(score[rows, , drop = FALSE][risk, , drop = FALSE]) / sum(risk)
        jump <- sum(y[rows] == t & !known[rows]) / sum(risk)
        mass <- (y[rows] == t & !known[rows]) - risk * jump
        influence <- influence + outer(mass, tail)
      }
      middle <- middle + crossprod(influence)
    }
    bread <- solve(crossprod(X, slope * X))
    s <- sqrt((bread %*% middle %*% bread)[2, 2])
    b <- fit$coefficients[[2]]
    if (scale == "ratio") {
      add_ratio("ttet01", "ratio of restricted means (adjusted)", b, s, arm = arm,
                reference = reference)
    } else {
      add_normal("ttet01", "difference in restricted means (adjusted)", b, s, arm = arm,
                 reference = reference)
    }
  }
}

# Weighted log-rank tests with strata: the sum of observed less expected events of the second arm
# over strata, each event time with its weight, and the covariance of several such sums. The
# weights of Fleming and Harrington take the event-free probability just before a time in the stratum.
log_rank_sums <- function(data, arm, weights, strata = character(0)) {
  stratum <- if (length(strata)) interaction(data[strata], drop = TRUE) else rep(1, nrow(data))
  u <- numeric(length(weights))
  V <- matrix(0, length(weights), length(weights))
  for (here in split(data, stratum, drop = TRUE)) {
    entry <- if (delayed_in(here)) ifelse(here$ENTRY > 0, here$ENTRY, -Inf) else -Inf
    times <- sort(unique(here$AVAL[here$CNSR == 0]))
    before <- 1
    peto <- 1
    for (t in times) {
      risk <- entry < t & here$AVAL >= t
      event <- here$AVAL == t & here$CNSR == 0
      n <- sum(risk)
      d <- sum(event)
      n1 <- sum(risk & here$TRTP == arm)
      peto <- peto * (n + 1 - d) / (n + 1)
      w <- vapply(weights, function(f) f(n, before, peto), 0)
      u <- u + w * (sum(event & here$TRTP == arm) - d * n1 / n)
      if (n > 1) V <- V + outer(w, w) * d * (n - d) / (n - 1) * n1 / n * (1 - n1 / n)
      before <- before * (1 - d / n)
    }
  }
  list(u = u, V = V, z = u / sqrt(diag(V)))
}

fleming_harrington <- function(rho, gamma) {
  function(n, before, peto) before^rho * (1 - before)^gamma
}
WEIGHTS <- list(
  "log-rank" = function(n, before, peto) 1,
  "Gehan-Breslow" = function(n, before, peto) n,
  "Tarone-Ware" = function(n, before, peto) sqrt(n),
  "Peto-Peto" = function(n, before, peto) peto,
  "Fleming-Harrington (1, 0)" = fleming_harrington(1, 0),
  "Fleming-Harrington (0, 1)" = fleming_harrington(0, 1),
  "Fleming-Harrington (1, 1)" = fleming_harrington(1, 1)
)

add_log_rank <- function(test, arm, reference) {
  add("ttet01", "log-rank test", arm = arm, reference = reference, test = test$chisq, df = 1,
      p = pchisq(test$chisq, 1, lower.tail = FALSE))
}

# All arms together: the log-rank test, and the tests of the arms in a Cox model.
add_all_arms <- function(data, others, entry = NULL, ties, strata = character(0)) {
  data <- droplevels(data)
  k <- nlevels(factor(data$TRTP)) - 1
  surv <- if (is.null(entry)) "Surv(AVAL, CNSR == 0)" else "Surv(ENTRY, AVAL, CNSR == 0)"
  formula_of <- function(terms) {
    as.formula(paste(surv, "~", paste(if (length(terms)) terms else "1", collapse = " + ")))
  }
  keep <- function(statistic, x) {
    add("ttet04", statistic, group = paste(k + 1, "arms"), test = c(x), df = k,
        p = pchisq(c(x), k, lower.tail = FALSE))
  }
  if (is.null(entry)) {
    in_strata <- if (length(strata)) sprintf("strata(%s)", paste(strata, collapse = ", "))
    keep("log-rank test of all arms", survdiff(formula_of(c("TRTP", in_strata)), data)$chisq)
  } else {
    not_repeated("survdiff has no delayed entry", statistic = "log-rank test of all arms")
  }
  full <- coxph(formula_of(c("TRTP", others)), data, ties = ties)
  null <- coxph(formula_of(others), data, ties = ties)
  own <- seq_len(k)
  b <- coef(full)[own]
  keep("likelihood ratio test of all arms", 2 * (tail(full$loglik, 1) - tail(null$loglik, 1)))
  keep("Wald test of all arms", b %*% solve(vcov(full)[own, own], b))
  start <- c(rep(0, k), coef(null))
  at <- coxph(formula_of(c("TRTP", others)), data, ties = ties, init = start,
              control = coxph.control(iter.max = 0))
  keep("score test of all arms", at$score)
}

add_weighted_test <- function(data, name, arm, reference, strata = character(0)) {
  z <- log_rank_sums(data, arm, WEIGHTS[name], strata)$z
  add("ttet01", if (name == "log-rank") "log-rank test" else paste(name, "test"), arm = arm,
      reference = reference, test = z^2, df = 1, p = 2 * pnorm(-abs(z)))
}

# The most extreme of four tests, with the joint normal distribution of all.
add_max_combo <- function(data, arm, reference, strata = character(0)) {
  four <- list(fleming_harrington(0, 0), fleming_harrington(0, 1), fleming_harrington(1, 0),
               fleming_harrington(1, 1))
  found <- log_rank_sums(data, arm, four, strata)
  most <- found$z[which.max(abs(found$z))]
  add("ttet01", "max-combo test", arm = arm, reference = reference, test = most,
      p = beyond(abs(most), cov2cor(found$V)))
}

# The chance that the largest of several standard normal variables is beyond a limit on either
# side. Their correlation is singular, since the first weight is the sum of the next two: three
# normal variables carry them, one is integrated in closed form and two over a grid.
beyond <- function(limit, R) {
  e <- eigen(R, symmetric = TRUE)
  B <- e$vectors[, 1:3] %*% diag(sqrt(pmax(e$values[1:3], 0)))
  grid <- seq(-8.5, 8.5, by = 0.02)
  total <- 0
  for (first in grid) {
    low <- rep(-Inf, length(grid))
    high <- rep(Inf, length(grid))
    for (j in seq_len(nrow(B))) {
      rest <- B[j, 2] * first + B[j, 3] * grid
      ends <- cbind(-limit - rest, limit - rest) / B[j, 1]
      low <- pmax(low, pmin(ends[, 1], ends[, 2]))
      high <- pmin(high, pmax(ends[, 1], ends[, 2]))
    }
    outside <- ifelse(high > low, pnorm(low) + pnorm(high, lower.tail = FALSE), 1)
    total <- total + dnorm(first) * sum(dnorm(grid) * outside)
  }
  total * 0.02^2
}

# The arm's hazard ratio of a Cox model.
of_arm <- function(fit) {
  k <- grep("^TRTP", names(coef(fit)))[1]
  list(beta = coef(fit)[[k]], std_error = sqrt(vcov(fit)[k, k]))
}

add_hazard_ratio <- function(fit, arm, reference, statistic = "hazard ratio", group = "",
                             table = "ttet01") {
  found <- of_arm(fit)
  add_ratio(table, statistic, found$beta, found$std_error, arm = arm, reference = reference,
            group = group)
}

# The tests of proportional hazards; `names` are the plan's names of the terms.
add_proportional_hazards <- function(test, names, arm, reference) {
  rows <- test$table
  add("ttet01", "proportional hazards test", arm = arm, reference = reference,
      group = c(names, "global"), test = rows[, "chisq"], df = rows[, "df"], p = rows[, "p"])
}

add_periods_of_hazard <- function(data, cuts, terms, ties, arm, reference) {
  edges <- c(-Inf, cuts, Inf)
  for (k in seq_along(edges)[-1]) {
    low <- edges[k - 1]
    high <- edges[k]
    # those still at risk, censored at the end of the period: `zero = -1`, so that day 0 is in it
    here <- data[data$AVAL > low, ]
    if (!is.null(here$ENTRY)) here <- here[here$ENTRY < high, ]
    here$EVENT <- here$CNSR == 0 & here$AVAL <= high
    here$AVAL <- pmin(here$AVAL, high)
    words <- if (is.infinite(low)) paste("up to", day(high))
             else if (is.infinite(high)) paste("after", day(low))
             else paste(day(low), "to", format(high, digits = 6))
    here <- droplevels(here)
    from <- if (delayed_in(here)) pmax(here$ENTRY, low) else NULL
    here$AT <- if (is.null(from)) Surv(here$AVAL, here$EVENT)
               else Surv(ifelse(from > 0, from, -1), here$AVAL, here$EVENT)
    if (length(unique(here$TRTP[here$EVENT])) < 2) next
    fit <- coxph(reformulate(terms, "AT"), data = here, ties = ties)
    add_hazard_ratio(fit, arm, reference, "hazard ratio in period", words)
  }
}

# A Cox model with covariates at their last value before each event.
add_time_varying <- function(data, courses, terms, ties, arm, reference) {
  if (ties == "exact") {
    not_repeated("coxph needs hours for exact ties with several intervals a subject",
                 statistic = "hazard ratio (time")
    return(not_repeated("coxph needs hours for exact ties with several intervals a subject",
                        statistic = "hazard ratio of a time"))
  }
  data$EVENT <- as.integer(data$CNSR == 0)
  times <- sort(unique(data$AVAL[data$EVENT == 1]))
  pieces <- survSplit(Surv(AVAL, EVENT) ~ ., data = data, cut = times, zero = -1)
  names <- unique(as.character(courses$NAME))
  for (k in seq_along(names)) {
    known <- courses[courses$NAME == names[k], ]
    known <- split(known, as.character(known$USUBJID))
    pieces[[paste0("COURSE", k)]] <- mapply(function(who, end) {
      one <- known[[who]]
      one <- one[one$ADY < end, ]
      if (is.null(one) || !nrow(one)) NA else one$VALUE[which.max(one$ADY)]
    }, as.character(pieces$USUBJID), pieces$AVAL)
  }
  columns <- paste0("COURSE", seq_along(names))
  pieces <- pieces[stats::complete.cases(pieces[columns]), ]
  fit <- coxph(reformulate(c(terms, columns), "Surv(tstart, AVAL, EVENT)"), data = pieces,
               ties = ties)
  add_hazard_ratio(fit, arm, reference, "hazard ratio (time-varying covariates)")
  for (k in seq_along(names)) {
    i <- match(columns[k], names(coef(fit)))
    add_ratio("ttet01", "hazard ratio of a time-varying covariate", coef(fit)[[i]],
              sqrt(vcov(fit)[i, i]), arm = arm, reference = reference, group = names[k])
  }
}

# Independent groups, their tests combined by the roots of weights fixed before, and the hazard
# ratio whose test that is.
add_combination <- function(data, by, weights, covariates, strata, ties, arm, reference) {
  root <- sqrt(weights / sum(weights))
  groups <- lapply(names(weights), function(level) droplevels(data[data[[by]] == level, ]))
  z <- vapply(groups, function(g) log_rank_sums(g, arm, WEIGHTS["log-rank"], strata)$z, 0)
  fits <- lapply(groups, function(g) {
    g$AT <- at_risk_of(g)
    right <- c("TRTP", covariates, if (length(strata)) sprintf("strata(%s)", paste(strata, collapse = ", ")))
    of_arm(coxph(reformulate(right, "AT"), data = g, ties = ties))
  })
  combined <- sum(root * z)
  add("ttet01", "weighted combination log-rank test", arm = arm, reference = reference,
      test = combined, p = 2 * pnorm(-abs(combined)))
  w <- root / vapply(fits, `[[`, 0, "std_error")
  add_ratio("ttet01", "hazard ratio (weighted combination)",
            sum(w * vapply(fits, `[[`, 0, "beta")) / sum(w), 1 / sum(w), arm = arm,
            reference = reference)
}

# Both factors of a two-by-two trial and their product; `cells` are the arms in the order first
# level of both, then the second of the second, and so on.
add_factorial <- function(data, cells, names, levels, terms, ties, tau, law) {
  data <- droplevels(data[data$TRTP %in% cells, ])
  data$FIRST <- as.numeric(data$TRTP %in% cells[3:4])
  data$SECOND <- as.numeric(data$TRTP %in% cells[c(2, 4)])
  data$AT <- at_risk_of(data)
  fit <- coxph(reformulate(c("FIRST * SECOND", terms), "AT"), data = data, ties = ties)
  at <- match(c("FIRST", "SECOND", "FIRST:SECOND"), names(coef(fit)))
  ratio <- function(statistic, group, L) {
    add_ratio("ttet03", statistic, sum(L * coef(fit)[at]), sqrt(drop(L %*% vcov(fit)[at, at] %*% L)),
              group = group)
  }
  both <- paste(names[1], "by", names[2])
  a <- levels[[1]]
  b <- levels[[2]]
  ratio("ratio of hazard ratios", both, c(0, 0, 1))
  ratio("hazard ratio within a level", paste(a[2], "against", a[1], "with", b[1]), c(1, 0, 0))
  ratio("hazard ratio within a level", paste(a[2], "against", a[1], "with", b[2]), c(1, 0, 1))
  ratio("hazard ratio within a level", paste(b[2], "against", b[1], "with", a[1]), c(0, 1, 0))
  ratio("hazard ratio within a level", paste(b[2], "against", b[1], "with", a[2]), c(0, 1, 1))
  means <- lapply(cells, function(arm) restricted_mean(data[data$TRTP == arm, ], tau))
  x <- sum_of_means(means, c(1, -1, -1, 1), law)
  add("ttet03", "difference of differences in restricted means", x$estimate, group = both,
      lower = x$lower, upper = x$upper, std_error = x$std_error, df = x$df, test = x$test, p = x$p)
}

# Incidence where events of other kinds come first: of each kind and arm, Gray's test, and the
# ratios of cause-specific and of subdistribution hazards.
add_competing <- function(data, kinds, terms, strata, ties, conf.type, arms) {
  names <- c("the event", kinds)
  cause <- ifelse(data$CNSR == 0, 1, 0)
  for (k in seq_along(kinds)) cause[data$EVNTDESC %in% kinds[k]] <- k + 1
  data$CAUSE <- factor(cause, 0:length(names), c("censored", names))
  days <- days_of("cift01", "cumulative incidence", "visit")
  for (arm in rev(arms)) {
    here <- data[data$TRTP == arm, ]
    here$AT <- if (delayed_in(here)) Surv(here$ENTRY, here$AVAL, here$CAUSE)
               else Surv(here$AVAL, here$CAUSE)
    curve <- survfit(AT ~ 1, data = here, conf.type = conf.type, conf.int = LEVEL,
                     id = if (delayed_in(here)) here$USUBJID)
    s <- summary(curve, times = days[days <= max(here$AVAL)])
    for (name in names) {
      add("cift01", "events of this kind", sum(here$CAUSE == name), arm = arm, group = name)
      k <- match(name, curve$states)
      if (is.na(k) || !length(s$time)) next
      add("cift01", "cumulative incidence", s$pstate[, k], visit = day(s$time), arm = arm,
          group = name, std_error = s$std.err[, k], lower = s$lower[, k], upper = s$upper[, k])
    }
  }
  if (length(arms) < 2) return(invisible())
  two <- droplevels(data[data$TRTP %in% arms, ])
  cause <- factor(two$CAUSE, levels(data$CAUSE))
  if (!delayed_in(two)) {
    stratum <- if (length(strata)) interaction(two[strata], drop = TRUE) else rep(1, nrow(two))
    tests <- cmprsk::cuminc(two$AVAL, as.integer(cause) - 1, two$TRTP, strata = stratum)$Tests
  }
  for (k in seq_along(names)) {
    if (!any(cause == names[k])) next
    keep <- list(arm = arms[1], reference = arms[2], group = names[k])
    two$THIS <- cause == names[k]
    two$AT <- if (delayed_in(two)) Surv(two$ENTRY, two$AVAL, two$THIS) else Surv(two$AVAL, two$THIS)
    right <- c(terms, if (length(strata)) sprintf("strata(%s)", paste(strata, collapse = ", ")))
    if (length(unique(two$TRTP[two$THIS])) == 2) {
      add_hazard_ratio(coxph(reformulate(right, "AT"), data = two, ties = ties), arms[1], arms[2],
                       "cause-specific hazard ratio", names[k], "cift01")
    }
    if (delayed_in(two)) next
    row <- tests[match(as.character(k), rownames(tests)), ]
    do.call(add, c(list("cift01", "Gray's test", test = row[["stat"]], df = row[["df"]],
                        p = row[["pv"]]), keep))
    two$CAUSE <- cause
    weighted <- finegray(Surv(AVAL, CAUSE) ~ ., etype = names[k],
                         data = two[setdiff(names(two), c("AT", "THIS"))])
    fit <- coxph(reformulate(terms, "Surv(fgstart, fgstop, fgstatus)"), data = weighted,
                 weights = fgwt, cluster = USUBJID, ties = if (ties == "exact") "efron" else ties)
    add_hazard_ratio(fit, arms[1], arms[2], "subdistribution hazard ratio", names[k], "cift01")
  }
}

# A parametric distribution: time ratio, hazard ratio if it has one, and restricted mean times
# standardised over the covariates, by the delta method.
add_parametric <- function(fit, data, tau, arm, reference, law) {
  table <- "aftt01"
  beta <- coef(fit)
  p <- length(beta)
  V <- vcov(fit)
  if (nrow(V) == p) V <- rbind(cbind(V, 0), 0)
  k <- grep("^TRTP", names(beta))
  scale <- fit$scale
  add_ratio(table, "time ratio", beta[[k]], sqrt(V[k, k]), arm = arm, reference = reference)
  add(table, "scale", scale, arm = arm, reference = reference)
  if (law %in% c("weibull", "exponential")) {
    g <- replace(numeric(p + 1), c(k, p + 1), c(-1 / scale, beta[[k]] / scale))
    add_ratio(table, "hazard ratio", -beta[[k]] / scale, sqrt(drop(g %*% V %*% g)), arm = arm,
              reference = reference)
  }
  # all participants, also those with an interval from 0 on, which adds nothing to the model
  X <- model.matrix(delete.response(terms(fit)), data)
  distribution <- survreg.distributions[[if (law == "exponential") "weibull" else law]]$dist
  survival <- function(z) switch(distribution, extreme = exp(-exp(z)),
                                 gaussian = pnorm(z, lower.tail = FALSE),
                                 logistic = plogis(z, lower.tail = FALSE))
  mean_of <- function(par, which) {
    X[, k] <- as.numeric(which == arm)
    rows <- unique(X)
    share <- table(factor(apply(X, 1, paste, collapse = " "),
                          unique(apply(rows, 1, paste, collapse = " ")))) / nrow(X)
    s <- exp(par[p + 1])
    # the square root of time, since a survival curve may be steep at 0
    sum(share * apply(rows, 1, function(x) {
      integrate(function(r) 2 * r * tau * survival((log(tau * r^2) - sum(x * par[1:p])) / s), 0, 1,
                rel.tol = 1e-10)$value
    }))
  }
  table_name <- table
  par <- c(beta, log(scale))
  means <- lapply(c(reference, arm), function(which) {
    list(value = mean_of(par, which),
         gradient = numDeriv::grad(function(x) mean_of(x, which), par))
  })
  one <- function(statistic, value, g, ..., tested) {
    add_normal(table_name, statistic, value, sqrt(drop(g %*% V %*% g)), ..., tested = tested)
  }
  one("restricted mean", means[[1]]$value, means[[1]]$gradient, arm = reference, tested = FALSE)
  one("restricted mean", means[[2]]$value, means[[2]]$gradient, arm = arm, tested = FALSE)
  one("difference in restricted means", means[[2]]$value - means[[1]]$value,
      means[[2]]$gradient - means[[1]]$gradient, arm = arm, reference = reference, tested = TRUE)
  add(table_name, "Akaike's criterion", AIC(fit), arm = arm, reference = reference)
}

# An event on the dosing day counts at the middle of that day, as the distributions need times > 0.
positive <- function(data, low, high) {
  given <- c(data[[low]], data[[high]])
  place <- min(0.5, min(given[is.finite(given) & given > 0]) / 2)
  start <- !is.na(data[[high]]) & data[[high]] == 0
  data[[low]][start] <- place
  data[[high]][start] <- place
  data
}

# Turnbull's curve by its self-consistency, over the intervals that can hold probability; no number
# inside an interval that holds some.
turnbull <- function(low, high) {
  exact <- low == high
  # (left, right] where a left end is followed by a right end; exact times stand for themselves
  marks <- rbind(data.frame(at = c(0, unique(low[!exact])), kind = 2L),
                 data.frame(at = c(Inf, unique(high[!exact])), kind = 1L))
  marks <- unique(marks[order(marks$at, marks$kind), ])
  some <- which(head(marks$kind, -1) == 2 & tail(marks$kind, -1) == 1)
  q <- c(marks$at[some], unique(low[exact]))
  p <- c(marks$at[some + 1], unique(low[exact]))
  point <- c(rep(FALSE, length(some)), rep(TRUE, length(unique(low[exact]))))
  A <- vapply(seq_along(q), function(j) {
    if (point[j]) ifelse(exact, low == q[j], low < q[j] & high >= q[j])
    else !exact & low <= q[j] & high >= p[j]
  }, logical(length(low)))
  held <- colSums(A) > 0
  A <- A[, held, drop = FALSE] * 1
  q <- q[held]
  p <- p[held]
  mass <- rep(1 / length(q), length(q))
  for (i in 1:200000) {
    new <- mass * colMeans(A / drop(A %*% mass))
    done <- max(abs(new - mass)) < 1e-12
    mass <- new
    if (done) break
  }
  list(left = q, right = p, mass = mass)
}

add_turnbull <- function(data) {
  for (arm in each_arm(data)) {
    here <- data[data$TRTP == arm, ]
    curve <- turnbull(here$ALO, ifelse(is.na(here$AHI), Inf, here$AHI))
    for (t in days_of("aftt01", "survival")) {
      high <- 1 - sum(curve$mass[curve$right <= t])
      low <- 1 - sum(curve$mass[curve$left < t | curve$right <= t])
      if (abs(high - low) < 1e-7) add("aftt01", "survival", high, arm = arm, group = day(t))
    }
  }
}

# Recurrent events.
add_recurrent <- function(data, arms) {
  for (arm in arms) {
    here <- data[data$TRTP == arm, ]
    years <- sum(here$STOP - here$START) / 365.25
    add("rect01", "events", sum(here$EVENT), arm = arm)
    add("rect01", "subjects with an event", length(unique(here$USUBJID[here$EVENT == 1])), arm = arm)
    add("rect01", "years of follow-up", years, arm = arm)
    add("rect01", "events a year", sum(here$EVENT) / years, arm = arm)
    # Nelson's mean number; its variance by participant, which takes no two events for independent
    times <- sort(unique(here$STOP[here$EVENT == 1]))
    people <- split(here, as.character(here$USUBJID))
    # one or no time leaves no matrix without its number of rows
    counted <- function(of) {
      matrix(unlist(lapply(people, function(x) vapply(times, of, 0, x))), length(times), length(people))
    }
    risk <- counted(function(t, x) sum(x$START < t & t <= x$STOP))
    happened <- counted(function(t, x) sum(x$EVENT == 1 & x$STOP == t))
    total <- rowSums(risk)
    steps <- rowSums(happened) / total
    influence <- (happened - risk * steps) / total
    for (k in seq_along(times)[-1]) influence[k, ] <- influence[k - 1, ] + influence[k, ]
    mean <- cumsum(steps)
    std_error <- sqrt(rowSums(influence^2))
    for (t in days_of("rect01", "mean number of events")) {
      if (t > max(here$STOP)) next
      k <- findInterval(t, times)
      m <- if (k) mean[k] else 0
      s <- if (k) std_error[k] else NA
      add("rect01", "mean number of events", m, arm = arm, group = day(t), std_error = s,
          lower = max(m - z_of_level() * s, 0), upper = m + z_of_level() * s)
    }
  }
}
