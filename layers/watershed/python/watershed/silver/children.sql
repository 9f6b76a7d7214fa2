-- Judge each element of a child table. A key's elements are replaced as a set by those of the parent row that stands.
--   elements(index, part, key, position, content, origin), owners(key, origin): parent rows of the batch,
--   parents(key, origin): parent rows that stand, existing(index, key, position, content, origin): child rows in the table
CREATE TEMP TABLE ours AS
SELECT key, origin FROM owners SEMI JOIN parents USING (key, origin);

CREATE TEMP TABLE coming AS
SELECT key, origin, position, content FROM elements SEMI JOIN ours USING (key, origin);

-- Keys whose set in the table is not that of the parent row that stands: an older row's, none yet, or its own as another
-- contract read it.
CREATE TEMP TABLE due AS
SELECT key, origin FROM ours SEMI JOIN (
  SELECT key FROM (FROM coming EXCEPT SELECT key, origin, position, content FROM existing)
  UNION ALL
  SELECT key FROM (SELECT key, origin, position, content FROM existing EXCEPT FROM coming)
) USING (key);

-- What the table holds in the end for each key.
CREATE TEMP TABLE outcome AS
SELECT key, position, content FROM coming
UNION ALL
SELECT key, position, content FROM existing ANTI JOIN ours USING (key);

CREATE TEMP TABLE judged AS
SELECT elements.index, elements.part,
       due.key IS NOT NULL AS written,
       CASE WHEN ours.key IS NULL AND elements.content IS NOT DISTINCT FROM outcome.content THEN 'duplicate'
            WHEN ours.key IS NULL THEN 'stale'
            WHEN existing.key IS NULL THEN 'inserted'
            WHEN elements.content IS NOT DISTINCT FROM existing.content THEN 'duplicate'
            ELSE 'updated' END AS verdict
FROM elements
LEFT JOIN ours ON elements.key = ours.key AND elements.origin = ours.origin
LEFT JOIN due ON elements.key = due.key AND elements.origin = due.origin
LEFT JOIN existing ON elements.key = existing.key AND elements.position = existing.position
LEFT JOIN outcome ON elements.key = outcome.key AND elements.position = outcome.position
ORDER BY elements.index;

CREATE TEMP TABLE gone AS
SELECT index, true AS replaced FROM existing SEMI JOIN due USING (key) ORDER BY index;
