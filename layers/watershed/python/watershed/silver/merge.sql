-- Judge each incoming row. For each key the row with the greatest place stands, whether it is already in the table or
-- only coming: so any order of arrival, and any repetition, ends in the same table.
--   incoming(index, part, key, content, place), standing(key, content, place): at most one row a key
WITH ranked AS (
  SELECT *,
         row_number() OVER latest_first = 1 AS wins,
         first_value(content) OVER latest_first AS winning_content
  FROM incoming
  WINDOW latest_first AS (PARTITION BY key ORDER BY place DESC)
)
SELECT ranked.index, ranked.part,
       wins AND (standing.key IS NULL OR ranked.place > standing.place) AS written,
       written AND standing.key IS NOT NULL AS replaces,
       CASE WHEN NOT wins AND ranked.content IS NOT DISTINCT FROM winning_content THEN 'duplicate'
            WHEN NOT wins THEN 'stale'
            WHEN standing.key IS NULL THEN 'inserted'
            WHEN ranked.content IS NOT DISTINCT FROM standing.content THEN 'duplicate'
            WHEN written THEN 'updated'
            ELSE 'stale' END AS verdict
FROM ranked LEFT JOIN standing ON ranked.key = standing.key
ORDER BY ranked.index;
