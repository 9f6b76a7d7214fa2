/*
shows: daily_revenue
*/
SELECT order_day, branch_name, revenue, transactions
FROM gold.daily_revenue
ORDER BY order_day, branch_name
LIMIT 8001
