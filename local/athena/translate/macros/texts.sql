-- Texts and bytes.

-- Java maps one character to one: ß has no upper case; DuckDB makes it ẞ. And Java knows the letters of Unicode 16.
CREATE MACRO trino_new_letters(first) AS array_to_string(list_transform(range(0, 22), lambda n: chr(CAST(first + n AS INTEGER))), '');
CREATE MACRO trino_upper(s) AS CASE
    WHEN regexp_matches(s, '[ß\x{19b}\x{264}\x{1c8a}\x{a7cd}\x{a7db}\x{10d70}-\x{10d85}]') THEN array_to_string(list_transform(
        string_split(translate(s, concat('ƛɤ', chr(7306), chr(42957), chr(42971), trino_new_letters(68976)),
            concat(chr(42972), chr(42955), chr(7305), chr(42956), chr(42970), trino_new_letters(68944))), 'ß'),
        lambda part: upper(part)), 'ß')
    ELSE upper(s) END;
CREATE MACRO trino_lower(s) AS CASE
    WHEN regexp_matches(s, '[\x{1c89}\x{a7cb}\x{a7cc}\x{a7da}\x{a7dc}\x{10d50}-\x{10d65}]') THEN lower(
        translate(s, concat(chr(42972), chr(42955), chr(7305), chr(42956), chr(42970), trino_new_letters(68944)),
            concat('ƛɤ', chr(7306), chr(42957), chr(42971), trino_new_letters(68976))))
    ELSE lower(s) END;
-- All white space around a text, not only blanks.
CREATE MACRO trino_ltrim(s) AS regexp_replace(s, '^[\t-\r\x1c-\x20\x{1680}\x{2000}-\x{2006}\x{2008}-\x{200a}\x{2028}\x{2029}\x{205f}\x{3000}]+', '');
CREATE MACRO trino_rtrim(s) AS regexp_replace(s, '[\t-\r\x1c-\x20\x{1680}\x{2000}-\x{2006}\x{2008}-\x{200a}\x{2028}\x{2029}\x{205f}\x{3000}]+$', '');
CREATE MACRO trino_trim(s) AS trino_rtrim(trino_ltrim(s));
-- By code point; DuckDB keeps a letter and its accent together.
CREATE MACRO trino_reverse(s) AS array_to_string(list_reverse(regexp_extract_all(s, '(?s).')), '');
CREATE MACRO trino_replace(s, search, put) AS CASE
    WHEN search = '' THEN put || array_to_string(list_transform(regexp_extract_all(s, '(?s).'), lambda c: c || put), '')
    ELSE replace(s, search, put) END;
CREATE MACRO trino_remove(s, search) AS CASE WHEN search = '' THEN s ELSE replace(s, search, '') END;
-- Position 0, and positions beyond either end, give the empty text; DuckDB clips them, and takes numbers of 32 bits only.
CREATE MACRO trino_substr_from(s, start) AS CASE
    WHEN s IS NULL OR start IS NULL THEN NULL
    WHEN start = 0 OR start NOT BETWEEN -length(s) AND length(s) THEN ''
    ELSE substring(s, start) END;
CREATE MACRO trino_substr(s, start, n) AS CASE
    WHEN s IS NULL OR start IS NULL OR n IS NULL THEN NULL
    WHEN start = 0 OR n <= 0 OR start NOT BETWEEN -length(s) AND length(s) THEN ''
    ELSE substring(s, start, least(n, length(s))) END;
CREATE MACRO trino_lpad(s, n, filler) AS CASE
    WHEN s IS NULL OR n IS NULL OR filler IS NULL THEN NULL
    WHEN n < 0 OR filler = '' THEN CAST(trino_fail('INVALID_FUNCTION_ARGUMENT: Target length and padding must not be negative or empty') AS VARCHAR)
    ELSE lpad(s, CAST(n AS INTEGER), filler) END;
CREATE MACRO trino_rpad(s, n, filler) AS CASE
    WHEN s IS NULL OR n IS NULL OR filler IS NULL THEN NULL
    WHEN n < 0 OR filler = '' THEN CAST(trino_fail('INVALID_FUNCTION_ARGUMENT: Target length and padding must not be negative or empty') AS VARCHAR)
    ELSE rpad(s, CAST(n AS INTEGER), filler) END;
CREATE MACRO trino_split(s, delimiter) AS CASE
    WHEN s IS NULL OR delimiter IS NULL THEN NULL
    WHEN delimiter = '' THEN CAST(CAST(trino_fail('INVALID_FUNCTION_ARGUMENT: The delimiter may not be the empty string') AS VARCHAR) AS VARCHAR[])
    ELSE string_split(s, delimiter) END;
-- A part that does not exist is NULL; DuckDB gives the empty text, and counts negative numbers from the end.
CREATE MACRO trino_split_part(s, delimiter, n) AS CASE
    WHEN s IS NULL OR delimiter IS NULL OR n IS NULL THEN NULL
    WHEN n <= 0 THEN CAST(trino_fail('INVALID_FUNCTION_ARGUMENT: Index must be greater than zero') AS VARCHAR)
    WHEN n > len(string_split(s, delimiter)) OR s = '' AND delimiter = '' THEN NULL
    ELSE split_part(s, delimiter, n) END;
CREATE MACRO trino_chr(n) AS CASE
    WHEN n BETWEEN 1 AND 1114111 THEN chr(CAST(n AS INTEGER))
    WHEN n IS NULL THEN NULL
    WHEN n = 0 THEN CAST(trino_fail('NOT_SUPPORTED: chr(0) is not supported here. Leave the character out.') AS VARCHAR)
    ELSE CAST(trino_fail('INVALID_FUNCTION_ARGUMENT: Not a valid Unicode code point') AS VARCHAR) END;
CREATE MACRO trino_codepoint(s) AS CASE
    WHEN length(s) = 1 THEN unicode(s)
    WHEN s IS NULL THEN NULL
    ELSE trino_fail('INVALID_FUNCTION_ARGUMENT: Input string must be a single character string') END;
-- By code point; DuckDB counts bytes.
CREATE MACRO trino_levenshtein(a, b) AS CASE
    WHEN length(a) = octet_length(encode(a)) AND length(b) = octet_length(encode(b)) THEN levenshtein(a, b)
    WHEN a IS NULL OR b IS NULL THEN NULL
    ELSE CAST(trino_fail('NOT_SUPPORTED: levenshtein_distance of texts beyond ASCII is not supported here. Compare the texts themselves.') AS BIGINT) END;
-- NULL where nothing matches; DuckDB gives the empty text.
CREATE MACRO trino_regexp_extract(s, pattern, part) AS CASE
    WHEN regexp_matches(s, pattern) THEN regexp_extract(s, pattern, part) END;
-- Bytes that are no text: Trino puts a replacement character in their place, DuckDB fails.
CREATE MACRO trino_from_utf8(b) AS CASE
    WHEN b IS NULL THEN NULL
    WHEN try(decode(b)) IS NULL THEN CAST(trino_fail('NOT_SUPPORTED: from_utf8 of bytes that are no UTF-8 is not supported here. Use to_hex.') AS VARCHAR)
    ELSE decode(b) END;
-- Bytes; DuckDB's functions return hexadecimal text.
CREATE MACRO trino_md5(b) AS unhex(md5(b));
CREATE MACRO trino_sha1(b) AS unhex(sha1(b));
CREATE MACRO trino_sha256(b) AS unhex(sha256(b));
-- Two digits a byte; DuckDB takes an odd number of them.
CREATE MACRO trino_from_hex(s) AS CASE
    WHEN length(s) % 2 = 1 THEN CAST(CAST(trino_fail('INVALID_FUNCTION_ARGUMENT: String length must be a multiple of two') AS VARCHAR) AS BLOB)
    ELSE unhex(s) END;
-- The padding at the end may be left out, as a whole; DuckDB wants it.
CREATE MACRO trino_from_base64(s) AS CASE
    WHEN s IS NULL THEN NULL
    WHEN regexp_full_match(s, '([A-Za-z0-9+/]{4})*([A-Za-z0-9+/]{2}(==)?|[A-Za-z0-9+/]{3}=?)?')
        THEN from_base64(s || repeat('=', (4 - length(s) % 4) % 4))
    ELSE CAST(CAST(trino_fail('INVALID_FUNCTION_ARGUMENT: The text is not in base 64') AS VARCHAR) AS BLOB) END;
