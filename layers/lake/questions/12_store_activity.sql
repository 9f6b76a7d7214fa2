/*
question: On which day did most stores install the app?
answer: "{activity_day}: {stores store/stores}{alike}; {active_stores still has/still have} that install, {new_stores has/have} ended it, {uninstalled_stores} cancelled."
otherwise: No store has installed the app yet.
*/
WITH days AS (
    SELECT
        activity_day,
        stores,
        active_stores,
        new_stores,
        uninstalled_stores,
        COUNT(*) OVER (PARTITION BY stores) - 1 AS others
    FROM gold.store_activity_by_day
)
SELECT
    activity_day,
    stores,
    active_stores,
    new_stores,
    uninstalled_stores,
    CASE
        WHEN others = 0 THEN ''
        WHEN others = 1 THEN ', as on one other day'
        ELSE ', as on ' || CAST(others AS varchar) || ' other days'
    END AS alike
FROM days
ORDER BY stores DESC, activity_day
LIMIT 1
