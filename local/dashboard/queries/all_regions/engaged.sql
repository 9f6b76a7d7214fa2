SELECT scope, branch_name, SUM(revenue), SUM(customers), SUM(products), SUM(transactions)
FROM gold.branch_performance
WHERE scope = 'engaged'
GROUP BY scope, branch_name
