/*
question: Which branch has the lowest total revenue?
answer: "{branch_name}: {revenue}. {compared}."
otherwise: No branch has sold to a customer who has written to us.
rule: Money is compared as it stands, each branch's in its own currency; there are no exchange rates.
*/
WITH engaged AS (
    SELECT
        branch_name,
        revenue,
        ROW_NUMBER() OVER (ORDER BY revenue DESC, branch_name) AS from_top,
        RANK() OVER (ORDER BY revenue) AS from_bottom
    FROM gold.branch_performance
    WHERE scope = 'engaged'
),
compared AS (
    SELECT
        worst.branch_name,
        worst.revenue,
        best.branch_name AS best_branch,
        best.revenue - worst.revenue AS more,
        -- Of nothing, or of more taken back than sold, no percentage says how much more another earned.
        CAST((best.revenue - worst.revenue) * 100 AS decimal(38, 6))
            / CAST(CASE WHEN worst.revenue > 0 THEN worst.revenue END AS decimal(38, 6)) AS percent_more
    FROM engaged AS worst
    INNER JOIN engaged AS best ON best.from_top = 1
    WHERE worst.from_bottom = 1
)
SELECT
    branch_name,
    revenue,
    CASE
        WHEN more = 0 THEN 'No branch earned more'
        WHEN percent_more IS NULL THEN best_branch || ' earned ' || CAST(CAST(more AS decimal(38, 2)) AS varchar) || ' more'
        ELSE best_branch || ' earned ' || CAST(CAST(percent_more AS decimal(38, 2)) AS varchar) || ' % more'
    END AS compared
FROM compared
ORDER BY branch_name
