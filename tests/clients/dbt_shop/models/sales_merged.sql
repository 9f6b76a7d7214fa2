{{ config(
    materialized='incremental', incremental_strategy='merge', table_type='iceberg', unique_key='sale_id',
    partitioned_by=['bucket(sale_id, 2)']
) }}
select sale_id, cast('{{ var("run") }}' as varchar) as run from {{ ref('sales') }}
where sale_id {{ 'between 10 and 12' if is_incremental() else '<= 10' }}
