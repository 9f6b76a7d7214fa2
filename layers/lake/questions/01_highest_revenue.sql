/*
question: Which branch generates the highest total revenue?
answer: "{branch_name}: {revenue}, {percent_of_total} % of all, from customers who have written to us."
otherwise: No branch has sold to a customer who has written to us.
*/
SELECT
    branch_name,
    revenue,
    CAST(revenue_share * 100 AS decimal(38, 2)) AS percent_of_total
FROM gold.branch_performance
WHERE scope = 'engaged' AND revenue_rank = 1
ORDER BY branch_name
