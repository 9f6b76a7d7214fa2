/*
question: Which branch sells the highest number of products?
answer: "{branch_name}: {products product/different products}."
otherwise: No branch has sold to a customer who has written to us.
*/
SELECT branch_name, products
FROM gold.branch_performance
WHERE scope = 'engaged' AND products_rank = 1
ORDER BY branch_name
