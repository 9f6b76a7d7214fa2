/*
shows: store_lifespan
columns:
  from_days: {type: bigint, description: 'Lifespan in days, rounded down to 30; below 0 where an install ended before it began', format: '#,##0', unit: days, aggregate: none}
  active_stores: {type: bigint, description: Stores with an open install, format: '#,##0', unit: stores, aggregate: sum}
  ended_stores: {type: bigint, description: Stores without one, format: '#,##0', unit: stores, aggregate: sum}
*/
SELECT
    lifespan_days - MOD(MOD(lifespan_days, 30) + 30, 30) AS from_days,
    COUNT(CASE WHEN active THEN 1 END) AS active_stores,
    COUNT(CASE WHEN NOT active THEN 1 END) AS ended_stores
FROM gold.store_lifespan
GROUP BY lifespan_days - MOD(MOD(lifespan_days, 30) + 30, 30)
ORDER BY from_days
