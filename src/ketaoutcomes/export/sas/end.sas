* What came out, beside results.csv.;
proc import datafile="&folder/results.csv" out=results dbms=csv replace;
  guessingrows=max;
run;
proc sql;
  create table comparison as
  select r.id, r.estimate, n.n_estimate, r.conf_low, n.n_lower, r.conf_high, n.n_upper,
         r.std_error, n.n_std_error, r.p_value, n.n_p,
         case
           when n.n_estimate is null then 'not repeated'
           when abs(r.estimate - n.n_estimate) <= 1e-9 + 2e-4 * max(abs(r.estimate), r.std_error)
             then 'equal'
           else 'off'
         end as verdict
  from results (rename=(table=r_table group=r_group)) as r left join numbers as n
    on r.r_table = n.k_table and r.analysis = n.k_analysis and r.statistic = n.k_statistic
       and r.visit = n.k_visit and r.arm = n.k_arm and r.reference = n.k_reference
       and r.r_group = n.k_group
  where r.estimate is not null and r.analysis is not null;
quit;
proc freq data=comparison;
  tables verdict;
run;
proc print data=comparison (where=(verdict = 'off'));
run;
