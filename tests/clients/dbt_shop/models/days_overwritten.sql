{{ config(materialized='incremental', incremental_strategy='insert_overwrite', partitioned_by=['sold_on']) }}
select cast('{{ var("run") }}' as varchar) as run, sale_id, sold_on from {{ ref('sales') }}
{% if is_incremental() %} where sold_on = date '2026-01-02' {% endif %}
