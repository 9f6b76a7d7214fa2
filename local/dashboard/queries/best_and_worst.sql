/*
shows: branch_performance
columns:
  branches: {type: bigint, description: Branches with transactions, format: '#,##0', unit: branches, aggregate: sum}
  worst_branch: {type: varchar, description: The branch with the lowest revenue}
  worst_revenue: {type: 'decimal(38,2)', description: The lowest revenue, format: '#,##0.00', unit: currency, aggregate: none}
  ahead: {type: 'decimal(38,6)', description: 'How much more the best branch earned than the worst, if that earned anything', format: '0.00%', unit: share, aggregate: none}
*/
WITH ranked AS (
    SELECT
        scope,
        branch_name,
        revenue,
        revenue_share,
        ROW_NUMBER() OVER (PARTITION BY scope ORDER BY revenue DESC, branch_name) AS from_top,
        ROW_NUMBER() OVER (PARTITION BY scope ORDER BY revenue, branch_name) AS from_bottom,
        COUNT(*) OVER (PARTITION BY scope) AS branches
    FROM gold.branch_performance
)
SELECT
    best.scope,
    best.branches,
    best.branch_name,
    best.revenue,
    best.revenue_share,
    worst.branch_name AS worst_branch,
    worst.revenue AS worst_revenue,
    -- Of nothing, or of more taken back than sold, no percentage says how much more another earned.
    CAST(best.revenue - worst.revenue AS decimal(38, 6))
        / CAST(CASE WHEN worst.revenue > 0 THEN worst.revenue END AS decimal(38, 6)) AS ahead
FROM ranked AS best
INNER JOIN ranked AS worst ON worst.scope = best.scope AND worst.from_bottom = 1
WHERE best.from_top = 1
ORDER BY best.scope
