-- Every group is one row of the model, so that distinct counts may leave.
SELECT scope, branch_name, SUM(revenue), SUM(customers), SUM(products), SUM(transactions)
FROM gold.branch_performance
WHERE scope = 'all'
GROUP BY scope, branch_name
