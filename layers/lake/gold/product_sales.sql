/*
description: How many products each branch sells in each month, and which branches sell few of them month after month.
grain: one row per month and branch; a branch that sold nothing in a month has zeros
keys: [order_month, branch_name]
owner: sales
exportable: true
columns:
  order_month: {type: date, description: First day of the month in UTC, export: dimension}
  branch_name: {type: varchar, description: The branch, export: dimension}
  products: {type: bigint, description: Distinct products sold, format: '#,##0', unit: products, export: distinct, backed_by: customers}
  transactions: {type: bigint, description: Transactions, format: '#,##0', unit: transactions, export: sum, backed_by: customers}
  customers: {type: bigint, description: Distinct customers, format: '#,##0', unit: customers, export: distinct, backed_by: customers}
  revenue: {type: 'decimal(38,2)', description: Sum of total_value, format: '#,##0.00', unit: currency, export: sum, backed_by: customers}
  products_rank: {type: bigint, description: 1 is the branch with the most products in the month}
  low_sales: {type: boolean, description: Fewer products than the average branch sold in the month}
  low_months: {type: bigint, description: In how many months the branch had low sales, unit: months, format: '#,##0', aggregate: none}
  consistently_low: {type: boolean, description: The branch had low sales in more than half of the months}
*/
WITH monthly AS (
    SELECT
        CAST(DATE_TRUNC('month', order_day) AS date) AS order_month,
        branch_name,
        COUNT(DISTINCT product_id) AS products,
        COUNT(*) AS transactions,
        COUNT(DISTINCT customer_id) AS customers,
        SUM(total_value) AS revenue
    FROM gold.sales
    GROUP BY CAST(DATE_TRUNC('month', order_day) AS date), branch_name
),
months AS (
    SELECT DISTINCT order_month
    FROM monthly
),
branches AS (
    SELECT DISTINCT branch_name
    FROM monthly
),
complete AS (
    SELECT
        months.order_month,
        branches.branch_name,
        COALESCE(monthly.products, 0) AS products,
        COALESCE(monthly.transactions, 0) AS transactions,
        COALESCE(monthly.customers, 0) AS customers,
        COALESCE(monthly.revenue, CAST(0 AS decimal(38, 2))) AS revenue
    FROM months
    CROSS JOIN branches
    LEFT JOIN monthly
        ON monthly.order_month = months.order_month AND monthly.branch_name = branches.branch_name
),
judged AS (
    SELECT
        order_month,
        branch_name,
        products,
        transactions,
        customers,
        revenue,
        RANK() OVER (PARTITION BY order_month ORDER BY products DESC) AS products_rank,
        products * COUNT(*) OVER (PARTITION BY order_month) < SUM(products) OVER (PARTITION BY order_month) AS low_sales
    FROM complete
)
SELECT
    order_month,
    branch_name,
    products,
    transactions,
    customers,
    revenue,
    products_rank,
    low_sales,
    SUM(CASE WHEN low_sales THEN 1 ELSE 0 END) OVER (PARTITION BY branch_name) AS low_months,
    2 * SUM(CASE WHEN low_sales THEN 1 ELSE 0 END) OVER (PARTITION BY branch_name)
        > COUNT(*) OVER (PARTITION BY branch_name) AS consistently_low
FROM judged
