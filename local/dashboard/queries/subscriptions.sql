/*
shows: subscription_revenue_by_day
*/
SELECT subscription_day, first_subscription_revenue, subscription_revenue, first_subscriptions, subscriptions
FROM gold.subscription_revenue_by_day
ORDER BY subscription_day
