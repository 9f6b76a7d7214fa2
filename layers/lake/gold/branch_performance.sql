/*
description: How the branches compare in revenue, customers, products and transactions, for engaged customers and for all.
grain: one row per scope and branch
keys: [scope, branch_name]
owner: sales
exportable: true
columns:
  scope: {type: varchar, description: 'engaged: customers with a conversation (the datamart); all: every transaction', export: overlapping}
  branch_name: {type: varchar, description: The branch, export: dimension}
  revenue: {type: 'decimal(38,2)', description: Sum of total_value, format: '#,##0.00', unit: currency, export: sum, backed_by: customers}
  customers: {type: bigint, description: Distinct customers, format: '#,##0', unit: customers, export: distinct, backed_by: customers}
  products: {type: bigint, description: Distinct products, format: '#,##0', unit: products, export: distinct, backed_by: customers}
  transactions: {type: bigint, description: Transactions, format: '#,##0', unit: transactions, export: sum, backed_by: customers}
  transactions_per_customer: {type: 'decimal(18,6)', description: Transactions divided by customers, format: '0.00', unit: transactions per customer, aggregate: none}
  revenue_share: {type: 'decimal(38,6)', description: 'Part of the scope''s revenue; more than 1, or less than 0, where a branch gave back more than it sold', format: '0.00%', unit: share, aggregate: none}
  customers_share: {type: 'decimal(9,6)', description: 'Part of the scope''s customers; one may buy at several branches, so these add up to more than 1', format: '0.00%', unit: share, aggregate: none}
  products_share: {type: 'decimal(9,6)', description: 'Part of the scope''s products; one may be sold by several branches, so these add up to more than 1', format: '0.00%', unit: share, aggregate: none}
  transactions_share: {type: 'decimal(9,6)', description: Part of the scope's transactions, format: '0.00%', unit: share, aggregate: none}
  revenue_rank: {type: bigint, description: 1 is the highest revenue of the scope}
  customers_rank: {type: bigint, description: 1 is the most customers of the scope}
  products_rank: {type: bigint, description: 1 is the most products of the scope}
  transactions_rank: {type: bigint, description: 1 is the most transactions of the scope}
  low_activity: {type: boolean, description: 'Low activity despite many customers: at least the average branch''s customers, fewer than its transactions'}
*/
WITH scoped AS (
    SELECT 'all' AS scope, branch_name, total_value, customer_id, product_id
    FROM gold.sales
    UNION ALL
    SELECT 'engaged' AS scope, branch_name, total_value, customer_id, product_id
    FROM gold.datamart
),
branches AS (
    SELECT
        scope,
        branch_name,
        SUM(total_value) AS revenue,
        COUNT(DISTINCT customer_id) AS customers,
        COUNT(DISTINCT product_id) AS products,
        COUNT(*) AS transactions
    FROM scoped
    GROUP BY scope, branch_name
),
totals AS (
    -- Distinct over the whole scope: not the sum of the branches, which share customers and products.
    SELECT
        scope,
        SUM(total_value) AS revenue,
        COUNT(DISTINCT customer_id) AS customers,
        COUNT(DISTINCT product_id) AS products,
        COUNT(*) AS transactions
    FROM scoped
    GROUP BY scope
)
SELECT
    b.scope,
    b.branch_name,
    b.revenue,
    b.customers,
    b.products,
    b.transactions,
    CAST(b.transactions AS decimal(38, 6)) / CAST(NULLIF(b.customers, 0) AS decimal(38, 6)) AS transactions_per_customer,
    CAST(b.revenue AS decimal(38, 6)) / CAST(NULLIF(t.revenue, 0) AS decimal(38, 6)) AS revenue_share,
    CAST(b.customers AS decimal(38, 6)) / CAST(NULLIF(t.customers, 0) AS decimal(38, 6)) AS customers_share,
    CAST(b.products AS decimal(38, 6)) / CAST(NULLIF(t.products, 0) AS decimal(38, 6)) AS products_share,
    CAST(b.transactions AS decimal(38, 6)) / CAST(t.transactions AS decimal(38, 6)) AS transactions_share,
    RANK() OVER (PARTITION BY b.scope ORDER BY b.revenue DESC) AS revenue_rank,
    RANK() OVER (PARTITION BY b.scope ORDER BY b.customers DESC) AS customers_rank,
    RANK() OVER (PARTITION BY b.scope ORDER BY b.products DESC) AS products_rank,
    RANK() OVER (PARTITION BY b.scope ORDER BY b.transactions DESC) AS transactions_rank,
    b.customers * COUNT(*) OVER (PARTITION BY b.scope) >= SUM(b.customers) OVER (PARTITION BY b.scope)
        AND b.transactions * COUNT(*) OVER (PARTITION BY b.scope) < SUM(b.transactions) OVER (PARTITION BY b.scope)
        AS low_activity
FROM branches AS b
INNER JOIN totals AS t ON t.scope = b.scope
