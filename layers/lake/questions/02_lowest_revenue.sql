/*
question: Which branch has the lowest total revenue?
answer: "{branch_name}: {revenue}. {best_branch} earned {percent_more} % more."
otherwise: No branch has sold to a customer who has written to us.
*/
WITH engaged AS (
    SELECT
        branch_name,
        revenue,
        ROW_NUMBER() OVER (ORDER BY revenue DESC, branch_name) AS from_top,
        ROW_NUMBER() OVER (ORDER BY revenue, branch_name) AS from_bottom
    FROM gold.branch_performance
    WHERE scope = 'engaged'
)
SELECT
    worst.branch_name,
    worst.revenue,
    best.branch_name AS best_branch,
    CAST(
        CAST((best.revenue - worst.revenue) * 100 AS decimal(38, 6)) / NULLIF(worst.revenue, 0) AS decimal(18, 2)
    ) AS percent_more
FROM engaged AS worst
INNER JOIN engaged AS best ON best.from_top = 1
WHERE worst.from_bottom = 1
