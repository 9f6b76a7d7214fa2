/*
description: How long each store has had the app, from its first install day to its last day.
grain: one row per store that was ever installed
keys: [store_id]
owner: stores
exportable: false
columns:
  store_id: {type: varchar, description: The store}
  start_day: {type: date, description: Day of the first install in UTC}
  end_day: {type: date, description: 'Last day of any install in UTC; the as-of day while one is open, empty if no end is known'}
  lifespan_days: {type: bigint, description: Days from start_day to end_day, format: '#,##0', unit: days, aggregate: none}
  active: {type: boolean, description: Whether an install is open}
  installs: {type: bigint, description: Installs so far, format: '#,##0', unit: installs, aggregate: sum}
  as_of_day: {type: date, description: The day that open installs run to}
*/
WITH lives AS (
    SELECT
        store_id,
        MIN(CAST(from_date AS date)) AS start_day,
        MAX(CASE WHEN to_now THEN GREATEST(:as_of, CAST(from_date AS date)) ELSE CAST(to_date AS date) END) AS end_day,
        COUNT(CASE WHEN to_now THEN 1 END) > 0 AS active,
        COUNT(*) AS installs
    FROM silver.store_installs
    GROUP BY store_id
)
SELECT
    store_id,
    start_day,
    end_day,
    DATE_DIFF('day', start_day, end_day) AS lifespan_days,
    active,
    installs,
    :as_of AS as_of_day
FROM lives
