/*
description: Stores by the day their installs began, with what has become of those installs.
grain: one row per UTC day on which an install began
keys: [activity_day]
owner: stores
exportable: true
columns:
  activity_day: {type: date, description: Day the installs began in UTC, export: dimension}
  active_stores: {type: bigint, description: 'Distinct stores with an install of that day that is still open', format: '#,##0', unit: stores, export: distinct, backed_by: active_stores}
  new_stores: {type: bigint, description: 'Distinct stores with an install of that day that has ended since', format: '#,##0', unit: stores, export: distinct, backed_by: new_stores}
  uninstalled_stores: {type: bigint, description: Distinct stores whose install of that day the customer cancelled, format: '#,##0', unit: stores, export: distinct, backed_by: uninstalled_stores}
  stores: {type: bigint, description: 'Distinct stores with an install of that day, each once though it may have several', format: '#,##0', unit: stores, aggregate: distinct}
*/
SELECT
    CAST(from_date AS date) AS activity_day,
    COUNT(DISTINCT CASE WHEN to_now THEN store_id END) AS active_stores,
    COUNT(DISTINCT CASE WHEN NOT to_now THEN store_id END) AS new_stores,
    COUNT(DISTINCT CASE WHEN end_type = 'CUSTOMER_CANCELLED' THEN store_id END) AS uninstalled_stores,
    COUNT(DISTINCT store_id) AS stores
FROM silver.store_installs
WHERE from_date IS NOT NULL
GROUP BY CAST(from_date AS date)
