# The numbers of R next to those of results.csv.

FIELDS <- c(estimate = "estimate", lower = "conf_low", upper = "conf_high",
            std_error = "std_error", df = "df", test = "test_statistic", p = "p_value")
# Two programs that search for the same maximum agree to about this share of the standard error;
# the page shows three or four digits.
SHARE <- 2e-4

key_of <- function(x) do.call(paste, c(unname(x[KEYS]), sep = "\r"))

# Numbers that would reveal small counts are rounded; `suppressed` names each as `field:step`, and
# the number itself lies within half a step of what is written.
half_steps <- function(row) {
  half <- setNames(numeric(length(FIELDS)), names(FIELDS))
  if (is.na(row$suppressed)) return(half)
  told <- strsplit(strsplit(row$suppressed, " ", fixed = TRUE)[[1]], ":", fixed = TRUE)
  for (one in told[lengths(told) == 2]) half[FIELDS == one[1]] <- number(one[2]) / 2
  half
}

alike <- function(field, ours, theirs, scale, half) {
  allowed <- 1e-9 + SHARE * pmax(abs(theirs), scale)
  if (field == "p") allowed <- 1e-6 + 2e-3 * theirs
  if (field == "df") allowed <- 1e-3 * abs(theirs) + 1e-6
  abs(ours - theirs) <= allowed + half
}

why_not <- function(row) {
  if (is.null(reasons)) return("")
  fits <- (reasons$analysis == "" | reasons$analysis == row$analysis) &
    (reasons$table == "" | startsWith(row$table, reasons$table)) & reasons$fields == "" &
    (reasons$statistic == "" | startsWith(row$statistic, reasons$statistic))
  if (any(fits)) reasons$why[fits][1] else ""
}

# Fields of an analysis whose numbers are by another method on purpose.
left_out <- function(row) {
  if (is.null(reasons)) return(character(0))
  fits <- reasons$fields != "" & reasons$analysis == row$analysis &
    (reasons$table == "" | startsWith(row$table, reasons$table)) &
    (reasons$statistic == "" | startsWith(row$statistic, reasons$statistic))
  unlist(strsplit(reasons$fields[fits], " "))
}

# A CSV in UTF-8 whatever the language of the computer.
write_table <- function(x, name) {
  columns <- lapply(x, function(column) {
    if (is.numeric(column)) ifelse(is.na(column), "", format(column, digits = 15, trim = TRUE))
    else paste0("\"", gsub("\"", "\"\"", enc2utf8(as.character(column)), fixed = TRUE), "\"")
  })
  lines <- c(paste(names(x), collapse = ","), do.call(paste, c(unname(columns), sep = ",")))
  out <- file(file.path(folder, name), "wb")
  on.exit(close(out))
  writeLines(enc2utf8(lines), out, useBytes = TRUE)
}

compare <- function() {
  place <- if (is.null(numbers)) rep(NA, nrow(results)) else match(key_of(results), key_of(numbers))
  verdict <- why <- rep("", nrow(results))
  worst <- rep(NA_real_, nrow(results))
  for (i in seq_len(nrow(results))) {
    row <- results[i, ]
    known <- names(FIELDS)[!is.na(row[FIELDS])]
    if (!length(known)) {
      verdict[i] <- "no number"
      next
    }
    if (is.na(place[i])) {
      verdict[i] <- "not repeated"
      why[i] <- why_not(row)
      next
    }
    ours <- numbers[place[i], ]
    known <- setdiff(known, left_out(row))
    given <- known[!is.na(ours[known])]
    if (!length(given)) {
      verdict[i] <- "not repeated"
      why[i] <- why_not(row)
      next
    }
    scale <- if (is.na(row$std_error)) 0 else number(row$std_error)
    half <- half_steps(row)
    near <- vapply(given, function(field) {
      alike(field, ours[[field]], number(row[[FIELDS[field]]]), scale, half[[field]])
    }, NA)
    verdict[i] <- if (all(near)) "equal" else "off"
    missing <- setdiff(names(FIELDS)[!is.na(row[FIELDS])], given)
    why[i] <- if (all(near)) {
      if (length(missing)) paste("not repeated:", paste(missing, collapse = " ")) else ""
    } else {
      paste(vapply(given[!near], function(field) {
        sprintf("%s %.8g, here %.8g", field, number(row[[FIELDS[field]]]), ours[[field]])
      }, ""), collapse = "; ")
    }
  }
  out <- data.frame(id = results$id, verdict, why, stringsAsFactors = FALSE)
  write_table(out, "comparison.csv")
  kept <- numbers
  if (!is.null(kept)) {
    kept <- cbind(id = results$id[match(key_of(kept), key_of(results))],
                  kept[c("estimate", "lower", "upper", "std_error", "df", "test", "p")])
    kept <- kept[!is.na(kept$id), ]
    write_table(kept, "numbers.csv")
  }
  cat(sprintf("%d numbers equal, %d off, %d not repeated\n", sum(verdict == "equal"),
              sum(verdict == "off"), sum(verdict == "not repeated")))
  for (i in which(verdict == "off")) cat("off:", out$id[i], "|", out$why[i], "\n")
  lost <- verdict == "not repeated"
  told <- paste0(ifelse(results$analysis == "", results$table, results$analysis), ": ",
                 ifelse(why == "", "no code", why))
  counts <- table(factor(told[lost], unique(told[lost])))
  for (words in names(counts)) cat(sprintf("not repeated (%d): %s\n", counts[[words]], words))
  if (any(verdict == "off")) 1 else 0
}
