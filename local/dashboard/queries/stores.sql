/*
shows: store_lifespan
columns:
  stores: {type: bigint, description: Stores that were ever installed, format: '#,##0', unit: stores, aggregate: sum}
  active_stores: {type: bigint, description: Stores with an open install, format: '#,##0', unit: stores, aggregate: sum}
  average_lifespan: {type: 'decimal(18,1)', description: Mean of lifespan_days, format: '#,##0.0', unit: days, aggregate: none}
  longest_lifespan: {type: bigint, description: Greatest of lifespan_days, format: '#,##0', unit: days, aggregate: none}
*/
SELECT
    COUNT(*) AS stores,
    COUNT(CASE WHEN active THEN 1 END) AS active_stores,
    CAST(AVG(CAST(lifespan_days AS decimal(18, 1))) AS decimal(18, 1)) AS average_lifespan,
    MAX(lifespan_days) AS longest_lifespan,
    as_of_day
FROM gold.store_lifespan
GROUP BY as_of_day
ORDER BY as_of_day
