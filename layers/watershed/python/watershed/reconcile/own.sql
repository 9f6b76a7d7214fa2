-- Which of the recounted rows must stand for each key, and what silver holds instead. Not silver's own statement: the
-- order is said again, from docs/architecture.md.
--   recounted(key, version, arrival, row_number, content, money): all good rows; `arrival`: the place of the object
--   found(the same, and source_key, source_version): silver's rows; `arrival` is NULL if nobody knows the object
--   objects(arrival, source_key, source_version, state, older), held(arrival, row_number)
CREATE OR REPLACE TEMP MACRO is_later(version, arrival, row_number, other_version, other_arrival, other_row_number) AS
  CASE WHEN version IS NOT DISTINCT FROM other_version
       THEN arrival > other_arrival OR (arrival = other_arrival AND row_number > other_row_number)
       ELSE other_version IS NULL OR coalesce(version > other_version, false) END;

CREATE OR REPLACE TEMP TABLE latest AS
SELECT recounted.*, objects.source_key, objects.source_version, objects.older
FROM recounted JOIN objects USING (arrival)
QUALIFY row_number() OVER (PARTITION BY key ORDER BY version DESC NULLS LAST, arrival DESC, row_number DESC) = 1;

CREATE OR REPLACE TEMP TABLE placed AS
SELECT found.*, coalesce(objects.state, 'unknown') AS state, coalesce(objects.older, false) AS older
FROM found LEFT JOIN objects USING (arrival);

-- Keys whose row in silver is a later one, of an object that was not recounted; and that may still be in the making.
CREATE OR REPLACE TEMP TABLE ahead AS
SELECT DISTINCT placed.key, placed.state = 'pending' AS pending
FROM placed LEFT JOIN latest USING (key)
WHERE placed.state IN ('settled', 'pending')
  AND (latest.key IS NULL
       OR is_later(placed.version, placed.arrival, placed.row_number, latest.version, latest.arrival, latest.row_number));

CREATE OR REPLACE TEMP TABLE standing AS
SELECT * FROM latest ANTI JOIN ahead USING (key);

CREATE OR REPLACE TEMP TABLE differing AS
SELECT coalesce(latest.key, placed.key) AS key,
       CASE WHEN placed.key IS NULL THEN 'missing'
            WHEN placed.state = 'unknown' THEN 'unknown'
            WHEN latest.key IS NOT NULL AND is_later(latest.version, latest.arrival, latest.row_number,
                                                     placed.version, placed.arrival, placed.row_number) THEN 'outdated'
            WHEN placed.state <> 'recounted' THEN NULL
            WHEN latest.arrival IS DISTINCT FROM placed.arrival OR latest.row_number <> placed.row_number
            THEN 'unexpected'
            WHEN latest.content <> placed.content THEN 'changed' END AS finding,
       coalesce(latest.older, false) OR coalesce(placed.older, false) AS older,
       held.arrival IS NOT NULL AS held,
       CASE WHEN placed.key IS NULL
            THEN {'key': latest.source_key, 'version': latest.source_version, 'row_number': latest.row_number}
            ELSE {'key': placed.source_key, 'version': placed.source_version, 'row_number': placed.row_number}
       END AS origin
FROM latest
FULL JOIN placed ON latest.key = placed.key
LEFT JOIN held ON held.arrival = latest.arrival AND held.row_number = latest.row_number
WHERE finding IS NOT NULL;

-- A row that the contract of its time refused is missing by right only where quarantine holds it.
CREATE OR REPLACE TEMP TABLE excused AS
SELECT key FROM differing WHERE older AND (finding <> 'missing' OR held);

CREATE OR REPLACE TEMP TABLE findings AS
SELECT finding, older AND (finding <> 'missing' OR held) AS excused, origin FROM differing
UNION ALL
SELECT 'twice', false, {'key': any_value(source_key), 'version': any_value(source_version),
                        'row_number': any_value(row_number)}
FROM found GROUP BY key HAVING count(*) > 1;
