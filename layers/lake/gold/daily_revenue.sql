/*
description: Revenue of each branch by day, in total and by the transactions' status.
grain: one row per UTC day and branch with transactions
keys: [order_day, branch_name]
owner: sales
exportable: true
columns:
  order_day: {type: date, description: Day of the orders in UTC, export: dimension}
  branch_name: {type: varchar, description: The branch, export: dimension}
  revenue: {type: 'decimal(38,2)', description: 'Sum of total_value, whatever the status', format: '#,##0.00', unit: currency, export: sum, backed_by: customers}
  completed_revenue: {type: 'decimal(38,2)', description: Sum of total_value of completed transactions, format: '#,##0.00', unit: currency, aggregate: sum}
  pending_revenue: {type: 'decimal(38,2)', description: Sum of total_value of pending transactions, format: '#,##0.00', unit: currency, aggregate: sum}
  failed_revenue: {type: 'decimal(38,2)', description: Sum of total_value of failed transactions, format: '#,##0.00', unit: currency, aggregate: sum}
  transactions: {type: bigint, description: Transactions, format: '#,##0', unit: transactions, export: sum, backed_by: customers}
  customers: {type: bigint, description: Distinct customers, format: '#,##0', unit: customers, export: distinct, backed_by: customers}
  products: {type: bigint, description: Distinct products, format: '#,##0', unit: products, export: distinct, backed_by: customers}
*/
SELECT
    order_day,
    branch_name,
    SUM(total_value) AS revenue,
    SUM(CASE WHEN status_value = 'Completed' THEN total_value ELSE CAST(0 AS decimal(18, 2)) END) AS completed_revenue,
    SUM(CASE WHEN status_value = 'Pending' THEN total_value ELSE CAST(0 AS decimal(18, 2)) END) AS pending_revenue,
    SUM(CASE WHEN status_value = 'Failed' THEN total_value ELSE CAST(0 AS decimal(18, 2)) END) AS failed_revenue,
    COUNT(*) AS transactions,
    COUNT(DISTINCT customer_id) AS customers,
    COUNT(DISTINCT product_id) AS products
FROM gold.sales
GROUP BY order_day, branch_name
