{{ config(materialized='incremental', incremental_strategy='append', table_type='hive') }}
select cast('{{ var("run") }}' as varchar) as run, sale_id from {{ ref('sales') }} where sale_id <= 2
