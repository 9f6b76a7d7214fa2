-- Casts from text. Trino takes exactly these forms; DuckDB also takes '12.7', '0x10', '1_000' and others.

-- Java reads the digits of every script (of the first plane) as numbers. Their zeros, here; each set goes on to nine.
CREATE MACRO trino_other_digits() AS array_to_string(flatten(list_transform(
    [1632, 1776, 1984, 2406, 2534, 2662, 2790, 2918, 3046, 3174, 3302, 3430, 3558, 3664, 3792, 3872, 4160, 4240, 6112,
     6160, 6470, 6608, 6784, 6800, 6992, 7088, 7232, 7248, 42528, 43216, 43264, 43472, 43504, 43600, 44016, 65296],
    lambda zero: list_transform(range(0, 10), lambda n: chr(CAST(zero + n AS INTEGER))))), '');
CREATE MACRO trino_ascii_digits(s) AS translate(s, trino_other_digits(), repeat('0123456789', 36));
-- Control characters and blanks around the text are left out, as by Java's trim.
CREATE MACRO trino_java_trim(s) AS regexp_replace(s, '^[\x00-\x20]+|[\x00-\x20]+$', '', 'g');
CREATE MACRO trino_varchar_to_tinyint(s) AS CASE
    WHEN s IS NULL THEN NULL
    WHEN regexp_full_match(trino_ascii_digits(trino_java_trim(s)), '[+-]?[0-9]+')
        THEN CAST(trino_ascii_digits(trino_java_trim(s)) AS TINYINT)
    ELSE CAST(trino_fail('INVALID_CAST_ARGUMENT: Cannot cast varchar value to TINYINT') AS TINYINT) END;
CREATE MACRO trino_varchar_to_smallint(s) AS CASE
    WHEN s IS NULL THEN NULL
    WHEN regexp_full_match(trino_ascii_digits(trino_java_trim(s)), '[+-]?[0-9]+')
        THEN CAST(trino_ascii_digits(trino_java_trim(s)) AS SMALLINT)
    ELSE CAST(trino_fail('INVALID_CAST_ARGUMENT: Cannot cast varchar value to SMALLINT') AS SMALLINT) END;
CREATE MACRO trino_varchar_to_integer(s) AS CASE
    WHEN s IS NULL THEN NULL
    WHEN regexp_full_match(trino_ascii_digits(trino_java_trim(s)), '[+-]?[0-9]+')
        THEN CAST(trino_ascii_digits(trino_java_trim(s)) AS INTEGER)
    ELSE trino_fail('INVALID_CAST_ARGUMENT: Cannot cast varchar value to INT') END;
CREATE MACRO trino_varchar_to_bigint(s) AS CASE
    WHEN s IS NULL THEN NULL
    WHEN regexp_full_match(trino_ascii_digits(trino_java_trim(s)), '[+-]?[0-9]+')
        THEN CAST(trino_ascii_digits(trino_java_trim(s)) AS BIGINT)
    ELSE CAST(trino_fail('INVALID_CAST_ARGUMENT: Cannot cast varchar value to BIGINT') AS BIGINT) END;
-- Java reads 0x1.8p3 too: at most 15 digits fit exactly, any further one only says whether the rest is zero.
CREATE MACRO trino_hex_digits(s) AS regexp_replace(replace(regexp_extract(s, '^[+-]?0[xX]([0-9a-fA-F.]*)', 1), '.', ''), '^0+', '');
CREATE MACRO trino_hex_mantissa(s) AS CASE WHEN starts_with(s, '-') THEN -1 ELSE 1 END * CAST(
    CAST('0x0' || left(trino_hex_digits(s), 15) AS BIGINT)
    | CAST(regexp_matches(substring(trino_hex_digits(s), 16), '[1-9a-fA-F]') AS BIGINT) AS DOUBLE);
CREATE MACRO trino_hex_exponent(s) AS greatest(-4000, least(4000, CAST(regexp_extract(s, '[pP]([+-]?[0-9]+)', 1) AS BIGINT)
    - 4 * length(regexp_extract(s, '\.([0-9a-fA-F]*)', 1)) + 4 * greatest(0, length(trino_hex_digits(s)) - 15)));
CREATE MACRO trino_hex_to_double(s) AS
    trino_hex_mantissa(s) * power(2e0, trino_hex_exponent(s) // 4) * power(2e0, trino_hex_exponent(s) // 4)
    * power(2e0, trino_hex_exponent(s) // 4) * power(2e0, trino_hex_exponent(s) - 3 * (trino_hex_exponent(s) // 4));
CREATE MACRO trino_varchar_to_double(s) AS CASE
    WHEN s IS NULL THEN NULL
    WHEN regexp_full_match(trino_java_trim(s), '[+-]?(([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?[dDfF]?|NaN|Infinity)')
        THEN CAST(regexp_replace(replace(trino_java_trim(s), '-NaN', 'NaN'), '([0-9.])[dDfF]$', '\1') AS DOUBLE)
    WHEN regexp_full_match(trino_java_trim(s), '[+-]?0[xX]([0-9a-fA-F]+\.?[0-9a-fA-F]*|\.[0-9a-fA-F]+)[pP][+-]?[0-9]{1,17}[dDfF]?')
        THEN trino_hex_to_double(trino_java_trim(s))
    ELSE CAST(trino_fail('INVALID_CAST_ARGUMENT: Cannot cast varchar value to DOUBLE') AS DOUBLE) END;
-- Returns the text; the caller casts it to the decimal it wants. Both round halves away from zero.
CREATE MACRO trino_varchar_to_decimal(s) AS CASE
    WHEN s IS NULL THEN NULL
    WHEN regexp_full_match(trino_ascii_digits(s), '[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?') THEN trino_ascii_digits(s)
    ELSE CAST(trino_fail('INVALID_CAST_ARGUMENT: Cannot cast VARCHAR value to DECIMAL. Value is not a number.') AS VARCHAR) END;
CREATE MACRO trino_varchar_to_boolean(s) AS CASE
    WHEN s IS NULL THEN NULL
    WHEN lower(s) IN ('t', 'true', '1') THEN true
    WHEN lower(s) IN ('f', 'false', '0') THEN false
    ELSE CAST(trino_fail('INVALID_CAST_ARGUMENT: Cannot cast varchar value to BOOLEAN') AS BOOLEAN) END;
CREATE MACRO trino_varchar_to_date(s) AS CASE
    WHEN s IS NULL THEN NULL
    WHEN regexp_full_match(trino_trim(s), '[+-]?[0-9]+-[0-9]{1,2}-[0-9]{1,2}') THEN make_date(
        CAST(regexp_extract(trino_trim(s), '^([+-]?[0-9]+)-', 1) AS BIGINT),
        CAST(regexp_extract(trino_trim(s), '-([0-9]+)-[0-9]+$', 1) AS BIGINT),
        CAST(regexp_extract(trino_trim(s), '-([0-9]+)$', 1) AS BIGINT))
    ELSE CAST(CAST(trino_fail('INVALID_CAST_ARGUMENT: Value cannot be cast to date') AS VARCHAR) AS DATE) END;
-- A zone at the end is read; it only moves a time that its clocks skip. `digits` says where a longer fraction is rounded.
CREATE MACRO trino_timestamp_zone(s) AS regexp_extract(s, '^[+-]?[0-9]+-[0-9]+-[0-9]+ ([0-9]+:[0-9]+(:[0-9]+(\.[0-9]+)?)?)?\s*(.*)$', 4);
CREATE MACRO trino_timestamp_part(s, pattern) AS CAST(coalesce(nullif(regexp_extract(s, pattern, 1), ''), '0') AS BIGINT);
CREATE MACRO trino_timestamp_fraction(s) AS regexp_extract(s, '^[+-]?[0-9-]+ [0-9:]+\.([0-9]+)', 1);
CREATE MACRO trino_timestamp_of(s, digits) AS make_timestamp(
    trino_timestamp_part(s, '^([+-]?[0-9]+)-'),
    trino_timestamp_part(s, '^[+-]?[0-9]+-([0-9]+)'),
    trino_timestamp_part(s, '^[+-]?[0-9]+-[0-9]+-([0-9]+)'),
    trino_timestamp_part(s, ' ([0-9]+):[0-9]'),
    trino_timestamp_part(s, ' [0-9]+:([0-9]+)'),
    CAST(trino_timestamp_part(s, ' [0-9]+:[0-9]+:([0-9]+)') AS DOUBLE))
    + to_microseconds(CAST(left(rpad(trino_timestamp_fraction(s), 6, '0'), 6) AS BIGINT)
        + CAST(digits = 6 AND substring(trino_timestamp_fraction(s), 7, 1) >= '5' AS BIGINT));
CREATE MACRO trino_varchar_to_timestamp(s, digits) AS CASE
    WHEN s IS NULL THEN NULL
    WHEN regexp_full_match(s, '[0-9]{4}-[0-9]{2}-[0-9]{2}( ([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](\.[0-9]{1,6})?)?') THEN CAST(s AS TIMESTAMP)
    WHEN NOT regexp_full_match(trino_trim(s), '[+-]?[0-9]{4,9}-[0-9]{1,2}-[0-9]{1,2}( (([01]?[0-9]|2[0-3]):[0-5]?[0-9](:[0-5]?[0-9](\.[0-9]+)?)?)?\s*([A-Za-z+-].*)?)?')
        THEN CAST(CAST(trino_fail('INVALID_CAST_ARGUMENT: Value cannot be cast to timestamp') AS VARCHAR) AS TIMESTAMP)
    WHEN regexp_full_match(trino_timestamp_zone(trino_trim(s)), '(Z|UTC|GMT|UT|(UTC|GMT|UT)?[+-]([0-9]|(0[0-9]|1[0-7])(:[0-5][0-9](:[0-5][0-9])?|[0-5][0-9]([0-5][0-9])?)?|18(:00(:00)?|00(00)?)?))?')
        THEN trino_timestamp_of(trino_trim(s), digits)
    WHEN list_contains(trino_zones(), trino_timestamp_zone(trino_trim(s))) THEN timezone(trino_timestamp_zone(trino_trim(s)),
        timezone(coalesce(nullif(trino_timestamp_zone(trino_trim(s)), ''), 'UTC'), trino_timestamp_of(trino_trim(s), digits)))
    ELSE CAST(CAST(trino_fail('INVALID_CAST_ARGUMENT: Value cannot be cast to timestamp') AS VARCHAR) AS TIMESTAMP) END;
CREATE MACRO trino_fit_varchar(s, n) AS CASE
    WHEN length(s) <= n OR s IS NULL THEN s
    ELSE CAST(trino_fail('INVALID_CAST_ARGUMENT: Value cannot be represented as varchar of that length') AS VARCHAR) END;
-- Halves away from zero, which DuckDB's cast rounds to even; NaN and the infinities lie outside as well.
CREATE MACRO trino_double_to_bigint(x) AS CASE
    WHEN x >= 9223372036854775808e0 OR x < -9223372036854775808e0
        THEN CAST(trino_fail('INVALID_CAST_ARGUMENT: Unable to cast double to bigint') AS BIGINT)
    ELSE CAST(round(x) AS BIGINT) END;
