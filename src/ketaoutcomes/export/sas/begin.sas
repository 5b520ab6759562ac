* Written by `python -m ketaoutcomes export`, by the documentation of SAS/STAT 15.3: SAS was not at
  hand, and no line of it was ever run. Set the folder of the datasets; read it in a session whose
  encoding is UTF-8, since arms and visits may hold any letter.;
%let folder = .;
libname adam "&folder";
options validvarname=v7;
%let analysis = ;

proc datasets library=work nolist;
  delete numbers;
quit;

* Those of some variables of `d` that hold texts, for a CLASS statement.;
%macro factors(names);
  %local opened place one;
  %let opened = %sysfunc(open(work.d));
  %do place = 1 %to %sysfunc(countw(&names, %str( )));
    %let one = %scan(&names, &place, %str( ));
    %if %sysfunc(vartype(&opened, %sysfunc(varnum(&opened, &one)))) = C %then &one;
  %end;
  %let opened = %sysfunc(close(&opened));
%mend factors;

* Keeps the numbers of a table of a procedure under the keys of results.csv. `visit`, `arm`,
  `reference` and `group` are variables, or texts in quotes; a variable that the table has not is
  missing.;
%macro keep(data, table, statistic, visit='', arm='', reference='', group='', estimate=Estimate,
            lower=Lower, upper=Upper, std_error=StdErr, df=DF, p=.);
  data _new (keep=k_table k_analysis k_statistic k_visit k_arm k_reference k_group
                  n_estimate n_lower n_upper n_std_error n_df n_p);
    length k_table $8 k_analysis k_statistic k_visit k_arm k_reference k_group $200;
    set &data;
    k_table = "&table";
    k_analysis = "&analysis";
    k_statistic = &statistic;
    k_visit = &visit;
    k_arm = &arm;
    k_reference = &reference;
    k_group = &group;
    n_estimate = &estimate;
    n_lower = &lower;
    n_upper = &upper;
    n_std_error = &std_error;
    n_df = &df;
    n_p = &p;
  run;
  proc append base=numbers data=_new force;
  run;
%mend keep;

* Differences of LS means at one visit against the reference; a pair that the procedure wrote the
  other way round changes its sign.;
%macro keep_differences(data, table, statistic, reference);
  data _pairs;
    set &data;
    if missing(AVISIT) or AVISIT = _AVISIT;
    if TRTP = &reference then do;
      TRTP = _TRTP;
      _TRTP = &reference;
      Estimate = -Estimate;
      _lower = Lower;
      Lower = -Upper;
      Upper = -_lower;
    end;
    if _TRTP = &reference;
  run;
  %keep(_pairs, &table, &statistic, visit=AVISIT, arm=TRTP, reference=_TRTP, p=Probt)
%mend keep_differences;

* Hazard ratios of PROC PHREG; the standard error is that of the logarithm.;
%macro keep_ratio(data, table, statistic, arm=, reference=);
  %keep(&data, &table, &statistic, arm=&arm, reference=&reference, estimate=HazardRatio,
        lower=HRLowerCL, upper=HRUpperCL, df=., p=ProbChiSq)
%mend keep_ratio;

* The datasets.;
