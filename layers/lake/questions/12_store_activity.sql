/*
question: On which day did most stores install the app?
answer: "{activity_day}: {active_stores store still has/stores still have} that install, {new_stores has/have} ended it, {uninstalled_stores} cancelled."
otherwise: No store has installed the app yet.
*/
SELECT activity_day, active_stores, new_stores, uninstalled_stores
FROM gold.store_activity_by_day
ORDER BY active_stores + new_stores DESC, activity_day
LIMIT 1
