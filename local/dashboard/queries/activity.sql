/*
shows: store_activity_by_day
*/
SELECT activity_day, active_stores, new_stores, uninstalled_stores
FROM gold.store_activity_by_day
ORDER BY activity_day
