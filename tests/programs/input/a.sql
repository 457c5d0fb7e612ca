create table t(a integer primary key, b text); with recursive c(x) as (select 1 union all select x+1 from c where x<1000) insert into t select x, hex(x*7919%1009) from c;
select count(*), sum(length(b)), min(b), max(b) from t; select a,b from t order by b desc, a limit 5; create index i on t(b); select count(distinct b) from t; pragma integrity_check;
