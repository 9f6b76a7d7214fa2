/*
shows: branch_performance
*/
SELECT
    scope,
    branch_name,
    revenue,
    customers,
    products,
    transactions,
    revenue_share
FROM gold.branch_performance
ORDER BY scope, revenue_rank, branch_name
