/*
description: What each shop sold.
grain: one row per shop with orders
keys: [shop_id]
owner: tests
exportable: false
columns:
  shop_id: {type: varchar, description: The shop}
  orders: {type: bigint, description: Orders}
  revenue: {type: 'decimal(38,2)', description: Sum of the amounts, format: '#,##0.00', unit: currency, aggregate: sum}
*/
SELECT
    shop_id,
    COUNT(*) AS orders,
    SUM(amount) AS revenue
FROM silver.orders
GROUP BY shop_id
