/*
question: Are there branches with low transaction activity despite many customers?
answer: "{branch_name}: {customers customer/customers}, at least the average branch's, but only {transactions transaction/transactions}, fewer than its."
otherwise: No branch has at least the average branch's customers and fewer transactions than it.
rule: Many customers are at least the average branch's; low activity is fewer transactions than the average branch's.
*/
SELECT branch_name, customers, transactions
FROM gold.branch_performance
WHERE scope = 'engaged' AND low_activity
ORDER BY branch_name
