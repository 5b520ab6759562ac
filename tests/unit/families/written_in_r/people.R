# Families that no other test compares with R, on people.csv, events.csv and made counts.
# Rscript people.R > people_numbers.csv
suppressMessages({library(survival); library(metafor); library(cmprsk); library(boot)})
d <- read.csv("people.csv"); d$drug <- as.numeric(d$arm == "drug")
out <- function(name, ...) {
  v <- c(...)
  for (i in seq_along(v)) cat(name, names(v)[i], sprintf("%.12g\n", v[[i]]), sep = ",")
}
cat("case,number,value\n")

# cost-effectiveness: increments, net benefit at 20,000 with its error, Fieller's limits of the ratio
a <- subset(d, drug == 1); b <- subset(d, drug == 0)
dc <- mean(a$cost) - mean(b$cost); de <- mean(a$effect) - mean(b$effect)
vc <- var(a$cost) / nrow(a) + var(b$cost) / nrow(b); ve <- var(a$effect) / nrow(a) + var(b$effect) / nrow(b)
cv <- cov(a$cost, a$effect) / nrow(a) + cov(b$cost, b$effect) / nrow(b)
se <- sqrt(20000^2 * ve + vc - 2 * 20000 * cv)
out("value", cost = dc, effect = de, ratio = dc / de, net = 20000 * de - dc, net_error = se,
    accepted = pnorm((20000 * de - dc) / se), cost_error = sqrt(vc), effect_error = sqrt(ve))
set.seed(1)
net <- boot(d, function(x, i) { x <- x[i, ]; 20000 * (mean(x$effect[x$drug == 1]) - mean(x$effect[x$drug == 0])) -
  (mean(x$cost[x$drug == 1]) - mean(x$cost[x$drug == 0])) }, 40000, strata = factor(d$arm))
q <- quantile(net$t, c(.025, .975)); out("value_boot", low = q[[1]], high = q[[2]], accepted = mean(net$t > 0))

# mediation with and without interaction: products of least squares coefficients
d$before <- d$age %% 7
m <- lm(mediator ~ drug + age + before, d); y <- lm(outcome ~ drug + mediator + age + before, d)
yi <- lm(outcome ~ drug * mediator + age + before, d)
aa <- coef(m)[["drug"]]; m0 <- mean(predict(m, transform(d, drug = 0))); m1 <- mean(predict(m, transform(d, drug = 1)))
out("mediation", indirect = aa * coef(y)[["mediator"]], direct = coef(y)[["drug"]], total = coef(lm(outcome ~ drug + age + before, d))[["drug"]],
    sobel = sqrt(aa^2 * vcov(y)["mediator", "mediator"] + coef(y)[["mediator"]]^2 * vcov(m)["drug", "drug"]))
k <- coef(yi)
out("mediation_interaction", indirect_0 = aa * k[["mediator"]], indirect_1 = aa * (k[["mediator"]] + k[["drug:mediator"]]),
    direct_0 = k[["drug"]] + k[["drug:mediator"]] * m0, direct_1 = k[["drug"]] + k[["drug:mediator"]] * m1)

# recurrent events
e <- merge(read.csv("events.csv"), d[, c("id", "drug", "age", "months")], all.y = TRUE)
rows <- do.call(rbind, lapply(split(e, e$id), function(x) {
  end <- 30 * x$months[1]; day <- sort(x$day[!is.na(x$day)])
  r <- data.frame(id = x$id[1], drug = x$drug[1], age = x$age[1], start = c(0, day), stop = c(day, end),
                  event = c(rep(1, length(day)), 0))
  r$number <- seq_len(nrow(r)); r[r$stop > r$start, ]
}))
lwyy <- coxph(Surv(start, stop, event) ~ drug + cluster(id), rows, control = coxph.control(eps = 1e-12, toler.chol = 1e-13))
out("lwyy", log_ratio = coef(lwyy)[[1]], std_error = sqrt(vcov(lwyy)[1, 1]), model_error = sqrt(lwyy$naive.var[1, 1]))
capped <- subset(rows, number <= 3)  # of few events a stratum is thin
pwp <- coxph(Surv(start, stop, event) ~ drug + strata(number) + cluster(id), capped, control = coxph.control(eps = 1e-12, toler.chol = 1e-13))
gap <- coxph(Surv(stop - start, event) ~ drug + strata(number) + cluster(id), capped, control = coxph.control(eps = 1e-12, toler.chol = 1e-13))
out("pwp_total", log_ratio = coef(pwp)[[1]], std_error = sqrt(vcov(pwp)[1, 1]))
out("pwp_gap", log_ratio = coef(gap)[[1]], std_error = sqrt(vcov(gap)[1, 1]))

# restricted mean with covariates (Tian, Zhao & Wei 2014), weights within arms
tau <- 60; z <- cbind(1, d$drug, d$age); yy <- pmin(d$time, tau); known <- d$kind > 0 | d$time >= tau
w <- numeric(nrow(d))
for (g in 0:1) { r <- which(d$drug == g); f <- survfit(Surv(yy[r], 1 - known[r]) ~ 1)
  w[r] <- known[r] / sapply(yy[r], function(t) f$surv[f$time == t]) }
out("restricted_mean", difference = coef(lm(yy ~ z - 1, weights = w))[[2]])
lr <- suppressWarnings(glm(yy ~ z - 1, quasipoisson, weights = w, control = glm.control(epsilon = 1e-14, maxit = 200)))
out("restricted_mean", log_ratio = coef(lr)[[2]])

# competing risks
# crr takes events and censoring of one day in another order than survival; half a day tells them apart
apart <- d$time + ifelse(d$kind == 0, 0.5, 0)
fg <- crr(apart, d$kind, cbind(d$drug, d$age), gtol = 1e-12, maxiter = 50)
fs <- finegray(Surv(time, factor(kind, 0:2, c("no", "event", "death"))) ~ ., d, etype = "event")
cx <- coxph(Surv(fgstart, fgstop, fgstatus) ~ drug + age + cluster(id), fs, weights = fgwt, ties = "breslow", control = coxph.control(eps = 1e-12, toler.chol = 1e-13))
out("fine_gray", log_ratio = coef(cx)[[1]], std_error = sqrt(vcov(cx)[1, 1]), by_crr = fg$coef[[1]], error_by_crr = sqrt(fg$var[1, 1]))
g <- cuminc(d$time, d$kind, d$arm); out("gray", chi2 = g$Tests["1", "stat"], p = g$Tests["1", "pv"])

# interval-censored times
d$high[is.na(d$high)] <- Inf
iv <- with(d, Surv(ifelse(low == 0, NA, low), ifelse(is.finite(high), high, NA), type = "interval2"))
for (dist in c("weibull", "lognormal", "loglogistic", "exponential")) {
  s <- survreg(iv ~ drug, d, dist = dist, control = list(rel.tolerance = 1e-14, maxiter = 200))
  out(paste0("interval_", dist), drug = coef(s)[[2]], std_error = sqrt(vcov(s)[2, 2]), log_likelihood = s$loglik[2])
}
# exact tests and intervals of proportions
x <- table(d$arm, d$response)[c("drug", "placebo"), c("1", "0")]
out("exact", fisher = fisher.test(x)$p.value, or_low = fisher.test(x)$conf.int[1], low = binom.test(x[1, 1], sum(x[1, ]))$conf.int[1],
    high = binom.test(x[1, 1], sum(x[1, ]))$conf.int[2])
mh <- mantelhaen.test(table(factor(d$arm, c("drug", "placebo")), factor(d$response, 1:0), d$site), correct = FALSE)
out("mantel_haenszel", odds = mh$estimate[[1]], chi2 = mh$statistic[[1]], p = mh$p.value)

# Firth's logistic regression by the penalised likelihood alone
X <- cbind(1, d$drug, (d$age - 45) / 10)
pen <- function(beta, r = seq_along(beta)) { eta <- as.numeric(X %*% beta); p <- plogis(eta)
  sum(ifelse(d$response == 1, plogis(eta, log.p = TRUE), plogis(-eta, log.p = TRUE))) + .5 * as.numeric(determinant(crossprod(X, X * (p * (1 - p))))$modulus) }
best <- optim(c(0, 0, 0), function(b) -pen(b), method = "BFGS", control = list(reltol = 1e-15, maxit = 500))
profile <- function(v) -optim(best$par[-2], function(b) -pen(c(b[1], v, b[2])), method = "BFGS", control = list(reltol = 1e-15))$value
edge <- function(side) uniroot(function(v) 2 * (-best$value - profile(v)) - qchisq(.95, 1), best$par[2] + side * c(.05, 5), tol = 1e-10)$root
out("firth", log_odds = best$par[2], low = edge(-1), high = edge(1), p = pchisq(2 * (-best$value - profile(0)), 1, lower.tail = FALSE))

# meta-analysis: the limits of prediction with each convention
yi <- c(-.52, -.11, -.83, .09, -.40, -.67); vi <- c(.04, .09, .12, .06, .20, .03)
for (test in c("z", "knha", "adhoc")) {
  f <- rma(yi, vi, test = test, control = list(threshold = 1e-12)); p <- predict(f)
  out(paste0("meta_", test), estimate = coef(f)[[1]], std_error = f$se, low = f$ci.lb, high = f$ci.ub, p = f$pval, tau2 = f$tau2,
      pi_low = p$pi.lb, pi_high = p$pi.ub)
}
