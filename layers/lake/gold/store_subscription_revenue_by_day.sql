/*
description: What each store's subscriptions brought on the day they began, the first one and all of them.
grain: one row per store and UTC day on which a priced subscription began
keys: [store_id, subscription_day]
owner: stores
exportable: false
columns:
  store_id: {type: varchar, description: The store}
  subscription_day: {type: date, description: Day the subscriptions began in UTC}
  first_subscriptions: {type: bigint, description: '1 if the store''s first subscription began that day, else 0', format: '#,##0', unit: subscriptions, aggregate: sum}
  first_subscription_revenue: {type: 'decimal(38,2)', description: Price of the store's first subscription if it began that day, format: '#,##0.00', unit: currency, aggregate: sum}
  subscriptions: {type: bigint, description: Subscriptions begun, format: '#,##0', unit: subscriptions, aggregate: sum}
  subscription_revenue: {type: 'decimal(38,2)', description: Sum of the prices of the subscriptions begun, format: '#,##0.00', unit: currency, aggregate: sum}
*/
SELECT
    store_id,
    CAST(from_date AS date) AS subscription_day,
    COUNT(CASE WHEN position = 1 THEN 1 END) AS first_subscriptions,
    SUM(CASE WHEN position = 1 THEN price ELSE CAST(0 AS decimal(18, 2)) END) AS first_subscription_revenue,
    COUNT(*) AS subscriptions,
    SUM(price) AS subscription_revenue
FROM silver.store_subscriptions
WHERE from_date IS NOT NULL AND price IS NOT NULL
GROUP BY store_id, CAST(from_date AS date)
