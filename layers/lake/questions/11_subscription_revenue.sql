/*
question: On which day did new subscriptions bring the most?
answer: "{subscription_day}: {first_subscription_revenue} from {first_subscriptions first subscription/first subscriptions}."
otherwise: No store has subscribed yet.
*/
SELECT subscription_day, first_subscription_revenue, first_subscriptions
FROM gold.subscription_revenue_by_day
ORDER BY first_subscription_revenue DESC, subscription_day
LIMIT 1
