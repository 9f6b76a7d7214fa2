-- Numbers.

-- Fails with `CODE: message`. Unlike error(), a cast is a pure expression, so TRY() can catch it.
CREATE MACRO trino_fail(message) AS CAST(message AS INTEGER);

-- Integer division that rounds down: DuckDB's `//` rounds towards zero.
CREATE MACRO trino_floor_divide(a, b) AS a // b - CASE WHEN a % b < 0 THEN 1 ELSE 0 END;
-- The digits of a decimal as a 128-bit integer; `unit` is 10 to the power of its scale.
CREATE MACRO trino_digits(x, unit) AS CAST(x * CAST(unit AS DECIMAL(38, 0)) AS HUGEINT);
-- a / b of 128-bit integers, halves away from zero. DuckDB would divide decimals as doubles.
CREATE MACRO trino_divide(a, b) AS
    a // b + CAST(sign(a) * sign(b) AS HUGEINT) * (2 * abs(a % b) // abs(b));
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
CREATE MACRO trino_sign_integer(x) AS CAST(sign(x) AS INTEGER);
CREATE MACRO trino_sign_bigint(x) AS CAST(sign(x) AS BIGINT);
-- The sign of zero stays, and so does NaN.
CREATE MACRO trino_sign_double(x) AS CASE WHEN x = 0 OR isnan(x) THEN x ELSE CAST(sign(x) AS DOUBLE) END;
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
