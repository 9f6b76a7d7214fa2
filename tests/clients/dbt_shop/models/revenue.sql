{{ config(materialized='view') }}
select b.name, b.opened_on, sum(s.amount) as revenue, count(*) as sales
from {{ ref('sales') }} as s
join {{ ref('branches') }} as b on b.branch_id = s.branch_id
group by b.name, b.opened_on
