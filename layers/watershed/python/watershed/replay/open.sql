-- What is in quarantine and was not taken again since, in Athena's dialect. A replay's id sorts by time and is greater
-- than '', which stands for the first pass; so a row that was refused once more is open under its latest pass alone.
SELECT
    held.dataset, held.ingest_date, held.batch_id, held.part, held.stage, held.reason, held.column_name, held.rule,
    held.remedy, held.raw, held.row_number, held.line_number, held.source_key, held.source_version,
    held.contract_version, held.quarantined_at
FROM ops.quarantine AS held
LEFT JOIN (
    SELECT batch_id, stage, row_number, MAX(replay) AS latest
    FROM ops.replays
    WHERE row_number IS NOT NULL
    GROUP BY batch_id, stage, row_number
) AS of_row
    ON of_row.batch_id = held.batch_id AND of_row.stage = held.stage AND of_row.row_number = held.row_number
LEFT JOIN (
    SELECT batch_id, stage, part, MAX(replay) AS latest
    FROM ops.replays
    WHERE row_number IS NULL
    GROUP BY batch_id, stage, part
) AS of_part
    ON of_part.batch_id = held.batch_id AND of_part.stage = held.stage AND of_part.part = held.part
WHERE COALESCE(held.replay, '') >= COALESCE(of_row.latest, '')
    AND COALESCE(held.replay, '') >= COALESCE(of_part.latest, '')
