-- The same for a child table: the elements of the parent row that stands, and no others. After own.sql.
--   recounted(owner, key, arrival, row_number, content, money): all good elements; `owner` is the parent's key
--   found(the same, and source_key, source_version): silver's elements
CREATE OR REPLACE TEMP TABLE expected AS
SELECT recounted.*, standing.source_key, standing.source_version, standing.older
FROM recounted JOIN standing ON recounted.arrival = standing.arrival AND recounted.row_number = standing.row_number;

-- The parent of some is being replaced while this runs.
CREATE OR REPLACE TEMP TABLE placed AS
SELECT found.*, coalesce(objects.state, 'unknown') AS state, coalesce(objects.older, false) AS older
FROM found LEFT JOIN objects USING (arrival)
WHERE owner NOT IN (SELECT key FROM ahead WHERE pending);

CREATE OR REPLACE TEMP TABLE differing AS
SELECT coalesce(expected.owner, placed.owner) AS owner,
       CASE WHEN placed.key IS NULL THEN 'missing'
            WHEN placed.state = 'unknown' THEN 'unknown'
            WHEN placed.state <> 'recounted'
            THEN CASE WHEN placed.owner IN (SELECT key FROM standing) THEN 'unexpected' END
            WHEN expected.key IS NULL OR expected.arrival <> placed.arrival
                 OR expected.row_number <> placed.row_number THEN 'unexpected'
            WHEN expected.content <> placed.content THEN 'changed' END AS finding,
       coalesce(expected.older, false) OR coalesce(placed.older, false) AS older,
       CASE WHEN placed.key IS NULL
            THEN {'key': expected.source_key, 'version': expected.source_version, 'row_number': expected.row_number}
            ELSE {'key': placed.source_key, 'version': placed.source_version, 'row_number': placed.row_number}
       END AS origin
FROM expected FULL JOIN placed ON expected.key = placed.key
WHERE finding IS NOT NULL;

CREATE OR REPLACE TEMP TABLE findings AS
SELECT finding, older OR owner IN (SELECT key FROM excused) AS excused, origin FROM differing
UNION ALL
SELECT 'twice', false, {'key': any_value(source_key), 'version': any_value(source_version),
                        'row_number': any_value(row_number)}
FROM found GROUP BY key HAVING count(*) > 1;
