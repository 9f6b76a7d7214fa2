/*
shows: product_sales
*/
SELECT order_month, SUM(revenue) AS revenue, SUM(transactions) AS transactions
FROM gold.product_sales
GROUP BY order_month
ORDER BY order_month
