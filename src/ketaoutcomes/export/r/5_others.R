
# Mean costs and effects of the arms and their differences; intervals are of resamples and differ.
add_costs <- function(table, data, arm, reference) {
  means <- function(column) vapply(each_arm(data), function(a) mean(data[[column]][data$TRTP == a]), 0)
  for (pair in list(c("COST", "cost"), c("EFFECT", "effect"))) {
    m <- means(pair[1])
    add(table, paste("mean", pair[2]), m, arm = names(m))
    add(table, paste("incremental", pair[2]), m[[arm]] - m[[reference]], arm = arm,
        reference = reference)
  }
}

# Effects through a mediator from two linear models; intervals are of resamples and differ.
add_mediation <- function(table, m, y, data, arm, reference) {
  through <- function(level) {
    at <- data
    at$TRTP <- factor(level, levels(data$TRTP))
    predict(m, at)
  }
  outcome <- function(level, mediator) {
    at <- data
    at$TRTP <- factor(level, levels(data$TRTP))
    at$MEDIATOR <- through(mediator)
    mean(predict(y, at))
  }
  keep <- function(statistic, estimate) {
    add(table, statistic, estimate, arm = arm, reference = reference)
  }
  a <- outcome(arm, arm)
  r <- outcome(reference, reference)
  indirect <- c(a - outcome(arm, reference), outcome(reference, arm) - r)
  direct <- c(outcome(arm, arm) - outcome(reference, arm), outcome(arm, reference) - r)
  keep("total effect", a - r)
  keep("natural indirect effect in the active arm", indirect[1])
  keep("natural indirect effect in the reference arm", indirect[2])
  keep("natural direct effect in the active arm", direct[1])
  keep("natural direct effect in the reference arm", direct[2])
  keep("effect of treatment on the mediator", mean(through(arm)) - mean(through(reference)))
}

# What rbmi takes as `data_ice`: the first visit after the event and its strategy. Who was not seen
# from some visit on without an event has had the event `dropout`, if the plan says so.
events_of <- function(data, strategies, dropout = NULL) {
  rows <- lapply(split(data, as.character(data$USUBJID)), function(one) {
    one <- one[order(one$AVISIT), ]
    event <- if (is.null(one$EVNTICE)) rep(NA, nrow(one)) else as.character(one$EVNTICE)
    known <- which(event %in% names(strategies))
    seen <- c(0, which(!is.na(one$CHG)))
    if (!length(known) && !is.null(dropout) && max(seen) < nrow(one)) {
      known <- max(seen) + 1
      event[known] <- dropout
    }
    if (!length(known)) return(NULL)
    # rbmi wants the first visit after the last score
    first <- max(known[1], max(seen) + 1)
    if (first > nrow(one)) return(NULL)
    data.frame(USUBJID = one$USUBJID[1], AVISIT = one$AVISIT[first],
               strategy = strategies[[event[known[1]]]])
  })
  do.call(rbind, rows)
}

# One row per participant: y1, y2, ... the change at each visit, covariates less their means.
wide_of <- function(data, covariates) {
  visits <- levels(data$AVISIT)
  people <- data[!duplicated(data$USUBJID), ]
  w <- as.data.frame(lapply(visits, function(v) {
    here <- data[data$AVISIT == v, ]
    here$CHG[match(people$USUBJID, here$USUBJID)]
  }))
  names(w) <- paste0("y", seq_along(visits))
  X <- if (length(covariates)) model.matrix(reformulate(covariates), people)[, -1, drop = FALSE]
  cbind(w, if (length(covariates)) scale(X, scale = FALSE))
}

# LS means of the doses at a visit and their differences from the reference, with the fewest degrees
# of freedom of any of them; their intervals and p-values are adjusted by Dunnett's distribution.
add_doses <- function(table, fit, visit, doses, reference) {
  arms <- intersect(doses, levels(droplevels(fit$data$TRTP)))
  means <- emmeans(as_grid(fit), intersect(c("TRTP", "AVISIT"), all.vars(formula(fit))))
  cells <- means@grid
  here <- if (is.null(cells$AVISIT)) TRUE else cells$AVISIT == visit
  rows <- lapply(arms, function(arm) {
    row <- means@linfct[here & cells$TRTP == arm, ]
    if (length(row) == ncol(fit$X)) row else replace(numeric(ncol(fit$X)), fit$free, row)
  })
  for (k in seq_along(arms)) {
    x <- estimate_of(fit, rows[[k]])
    half <- qt(0.5 + LEVEL / 2, x$df) * x$std_error
    add(table, "LS mean", x$estimate, visit = visit, arm = arms[k], lower = x$estimate - half,
        upper = x$estimate + half, std_error = x$std_error)
  }
  found <- lapply(rows[-1], function(row) estimate_of(fit, row - rows[[1]]))
  df <- min(vapply(found, `[[`, 0, "df"))
  base <- match(reference, arms)
  others <- setdiff(seq_along(arms), base)
  L <- do.call(rbind, lapply(rows[others], function(row) (row - rows[[base]])[fit$free]))
  law <- dunnett(cov2cor(L %*% fit$adjusted %*% t(L)), df)
  for (k in others) {
    x <- estimate_of(fit, rows[[k]] - rows[[base]])
    half <- law$critical * x$std_error
    add(table, "difference in LS means", x$estimate, visit = visit, arm = arms[k],
        reference = reference, lower = x$estimate - half, upper = x$estimate + half,
        std_error = x$std_error, df = df, test = x$estimate / x$std_error,
        p = law$p(x$estimate / x$std_error))
  }
}

# The largest of several |t| of one error: the normal distribution given the error, over that of the
# error, as the degrees of freedom need not be whole (mvtnorm; NA without it).
dunnett <- function(correlation, df) {
  if (!requireNamespace("mvtnorm", quietly = TRUE)) {
    return(list(critical = NA, p = function(t) NA))
  }
  size <- nrow(correlation)
  inside <- function(limit) {
    given <- function(u) vapply(u, function(one) {
      ends <- rep(limit * sqrt(qchisq(one, df) / df), size)
      if (size == 1) return(1 - 2 * pnorm(-ends))
      mvtnorm::pmvnorm(-ends, ends, corr = correlation, algorithm = mvtnorm::Miwa(steps = 128))[1]
    }, 0)
    integrate(given, 0, 1, rel.tol = 1e-7)$value
  }
  list(critical = uniroot(function(x) inside(x) - LEVEL, c(0, 20), tol = 1e-7)$root,
       p = function(t) 1 - inside(abs(t)))
}
