/*
description: What each shop sold and what its plans cost, of shops that are known.
grain: one row per shop
keys: [shop_id]
owner: tests
exportable: false
columns:
  shop_id: {type: varchar, description: The shop}
  revenue: {type: 'decimal(38,2)', description: Sum of the amounts, format: '#,##0.00', unit: currency, aggregate: sum}
  plans: {type: bigint, description: Plans}
  cost: {type: 'decimal(38,2)', description: Sum of the plans' prices, format: '#,##0.00', unit: currency, aggregate: sum}
*/
WITH costs AS (
    SELECT
        shops.shop_id,
        COUNT(shop_plans.position) AS plans,
        SUM(shop_plans.price) AS cost
    FROM silver.shops
    LEFT JOIN silver.shop_plans
        ON shop_plans.shop_id = shops.shop_id
    GROUP BY shops.shop_id
)
SELECT
    costs.shop_id,
    shop_orders.revenue,
    costs.plans,
    costs.cost
FROM costs
LEFT JOIN gold.shop_orders
    ON shop_orders.shop_id = costs.shop_id
