/*
question: Which branch attracts the most customers?
answer: "{branch_name}: {customers customer/customers}."
otherwise: No branch has sold to a customer who has written to us.
*/
SELECT branch_name, customers
FROM gold.branch_performance
WHERE scope = 'engaged' AND customers_rank = 1
ORDER BY branch_name
