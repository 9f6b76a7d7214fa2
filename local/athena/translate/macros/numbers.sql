-- Numbers.

-- Fails with `CODE: message`. Unlike error(), a cast is a pure expression, so TRY() can catch it.
CREATE MACRO trino_fail(message) AS CAST(message AS INTEGER);

-- Integer division that rounds down: DuckDB's `//` rounds towards zero.
CREATE MACRO trino_floor_divide(a, b) AS a // b - CASE WHEN a % b < 0 THEN 1 ELSE 0 END;
-- The digits of a decimal as a 128-bit integer; `unit` is 10 to the power of its scale. The product must fit 38 digits.
CREATE MACRO trino_digits(x, unit) AS CAST(x * CAST(unit AS DECIMAL(38, 0)) AS HUGEINT);
CREATE MACRO trino_digits_of_text(s) AS CAST(replace(s, '.', '') AS HUGEINT);
CREATE MACRO trino_38_digits(x) AS CASE
    WHEN abs(x) >= CAST('100000000000000000000000000000000000000' AS HUGEINT)
        THEN CAST(trino_fail('NUMERIC_VALUE_OUT_OF_RANGE: Decimal overflow') AS HUGEINT)
    ELSE x END;
-- a / b of 128-bit integers, halves away from zero. DuckDB would divide decimals as doubles.
CREATE MACRO trino_divide(a, b) AS a // b + (a % b) // (b - b // 2);
-- a * unit / b, where a * unit may be too long for 128 bits, but b * unit is not: Trino computes it in 256.
CREATE MACRO trino_divide_scaled(a, b, unit) AS a // b * unit + trino_divide(a % b * unit, b);
-- The same where only the values tell whether the rest of a by b fits: up to `most`.
CREATE MACRO trino_divide_long(a, b, unit, most) AS CASE
    WHEN abs(a % b) > most THEN CAST(trino_fail('NOT_SUPPORTED: Dividing decimals of so many digits is not supported here. Cast both to decimals with fewer digits.') AS HUGEINT)
    ELSE trino_divide_scaled(a, b, unit) END;
-- Trino itself gives up where the dividend's scale must grow by 38 digits or more.
CREATE MACRO trino_divide_never(a, b) AS CASE
    WHEN a IS NOT NULL AND b IS NOT NULL THEN CAST(trino_fail('NUMERIC_VALUE_OUT_OF_RANGE: Decimal overflow') AS HUGEINT) END;
-- The rests of (a * unit) / b and of a / (b * unit), of as long numbers.
CREATE MACRO trino_rest_scaled(a, b, unit) AS a % b * unit % b;
CREATE MACRO trino_rest_long(a, b, unit, most) AS CASE
    WHEN abs(a % b) > most THEN CAST(trino_fail('NOT_SUPPORTED: The rest of a division of decimals of so many digits is not supported here. Cast both to decimals with fewer digits.') AS HUGEINT)
    ELSE trino_rest_scaled(a, b, unit) END;
CREATE MACRO trino_rest_of_small(a, b, unit, most) AS CASE WHEN abs(b) >= most THEN a ELSE a % (b * unit) END;
-- The smallest integer % -1 is 0; DuckDB fails.
CREATE MACRO trino_rest(a, b) AS CASE WHEN b = -1 THEN a - a ELSE a % b END;
-- NaN equals nothing and compares with nothing; DuckDB orders it above all. `other` is DuckDB's comparison.
CREATE MACRO trino_with_nan(a, b, other, unequal) AS CASE
    WHEN a IS NOT NULL AND b IS NOT NULL AND (isnan(a) OR isnan(b)) THEN unequal ELSE other END;
CREATE MACRO trino_same(x) AS x;
CREATE MACRO trino_e() AS CAST('2.718281828459045' AS DOUBLE);
CREATE MACRO trino_nan() AS CAST('NaN' AS DOUBLE);
CREATE MACRO trino_infinity() AS CAST('Infinity' AS DOUBLE);

-- Always with an exponent: 1.0E0, 1.5E-3. DuckDB writes 1.0 and 0.0015.
CREATE MACRO trino_significant(text) AS regexp_replace(regexp_replace(replace(regexp_extract(text, '^-?([0-9.]+)', 1), '.', ''), '^0+', ''), '0+$', '');
CREATE MACRO trino_exponent(text) AS CAST(coalesce(nullif(regexp_extract(text, 'e([+-][0-9]+)$', 1), ''), '0') AS INTEGER)
    + length(regexp_extract(text, '^-?([0-9]+)', 1)) - 1
    - (length(replace(regexp_extract(text, '^-?([0-9.]+)', 1), '.', ''))
       - length(regexp_replace(replace(regexp_extract(text, '^-?([0-9.]+)', 1), '.', ''), '^0+', '')));
CREATE MACRO trino_scientific(text) AS CASE WHEN text[1] = '-' THEN '-' ELSE '' END || left(trino_significant(text), 1) || '.'
    || coalesce(nullif(substring(trino_significant(text), 2), ''), '0') || 'E' || CAST(trino_exponent(text) AS VARCHAR);
-- Java writes at least two digits, and those that are nearest: 4.9E-324, where one digit (5e-324) would do.
CREATE MACRO trino_double_to_varchar(x) AS CASE
    WHEN x IS NULL THEN NULL
    WHEN isnan(x) THEN 'NaN'
    WHEN isinf(x) THEN CASE WHEN x > 0 THEN 'Infinity' ELSE '-Infinity' END
    WHEN x = 0 THEN CASE WHEN CAST(x AS VARCHAR)[1] = '-' THEN '-0E0' ELSE '0E0' END
    WHEN abs(x) < 2e-322 AND length(trino_significant(CAST(x AS VARCHAR))) = 1 THEN trino_scientific(format('{:.1e}', x))
    ELSE trino_scientific(CAST(x AS VARCHAR)) END;
CREATE MACRO trino_sign_smallint(x) AS CAST(sign(x) AS SMALLINT);
CREATE MACRO trino_sign_integer(x) AS CAST(sign(x) AS INTEGER);
CREATE MACRO trino_sign_bigint(x) AS CAST(sign(x) AS BIGINT);
-- The sign of zero stays, and so does NaN.
CREATE MACRO trino_sign_double(x) AS CASE WHEN x = 0 OR isnan(x) THEN x ELSE CAST(sign(x) AS DOUBLE) END;
-- Zero loses its sign.
CREATE MACRO trino_round(x) AS CASE WHEN x = 0 THEN 0e0 ELSE round(x) END;
CREATE MACRO trino_round_to(x, places) AS CASE WHEN x = 0 THEN 0e0 ELSE round(x, places) END;
-- 1 to the power of what is no number is no number; DuckDB says 1.
CREATE MACRO trino_power(a, b) AS CASE WHEN abs(a) = 1 AND NOT isfinite(b) THEN CAST('NaN' AS DOUBLE) ELSE power(a, b) END;
-- DuckDB fails outside the domain; Trino gives NaN or -Infinity.
CREATE MACRO trino_sqrt(x) AS CASE WHEN x < 0 THEN CAST('NaN' AS DOUBLE) ELSE sqrt(x) END;
CREATE MACRO trino_ln(x) AS CASE WHEN x < 0 THEN CAST('NaN' AS DOUBLE) WHEN x = 0 THEN CAST('-Infinity' AS DOUBLE) ELSE ln(x) END;
CREATE MACRO trino_log2(x) AS trino_ln(x) / ln(2e0);
CREATE MACRO trino_log10(x) AS CASE WHEN x < 0 THEN CAST('NaN' AS DOUBLE) WHEN x = 0 THEN CAST('-Infinity' AS DOUBLE) ELSE log10(x) END;
CREATE MACRO trino_log(base, x) AS trino_ln(x) / trino_ln(base);
CREATE MACRO trino_bitwise_and(a, b) AS a & b;
CREATE MACRO trino_bitwise_or(a, b) AS a | b;
-- NaN counts only where there is nothing else; DuckDB takes it for the greatest.
CREATE MACRO trino_not_nan(x) AS CASE WHEN NOT isnan(x) THEN x END;
