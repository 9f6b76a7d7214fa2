/*
question: Which branch generates the highest total revenue?
answer: "{branch_name}: {revenue}{share}, from customers who have written to us."
otherwise: No branch has sold to a customer who has written to us.
rule: Money is compared as it stands, each branch's in its own currency; there are no exchange rates.
*/
WITH engaged AS (
    SELECT
        branch_name,
        revenue,
        revenue_share,
        revenue_rank,
        MIN(revenue) OVER () AS lowest
    FROM gold.branch_performance
    WHERE scope = 'engaged'
)
SELECT
    branch_name,
    revenue,
    -- Of nothing, or of what a branch that took back more than it sold has lowered, no branch earned a part.
    CASE
        WHEN revenue_share IS NULL OR lowest < 0 THEN ''
        ELSE ', ' || CAST(CAST(revenue_share * 100 AS decimal(38, 2)) AS varchar) || ' % of all'
    END AS share
FROM engaged
WHERE revenue_rank = 1
ORDER BY branch_name
