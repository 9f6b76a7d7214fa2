-- The conversions of plan.py as DuckDB macros. Each takes text and gives NULL where the text does not convert.
-- Where a cheap test settles almost every value (`canonical` below, and in render.py), the regular expression that
-- decides the rest is not run; both roads give the same answer.

-- Outer white space is never part of a value, nor is a byte-order mark or a no-break space.
CREATE MACRO cleaned(text) AS
  CASE WHEN ord(text) BETWEEN 33 AND 126 AND ord(text[-1]) BETWEEN 33 AND 126 THEN text
       ELSE trim(text, ' ' || chr(9) || chr(10) || chr(11) || chr(12) || chr(13) || chr(160) || chr(65279)) END;

-- The number with a point, unless its points are another mark.
CREATE MACRO with_point(text, decimal_mark) AS
  CASE WHEN decimal_mark = '.' OR NOT contains(text, '.') THEN replace(text, decimal_mark, '.') END;

-- A number in the source's marks, as plain digits with a point: '1.234,50' becomes '1234.50'.
CREATE MACRO plain_number(text, pattern, decimal_mark, thousands_mark) AS
  CASE WHEN regexp_full_match(text, pattern)
       THEN ltrim(replace(replace(text, thousands_mark, ''), decimal_mark, '.'), '+') END;

-- A whole number; a fraction of zeros is none.
CREATE MACRO whole_number(number) AS
  CASE WHEN contains(number, '.') THEN TRY_CAST(regexp_replace(number, '\.0*$', '') AS BIGINT)
       ELSE TRY_CAST(number AS BIGINT) END;

CREATE MACRO finite_double(number) AS
  CASE WHEN isfinite(TRY_CAST(number AS DOUBLE)) THEN TRY_CAST(number AS DOUBLE) END;

CREATE MACRO word_to_boolean(text, true_words, false_words) AS
  CASE WHEN list_contains(true_words, lower(text)) THEN true
       WHEN list_contains(false_words, lower(text)) THEN false END;

-- The time named by text of the form `pattern`, with `iso` its groups as '2024-3-1 9:05:00.5'; NULL if there is no
-- such day.
CREATE MACRO iso_timestamp(text, pattern, iso) AS
  CASE WHEN regexp_full_match(text, pattern)
       THEN TRY_CAST(regexp_replace(text, pattern, iso) AS TIMESTAMP) END;

-- The same for text with every digit in place, as `format` itself would write it.
CREATE MACRO canonical_timestamp(text, format) AS
  CASE WHEN strftime(try_strptime(text, format), format) = text THEN try_strptime(text, format) END;

-- What a 12-hour clock's time lacks: 12 AM is hour 0, 12 PM is hour 12.
CREATE MACRO half_day(hour, half) AS
  to_hours((CASE WHEN TRY_CAST(hour AS BIGINT) = 12 THEN -12 ELSE 0 END)
         + (CASE WHEN lower(half) = 'pm' THEN 12 ELSE 0 END));

-- 'Z', '+07', '+0700' or '+07:00'.
CREATE MACRO offset_interval(text) AS
  CASE WHEN text = 'Z' THEN to_minutes(0)
       ELSE to_minutes((CASE WHEN text[1] = '-' THEN -1 ELSE 1 END)
          * (60 * TRY_CAST(text[2:3] AS BIGINT) + coalesce(TRY_CAST(replace(text[4:], ':', '') AS BIGINT), 0))) END;

-- What the clocks of `zone` show at an instant given as naive UTC.
CREATE MACRO shown_at(instant, zone) AS
  timezone(zone, timezone('UTC', instant));

-- ICU's reading of a local time: right where it is unambiguous, its own choice in gaps and overlaps.
CREATE MACRO icu_utc(local_time, zone) AS
  timezone('UTC', timezone(zone, local_time));

-- The same local time read with the offset that held a good day before ICU's guess, that is before any change nearby.
-- A day is not enough: a zone that crosses the date line skips 24 hours.
CREATE MACRO earlier_utc(local_time, zone, guess) AS
  local_time - (shown_at(guess - INTERVAL 25 HOURS, zone) - (guess - INTERVAL 25 HOURS));

-- java.time's rule: the offset before the change decides, in a gap and in an overlap.
CREATE MACRO chosen_utc(local_time, zone, guess, earlier) AS
  CASE WHEN guess = earlier THEN guess
       WHEN shown_at(earlier, zone) = local_time THEN least(guess, earlier)
       WHEN shown_at(guess, zone) = local_time THEN guess
       ELSE earlier END;

CREATE MACRO within_calendar(moment) AS
  CASE WHEN moment BETWEEN TIMESTAMP '0001-01-01 00:00:00' AND TIMESTAMP '9999-12-31 23:59:59.999999' THEN moment END;
