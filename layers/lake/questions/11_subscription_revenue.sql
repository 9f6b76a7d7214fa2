/*
question: On which day did new subscriptions bring the most?
answer: "{subscription_day}: {first_subscription_revenue} from {first_subscriptions first subscription/first subscriptions}{alike}."
otherwise: No store's first subscription has a day and a price yet.
*/
WITH days AS (
    SELECT
        subscription_day,
        first_subscription_revenue,
        first_subscriptions,
        COUNT(*) OVER (PARTITION BY first_subscription_revenue) - 1 AS others
    FROM gold.subscription_revenue_by_day
    WHERE first_subscriptions > 0
)
SELECT
    subscription_day,
    first_subscription_revenue,
    first_subscriptions,
    CASE
        WHEN others = 0 THEN ''
        WHEN others = 1 THEN ', as much as on one other day'
        ELSE ', as much as on ' || CAST(others AS varchar) || ' other days'
    END AS alike
FROM days
ORDER BY first_subscription_revenue DESC, subscription_day
LIMIT 1
