-- Judge each incoming row. For each key the row with the greatest place stands, whether it is already in the table or
-- only coming: so any order of arrival, and any repetition, ends in the same table. Where the row that stands comes
-- again, it is what it is now read as: by another contract that may be another row, or an earlier place.
--   incoming(index, part, key, content, place, origin), standing(key, content, place, origin): at most one row a key
WITH ranked AS (
  SELECT *,
         row_number() OVER latest_first = 1 AS wins,
         first_value(content) OVER latest_first AS winning_content
  FROM incoming
  WINDOW latest_first AS (PARTITION BY key ORDER BY place DESC)
), met AS (
  SELECT ranked.*,
         standing.key IS NOT NULL AS stands,
         ranked.content IS NOT DISTINCT FROM standing.content AS like_standing,
         ranked.place IS NOT DISTINCT FROM standing.place AS at_its_place,
         coalesce(ranked.place > standing.place, false) AS later,
         coalesce(bool_or(ranked.origin = standing.origin) OVER (PARTITION BY ranked.key), false) AS read_again
  FROM ranked LEFT JOIN standing ON ranked.key = standing.key
)
SELECT index, part,
       wins AND (NOT stands OR later OR read_again AND NOT (like_standing AND at_its_place)) AS written,
       written AND stands AS replaces,
       CASE WHEN NOT wins AND content IS NOT DISTINCT FROM winning_content THEN 'duplicate'
            WHEN NOT wins THEN 'stale'
            WHEN NOT stands THEN 'inserted'
            WHEN like_standing THEN 'duplicate'
            WHEN written THEN 'updated'
            ELSE 'stale' END AS verdict
FROM met
ORDER BY index;
