{{ config(materialized='table', partitioned_by=['sold_on']) }}
select
    number as sale_id,
    1 + number % 3 as branch_id,
    cast(number as decimal(12, 2)) / 4 as amount,
    date '2026-01-01' + interval '1' day * (number % 2) as sold_on
from unnest(sequence(1, 12)) as t (number)
