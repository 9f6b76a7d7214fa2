{{ config(materialized='table', table_type='iceberg') }}
select sale_id, amount, cast(timestamp '2026-01-01 00:00:00' as timestamp(6)) as checked_at from {{ ref('sales') }}
