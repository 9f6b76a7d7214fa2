-- Dates and times.

-- `digits` below 6: halves are rounded up.
CREATE MACRO trino_round_timestamp(t, digits) AS make_timestamp(CAST(
    trino_floor_divide(epoch_us(t) + 5 * CAST(10 ** (5 - digits) AS BIGINT), CAST(10 ** (6 - digits) AS BIGINT))
    * CAST(10 ** (6 - digits) AS BIGINT) AS BIGINT));
-- Four digits at least, and a sign where there are more; DuckDB writes years before ours as (BC).
CREATE MACRO trino_year_text(t) AS CASE WHEN year(t) < 0 THEN '-' ELSE '' END || lpad(CAST(abs(year(t)) AS VARCHAR), CAST(greatest(4, length(CAST(abs(year(t)) AS VARCHAR))) AS INTEGER), '0');
CREATE MACRO trino_date_text(d) AS trino_year_text(d) || strftime(d, '-%m-%d');
CREATE MACRO trino_timestamp_text(t, digits) AS CASE WHEN year(t) > 9999 THEN '+' ELSE '' END || trino_year_text(t)
    || CASE WHEN digits = 0 THEN strftime(t, '-%m-%d %H:%M:%S') ELSE left(strftime(t, '-%m-%d %H:%M:%S.%f'), 16 + digits) END;
CREATE MACRO trino_strftime(t, pattern) AS CASE
    WHEN t IS NULL THEN NULL
    WHEN year(t) < 0 THEN CAST(trino_fail('NOT_SUPPORTED: Formatting a year before our era is not supported here. Use CAST(… AS varchar).') AS VARCHAR)
    ELSE strftime(t, pattern) END;
CREATE MACRO trino_last_day(t) AS last_day(t);
-- Of two instants with one local time the earlier; DuckDB takes the later. In a gap both move forward.
CREATE MACRO trino_with_zone(t, zone) AS CASE
    WHEN timezone(zone, timezone(zone, t) - INTERVAL 1 HOUR) = t THEN timezone(zone, t) - INTERVAL 1 HOUR
    WHEN timezone(zone, timezone(zone, t) - INTERVAL 30 MINUTE) = t THEN timezone(zone, t) - INTERVAL 30 MINUTE
    WHEN timezone(zone, timezone(zone, t) - INTERVAL 2 HOUR) = t THEN timezone(zone, t) - INTERVAL 2 HOUR
    ELSE timezone(zone, t) END;
-- The zone's offset from UTC at the instant that `t` is in UTC.
CREATE MACRO trino_offset(t, zone) AS timezone(zone, timezone('UTC', t)) - t;
-- with_timezone() follows Joda-Time: it takes the offset in force at `t` as if that were UTC, less that offset. So of two
-- instants with one local time it takes the later in the east and the earlier in the west.
CREATE MACRO trino_with_timezone(t, zone) AS timezone('UTC', CASE
    WHEN trino_offset(t, zone) < INTERVAL 0 SECOND
        AND timezone(zone, timezone('UTC', t - trino_offset(t, zone))) <> t
        AND timezone(zone, timezone('UTC', t - trino_offset(t - trino_offset(t, zone), zone))) <> t
    THEN t - trino_offset(t, zone)
    ELSE t - trino_offset(t - trino_offset(t, zone), zone) END);
-- date_trunc() of a zoned instant `u` (given as UTC): hours and less keep its offset; days and more keep it if they can.
CREATE MACRO trino_trunc_time(unit, u, zone) AS
    timezone('UTC', date_trunc(unit, u + trino_offset(u, zone)) - trino_offset(u, zone));
CREATE MACRO trino_trunc_day(unit, u, zone) AS CASE
    WHEN trino_offset(date_trunc(unit, u + trino_offset(u, zone)) - trino_offset(u, zone), zone) = trino_offset(u, zone)
    THEN timezone('UTC', date_trunc(unit, u + trino_offset(u, zone)) - trino_offset(u, zone))
    ELSE trino_with_timezone(date_trunc(unit, u + trino_offset(u, zone)), zone) END;
-- Whole days only: hours on a date fail in Trino; DuckDB makes the date a timestamp.
CREATE MACRO trino_date_plus_interval(d, i) AS CASE
    WHEN epoch_ms(i) % 86400000 = 0 THEN CAST(d + i AS DATE)
    WHEN d IS NULL OR i IS NULL THEN NULL
    ELSE CAST(CAST(trino_fail('INVALID_FUNCTION_ARGUMENT: Cannot add hour, minutes or seconds to a date') AS VARCHAR) AS DATE) END;
-- Milliseconds, rounded half up; DuckDB keeps microseconds. Of zoned times, the parts of a millisecond
-- are taken apart from the rest and rounded half away from zero.
CREATE MACRO trino_interval_between(a, b) AS to_milliseconds(trino_floor_divide(epoch_us(b) - epoch_us(a) + 500, 1000));
CREATE MACRO trino_milliseconds_of(t) AS trino_floor_divide(epoch_us(t), 1000);
CREATE MACRO trino_zoned_interval(a, b) AS to_milliseconds(trino_milliseconds_of(b) - trino_milliseconds_of(a) + CAST(round(
    (epoch_us(b) - 1000 * trino_milliseconds_of(b) - epoch_us(a) + 1000 * trino_milliseconds_of(a)) / 1000e0) AS BIGINT));
-- The units that have passed in full, at millisecond resolution; DuckDB's date_diff counts boundaries that are crossed.
CREATE MACRO trino_date_diff(unit, a, b) AS date_sub(unit, date_trunc('millisecond', a), date_trunc('millisecond', b));
CREATE MACRO trino_date_diff_days(unit, a, b) AS date_sub(unit, CAST(a AS TIMESTAMP), CAST(b AS TIMESTAMP));
CREATE MACRO trino_millisecond(t) AS millisecond(t) % 1000;
-- Rounded to milliseconds, half up, of which there are at most 2 to the power of 51; NaN is 0, as Java rounds it.
CREATE MACRO trino_from_unixtime(x) AS CASE
    WHEN isnan(x) THEN make_timestamp(CAST(0 AS BIGINT))
    WHEN floor(x * 1000 + 0.5e0) NOT BETWEEN -2251799813685248e0 AND 2251799813685247e0
        THEN CAST(CAST(trino_fail('INVALID_FUNCTION_ARGUMENT: Millis overflow') AS VARCHAR) AS TIMESTAMP)
    ELSE make_timestamp(CAST(floor(x * 1000 + 0.5e0) AS BIGINT) * 1000) END;
-- In the steps in which Trino computes it, because each of them rounds.
CREATE MACRO trino_to_unixtime(t) AS CAST(trino_floor_divide(epoch_us(t), 1000) AS DOUBLE) / 1000e0
    + CAST(epoch_us(t) - 1000 * trino_floor_divide(epoch_us(t), 1000) AS DOUBLE) * 1000000e0 / 1000000000000e0;
-- Blanks around the text fail; DuckDB skips them.
CREATE MACRO trino_date_parse(s, pattern) AS CASE
    WHEN s = trim(s) THEN strptime(s, pattern)
    WHEN s IS NOT NULL THEN CAST(CAST(trino_fail('INVALID_FUNCTION_ARGUMENT: Invalid format') AS VARCHAR) AS TIMESTAMP) END;
-- The common forms; the rarer ones of ISO 8601 fail here with a code of their own.
CREATE MACRO trino_from_iso8601_date(s) AS CASE
    WHEN s IS NULL THEN NULL
    WHEN regexp_full_match(s, '[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}') AND try_cast(s AS DATE) IS NOT NULL THEN CAST(s AS DATE)
    WHEN regexp_full_match(s, '[+-]?[0-9]+(-[0-9]+|-W[0-9]+(-[0-9])?)?') AND NOT regexp_full_match(s, '[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}')
        THEN CAST(CAST(trino_fail('NOT_SUPPORTED: This form of an ISO 8601 date is not supported here. Use yyyy-mm-dd.') AS VARCHAR) AS DATE)
    ELSE CAST(CAST(trino_fail('INVALID_FUNCTION_ARGUMENT: Invalid format') AS VARCHAR) AS DATE) END;
CREATE MACRO trino_from_iso8601_timestamp(s) AS CASE
    WHEN s IS NULL THEN NULL
    WHEN regexp_full_match(s, '[0-9]{4}-[0-9]{2}-[0-9]{2}(T([01][0-9]|2[0-3]):[0-9]{2}:[0-9]{2}(\.[0-9]{1,6})?(Z|[+-][0-9]{2}:[0-9]{2})?)?')
        THEN timezone('UTC', date_trunc('millisecond', timezone('UTC', CAST(s AS TIMESTAMPTZ))))
    WHEN regexp_matches(s, '^[+-]?[0-9]') AND NOT regexp_matches(s, '\s')
        THEN CAST(CAST(trino_fail('NOT_SUPPORTED: This form of an ISO 8601 timestamp is not supported here. Use yyyy-mm-ddThh:mm:ssZ.') AS VARCHAR) AS TIMESTAMPTZ)
    ELSE CAST(CAST(trino_fail('INVALID_FUNCTION_ARGUMENT: Invalid format') AS VARCHAR) AS TIMESTAMPTZ) END;
CREATE MACRO trino_days(a, b, step) AS CASE
    WHEN a IS NULL OR b IS NULL OR step IS NULL THEN NULL
    WHEN step = 0 OR (step > 0 AND b < a) OR (step < 0 AND b > a)
        THEN CAST(CAST(trino_fail('INVALID_FUNCTION_ARGUMENT: sequence stop value should be greater than or equal to start value if step is greater than zero otherwise stop should be less than or equal to start') AS VARCHAR) AS DATE[])
    WHEN (b - a) // step >= 10000 THEN CAST(CAST(trino_fail('INVALID_FUNCTION_ARGUMENT: result of sequence function must not have more than 10000 entries') AS VARCHAR) AS DATE[])
    ELSE list_transform(range(0, CAST((b - a) // step AS BIGINT) + 1), lambda n: a + CAST(n * step AS INTEGER)) END;
CREATE MACRO trino_months(a, b, step) AS CASE
    WHEN a IS NULL OR b IS NULL OR step IS NULL THEN NULL
    WHEN step = 0 OR (step > 0 AND b < a) OR (step < 0 AND b > a)
        THEN CAST(CAST(trino_fail('INVALID_FUNCTION_ARGUMENT: sequence stop value should be greater than or equal to start value if step is greater than zero otherwise stop should be less than or equal to start') AS VARCHAR) AS DATE[])
    WHEN date_sub('month', CAST(a AS TIMESTAMP), CAST(b AS TIMESTAMP)) // step >= 10000 THEN CAST(CAST(trino_fail('INVALID_FUNCTION_ARGUMENT: result of sequence function must not have more than 10000 entries') AS VARCHAR) AS DATE[])
    ELSE list_transform(range(0, date_sub('month', CAST(a AS TIMESTAMP), CAST(b AS TIMESTAMP)) // step + 1), lambda n: CAST(a + to_months(CAST(n * step AS INTEGER)) AS DATE)) END;
CREATE MACRO trino_sequence(a, b, step) AS CASE
    WHEN a IS NULL OR b IS NULL OR step IS NULL THEN NULL
    WHEN step = 0 OR (step > 0 AND b < a) OR (step < 0 AND b > a)
        THEN CAST(CAST(trino_fail('INVALID_FUNCTION_ARGUMENT: sequence stop value should be greater than or equal to start value if step is greater than zero otherwise stop should be less than or equal to start') AS VARCHAR) AS BIGINT[])
    WHEN (CAST(b AS HUGEINT) - a) // step >= 10000 THEN CAST(CAST(trino_fail('INVALID_FUNCTION_ARGUMENT: result of sequence function must not have more than 10000 entries') AS VARCHAR) AS BIGINT[])
    ELSE range(a, CASE WHEN step > 0 THEN b + 1 ELSE b - 1 END, step) END;
