/*
shows: branch_performance
*/
-- Customers and products are counted once, though several branches share them: not the sum of the branches.
SELECT
    'engaged' AS scope,
    COALESCE(SUM(total_value), CAST(0 AS decimal(38, 2))) AS revenue,
    COUNT(DISTINCT customer_id) AS customers,
    COUNT(DISTINCT product_id) AS products,
    COUNT(*) AS transactions
FROM gold.datamart
UNION ALL
SELECT
    'all' AS scope,
    COALESCE(SUM(total_value), CAST(0 AS decimal(38, 2))) AS revenue,
    COUNT(DISTINCT customer_id) AS customers,
    COUNT(DISTINCT product_id) AS products,
    COUNT(*) AS transactions
FROM gold.sales
