/*
description: What all stores' subscriptions brought on the day they began, first ones and all.
grain: one row per UTC day on which a priced subscription began
keys: [subscription_day]
owner: stores
exportable: true
columns:
  subscription_day: {type: date, description: Day the subscriptions began in UTC, export: dimension}
  first_subscriptions: {type: bigint, description: Stores whose first subscription began that day, format: '#,##0', unit: subscriptions, export: sum, backed_by: first_subscriptions}
  first_subscription_revenue: {type: 'decimal(38,2)', description: Sum of the prices of first subscriptions, format: '#,##0.00', unit: currency, export: sum, backed_by: first_subscriptions}
  subscriptions: {type: bigint, description: Subscriptions begun, format: '#,##0', unit: subscriptions, export: sum, backed_by: first_subscriptions}
  subscription_revenue: {type: 'decimal(38,2)', description: Sum of the prices of the subscriptions begun, format: '#,##0.00', unit: currency, export: sum, backed_by: first_subscriptions}
*/
SELECT
    subscription_day,
    SUM(first_subscriptions) AS first_subscriptions,
    SUM(first_subscription_revenue) AS first_subscription_revenue,
    SUM(subscriptions) AS subscriptions,
    SUM(subscription_revenue) AS subscription_revenue
FROM gold.store_subscription_revenue_by_day
GROUP BY subscription_day
