/*
question: Are there branches with consistently low product sales?
answer: "{branch_name}: fewer products than the average branch in {low_months} of {months month/months}."
otherwise: No branch sells fewer products than the average branch in more than half of the months.
rule: Low is fewer products than the average branch sold in that month; consistently is in more than half of the months.
*/
SELECT
    branch_name,
    MAX(low_months) AS low_months,
    COUNT(*) AS months
FROM gold.product_sales
WHERE consistently_low
GROUP BY branch_name
ORDER BY branch_name
