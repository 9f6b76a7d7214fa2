SELECT order_month, SUM(revenue), SUM(transactions)
FROM gold.product_sales
GROUP BY order_month
