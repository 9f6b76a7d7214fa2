/*
question: Are there trends in how customers are distributed across branches?
answer: "{branch_name}: {early new customer/new customers} in the first half of its months, {late} in the second: {trend}."
otherwise: No branch has sold in more than one month yet.
rule: A branch grows if the second half of its months brought more new customers than the first. A middle month is in neither, so a branch that sold in one month alone has no trend.
*/
WITH months AS (
    SELECT
        branch_name,
        order_month,
        SUM(new_customers) AS new_customers,
        2 * ROW_NUMBER() OVER (PARTITION BY branch_name ORDER BY order_month)
            <= COUNT(*) OVER (PARTITION BY branch_name) AS is_early,
        2 * ROW_NUMBER() OVER (PARTITION BY branch_name ORDER BY order_month DESC)
            <= COUNT(*) OVER (PARTITION BY branch_name) AS is_late
    FROM gold.customer_distribution
    GROUP BY branch_name, order_month
),
halves AS (
    SELECT
        branch_name,
        SUM(CASE WHEN is_early THEN new_customers ELSE 0 END) AS early,
        SUM(CASE WHEN is_late THEN new_customers ELSE 0 END) AS late
    FROM months
    GROUP BY branch_name
    HAVING COUNT(*) > 1
)
SELECT
    branch_name,
    early,
    late,
    CASE WHEN late > early THEN 'growing' WHEN late < early THEN 'slowing' ELSE 'steady' END AS trend
FROM halves
ORDER BY branch_name
