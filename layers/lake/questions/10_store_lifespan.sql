/*
question: How long do stores stay?
answer: "{stores store/stores}, {active_stores} of them active; {average_days} days on average, {longest_days} at most, as of {as_of_day}."
otherwise: No store has installed the app yet.
*/
SELECT
    COUNT(*) AS stores,
    COUNT(*) FILTER (WHERE active) AS active_stores,
    CAST(AVG(CAST(lifespan_days AS decimal(18, 1))) AS decimal(18, 1)) AS average_days,
    MAX(lifespan_days) AS longest_days,
    as_of_day
FROM gold.store_lifespan
GROUP BY as_of_day
