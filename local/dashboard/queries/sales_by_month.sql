/*
shows: product_sales
*/
SELECT order_month, branch_name, revenue, transactions
FROM gold.product_sales
ORDER BY order_month, branch_name
