-- JSON.

-- Only texts, numbers and booleans are scalars; DuckDB would give the text of an object too.
CREATE MACRO trino_json_extract_scalar(j, path) AS CASE
    WHEN NOT json_valid(j) AND regexp_matches(j, '^\s*[\[{"0-9-]')
        THEN CAST(trino_fail('NOT_SUPPORTED: json_extract_scalar of a damaged document is not supported here. Store whole documents.') AS VARCHAR)
    WHEN NOT json_valid(j) THEN NULL
    WHEN json_type(j, path) = 'DOUBLE' OR (json_type(j, path) = 'BIGINT' AND json_extract_string(j, path) = '0' AND contains(j, '-0'))
        THEN CAST(trino_fail('NOT_SUPPORTED: json_extract_scalar of a number with a fraction or exponent is not supported here. Store such numbers in columns of their own.') AS VARCHAR)
    WHEN json_type(j, path) NOT IN ('OBJECT', 'ARRAY', 'NULL') THEN json_extract_string(j, path) END;
CREATE MACRO trino_json_array_length(j) AS CASE
    WHEN NOT json_valid(j) AND regexp_matches(j, '^\s*\[')
        THEN CAST(trino_fail('NOT_SUPPORTED: json_array_length of a damaged document is not supported here. Store whole documents.') AS BIGINT)
    WHEN json_valid(j) AND json_type(j) = 'ARRAY' THEN CAST(json_array_length(j) AS BIGINT) END;
CREATE MACRO trino_json_extract(j, path) AS CASE WHEN json_valid(j) THEN json_extract(j, path) END;
CREATE MACRO trino_json_or_fail(s, message) AS CASE
    WHEN s IS NULL THEN NULL
    WHEN json_valid(s) THEN CAST(s AS JSON)
    ELSE CAST(CAST(trino_fail(message) AS VARCHAR) AS JSON) END;
CREATE MACRO trino_json_parse(s) AS trino_json_or_fail(s, 'INVALID_FUNCTION_ARGUMENT: Cannot convert value to JSON');
-- Trino makes one step of CAST(json_parse(s) AS array(…)), which fails as a cast.
CREATE MACRO trino_json_parse_to_cast(s) AS trino_json_or_fail(s, 'INVALID_CAST_ARGUMENT: Cannot cast value to array');
-- Items must be of the kind that is asked for; DuckDB rounds 1.5 to an integer and prints an object as text.
CREATE MACRO trino_json_to_varchar_array(j) AS CASE
    WHEN j IS NULL OR json_type(j) = 'NULL' THEN NULL
    WHEN json_type(j) = 'ARRAY' AND len(list_filter(json_extract(j, '$[*]'), lambda item: json_type(item) IN ('OBJECT', 'ARRAY', 'DOUBLE'))) = 0
        THEN CAST(j AS VARCHAR[])
    WHEN json_type(j) = 'ARRAY' AND len(list_filter(json_extract(j, '$[*]'), lambda item: json_type(item) IN ('OBJECT', 'ARRAY'))) = 0
        THEN CAST(CAST(trino_fail('NOT_SUPPORTED: Casting fractions in a JSON array to text is not supported here. Use arrays of texts or integers.') AS VARCHAR) AS VARCHAR[])
    ELSE CAST(CAST(trino_fail('INVALID_CAST_ARGUMENT: Cannot cast json value to array') AS VARCHAR) AS VARCHAR[]) END;
CREATE MACRO trino_json_to_scalar_array(j) AS CASE
    WHEN j IS NULL OR json_type(j) = 'NULL' THEN NULL
    WHEN json_type(j) = 'ARRAY' AND len(list_filter(json_extract(j, '$[*]'), lambda item: json_type(item) IN ('OBJECT', 'ARRAY', 'DOUBLE', 'VARCHAR'))) = 0
        THEN j
    WHEN json_type(j) = 'ARRAY' AND len(list_filter(json_extract(j, '$[*]'), lambda item: json_type(item) IN ('OBJECT', 'ARRAY'))) = 0
        THEN CAST(CAST(trino_fail('NOT_SUPPORTED: Casting texts or fractions in a JSON array to numbers is not supported here. Cast to an array of varchar first.') AS VARCHAR) AS JSON)
    ELSE CAST(CAST(trino_fail('INVALID_CAST_ARGUMENT: Cannot cast json value to array') AS VARCHAR) AS JSON) END;
CREATE MACRO trino_map_to_json(m) AS
    CASE WHEN m IS NOT NULL THEN to_json(map_from_entries(list_sort(map_entries(m)))) END;
-- Trino writes such a character as two escapes.
CREATE MACRO trino_json_text(j) AS CASE
    WHEN regexp_matches(CAST(j AS VARCHAR), '[\x{10000}-\x{10FFFF}]')
        THEN CAST(trino_fail('NOT_SUPPORTED: json_format of characters beyond the basic plane is not supported here. Leave out emoji.') AS VARCHAR)
    ELSE CAST(j AS VARCHAR) END;
-- Of texts; see json_functions.py.
CREATE MACRO trino_json_text_scalar(j, path) AS CASE
    WHEN NOT json_valid(j) AND regexp_matches(j, '^\s*[\[{"0-9-]')
        THEN CAST(trino_fail('NOT_SUPPORTED: json_extract_scalar of a damaged document is not supported here. Store whole documents.') AS VARCHAR)
    WHEN json_valid(j) THEN json_text_scalar(j, path) END;
CREATE MACRO trino_json_text_format(j, path) AS CASE
    WHEN NOT json_valid(j) AND regexp_matches(j, '^\s*[\[{"0-9-]')
        THEN CAST(trino_fail('NOT_SUPPORTED: json_extract of a damaged document is not supported here. Store whole documents.') AS VARCHAR)
    WHEN json_valid(j) THEN json_text_format(j, path) END;
CREATE MACRO trino_json_extract_of_text(j, path) AS trino_json_extract(j, replace(replace(path, '["', '."'), '"]', '"'));
