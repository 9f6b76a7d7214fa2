/*
description: How customers spread over branches, months and the regions they live in, and where new ones appear.
grain: one row per branch, month and customers' region with transactions
keys: [branch_name, order_month, region]
owner: sales
exportable: true
columns:
  branch_name: {type: varchar, description: The branch, export: dimension}
  order_month: {type: date, description: First day of the month in UTC, export: dimension}
  region: {type: varchar, description: 'The customers'' region, Unknown if the customer or the region is', export: dimension}
  customers: {type: bigint, description: 'Distinct customers; adds up over regions, not over months or branches', format: '#,##0', unit: customers, export: distinct, backed_by: customers}
  new_customers: {type: bigint, description: 'Customers in their first month at this branch; adds up over months to the branch''s customers', format: '#,##0', unit: customers, export: distinct, backed_by: new_customers}
  transactions: {type: bigint, description: Transactions, format: '#,##0', unit: transactions, export: sum, backed_by: customers}
  revenue: {type: 'decimal(38,2)', description: Sum of total_value, format: '#,##0.00', unit: currency, export: sum, backed_by: customers}
*/
WITH purchases AS (
    SELECT
        sales.branch_name,
        CAST(DATE_TRUNC('month', sales.order_day) AS date) AS order_month,
        MIN(CAST(DATE_TRUNC('month', sales.order_day) AS date))
            OVER (PARTITION BY sales.branch_name, sales.customer_id) AS first_month,
        COALESCE(customers.region, 'Unknown') AS region,
        sales.customer_id,
        sales.total_value
    FROM gold.sales AS sales
    LEFT JOIN silver.customers AS customers
        ON customers.customer_id = sales.customer_id
)
SELECT
    branch_name,
    order_month,
    region,
    COUNT(DISTINCT customer_id) AS customers,
    COUNT(DISTINCT CASE WHEN order_month = first_month THEN customer_id END) AS new_customers,
    COUNT(*) AS transactions,
    SUM(total_value) AS revenue
FROM purchases
GROUP BY branch_name, order_month, region
