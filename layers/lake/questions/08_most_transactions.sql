/*
question: Which branch processes the most transactions?
answer: "{branch_name}: {transactions transaction/transactions}."
otherwise: No branch has sold to a customer who has written to us.
*/
SELECT branch_name, transactions
FROM gold.branch_performance
WHERE scope = 'engaged' AND transactions_rank = 1
ORDER BY branch_name
