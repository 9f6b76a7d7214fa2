-- Arrays and maps.

CREATE MACRO trino_one_item(x) AS CASE WHEN x IS NOT NULL THEN [x] END;
-- Positions outside the array fail; DuckDB gives NULL.
CREATE MACRO trino_subscript(a, i) AS CASE
    WHEN a IS NULL OR i IS NULL THEN NULL
    WHEN i BETWEEN 1 AND len(a) THEN a[i]
    ELSE a[trino_fail('INVALID_FUNCTION_ARGUMENT: Array subscript must be greater than zero and within the array')] END;
CREATE MACRO trino_element_at(a, i) AS CASE
    WHEN i = 0 AND a IS NOT NULL THEN a[trino_fail('INVALID_FUNCTION_ARGUMENT: SQL array indices start at 1')]
    ELSE a[i] END;
CREATE MACRO trino_map_subscript(m, k) AS CASE
    WHEN m IS NULL OR k IS NULL THEN NULL
    WHEN map_contains(m, k) THEN map_extract_value(m, k)
    ELSE map_values(m)[trino_fail('INVALID_FUNCTION_ARGUMENT: Key not present in map')] END;
CREATE MACRO trino_map_element_at(m, k) AS map_extract_value(m, k);
CREATE MACRO trino_map_size(m) AS len(map_keys(m));
-- The first value of each key that is not NULL; DuckDB's map() refuses repeated keys.
CREATE MACRO trino_first_of_key(keys) AS list_filter(range(1, len(keys) + 1), lambda place:
    keys[place] IS NOT NULL AND list_position(keys, keys[place]) = place);
CREATE MACRO trino_map_agg(keys, vals) AS CASE WHEN keys IS NOT NULL THEN map(
    list_transform(trino_first_of_key(keys), lambda place: keys[place]),
    list_transform(trino_first_of_key(keys), lambda place: vals[place])) END;
-- NULL where the item is not found and the array holds NULL; DuckDB says false.
CREATE MACRO trino_contains(a, x) AS CASE
    WHEN a IS NULL OR x IS NULL THEN NULL
    WHEN list_contains(a, x) THEN true
    WHEN len(list_filter(a, lambda item: item IS NULL)) > 0 THEN NULL
    ELSE false END;
-- In order of first appearance, NULL kept; DuckDB loses the order and the NULL.
CREATE MACRO trino_array_distinct(a) AS list_filter(a, lambda item, place:
    len(list_filter(a[1:place - 1], lambda earlier: earlier IS NOT DISTINCT FROM item)) = 0);
-- The empty text where there are only NULLs; DuckDB says NULL.
CREATE MACRO trino_array_join(a, separator) AS CASE
    WHEN a IS NOT NULL AND separator IS NOT NULL THEN coalesce(array_to_string(a, separator), '') END;
CREATE MACRO trino_array_join_with(a, separator, missing) AS
    trino_array_join(list_transform(a, lambda item: coalesce(item, missing)), separator);
-- NULL as soon as one item is NULL.
CREATE MACRO trino_array_max(a) AS CASE WHEN len(list_filter(a, lambda item: item IS NULL)) = 0 THEN list_max(a) END;
CREATE MACRO trino_array_min(a) AS CASE WHEN len(list_filter(a, lambda item: item IS NULL)) = 0 THEN list_min(a) END;
CREATE MACRO trino_array_position(a, x) AS CASE
    WHEN a IS NULL OR x IS NULL THEN NULL ELSE CAST(coalesce(list_position(a, x), 0) AS BIGINT) END;
CREATE MACRO trino_array_sort(a) AS list_sort(a, 'ASC', 'NULLS LAST');
CREATE MACRO trino_arrays_overlap(a, b) AS CASE
    WHEN a IS NULL OR b IS NULL THEN NULL
    WHEN list_has_any(a, b) THEN true
    WHEN len(a) = 0 OR len(b) = 0 THEN false
    WHEN len(list_filter(list_concat(a, b), lambda item: item IS NULL)) > 0 THEN NULL
    ELSE false END;
-- Start and length, the start counted from the end if negative; DuckDB takes start and end.
CREATE MACRO trino_slice(a, start, n) AS CASE
    WHEN a IS NULL OR start IS NULL OR n IS NULL THEN NULL
    WHEN n < 0 OR start = 0 THEN a[trino_fail('INVALID_FUNCTION_ARGUMENT: SQL array indices start at 1, and length must be greater than or equal to 0'):1]
    WHEN start NOT BETWEEN -len(a) AND len(a) THEN a[1:0]
    -- Trino adds up in 64 bits, without a look at the sum.
    WHEN n > 9223372036854775807 - (start + CAST(start < 0 AS BIGINT) * (len(a) + 1)) THEN a[1:0]
    WHEN start < 0 THEN a[len(a) + start + 1:len(a) + start + least(n, len(a))]
    ELSE a[start:start + least(n, len(a)) - 1] END;

-- The item at a share of the sorted items, counted as Trino's digests count.
CREATE MACRO trino_percentile(items, share) AS list_sort(list_filter(items, lambda item: item IS NOT NULL))[
    least(CAST(floor(share * len(list_filter(items, lambda item: item IS NOT NULL))) AS BIGINT), len(list_filter(items, lambda item: item IS NOT NULL)) - 1) + 1];
CREATE MACRO trino_percentiles(items, shares) AS CASE WHEN len(list_filter(items, lambda item: item IS NOT NULL)) > 0
    THEN list_transform(shares, lambda share: trino_percentile(items, share)) END;
