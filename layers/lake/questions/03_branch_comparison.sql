/*
question: How do branches compare in customers, products and transactions?
answer: "{branch_name}: {customers customer/customers}, {products product/products}, {transactions transaction/transactions}."
otherwise: No branch has sold to a customer who has written to us.
*/
SELECT branch_name, customers, products, transactions
FROM gold.branch_performance
WHERE scope = 'engaged'
ORDER BY revenue_rank, branch_name
