/** Rows that tell the meaning of comparisons apart: case, accents, trailing spaces, digraphs of Czech and Danish, NaN, infinities. */
export const SAMPLE_SETUP = `
  CREATE EXTENSION citext;
  CREATE COLLATION no_case (provider = icu, locale = 'und-u-ks-level2', deterministic = false);
  CREATE TYPE size AS ENUM ('small', 'large', 'medium', 'Chico', 'aa');
  CREATE TABLE sample (
    id bigint PRIMARY KEY,
    flag boolean,
    tiny smallint,
    number integer,
    amount numeric(12,2),
    wide numeric(30,6),
    plain numeric,
    ratio double precision,
    fraction real,
    day date,
    moment timestamp,
    instant timestamptz,
    clock time,
    label text,
    label_c text COLLATE "C",
    label_cs text COLLATE "cs-CZ-x-icu",
    label_da varchar(40) COLLATE "da-DK-x-icu",
    label_ci text COLLATE no_case,
    word citext,
    padded char(12),
    padded_cs char(12) COLLATE "cs-CZ-x-icu",
    kind size,
    bytes bytea,
    key uuid,
    document jsonb,
    address inet,
    bits bit(4),
    span interval,
    numbers int[]
  );
  CREATE INDEX ON sample (label_c);
  CREATE INDEX ON sample (number);
  WITH words AS (SELECT ARRAY['', 'a', 'A', 'á', 'Á', 'aa', 'Aa', 'aarhus', 'Aarhus', 'å', 'ä', 'b', 'B', 'c', 'C', 'č', 'ch', 'chata', 'CHATA', 'cihla',
    'd', 'h', 'hora', 'z', 'zebra', 'ß', 'ss', 'SS', ' a', 'a ', 'a  ', 'x%y', 'x_y', 'x\\y', '100%', 'it''s', '"quoted"', E'line\\nbreak', E'tab\\t',
    'e\u0301', '\u00e9', 'U0001F600', '\uFFFD', 'ﬁ', 'ı', 'İ', '10', '9', '09', 'NULL', '$1', '?', '--'] AS w)
  INSERT INTO sample
  SELECT i, CASE i % 3 WHEN 0 THEN true WHEN 1 THEN false END,
    CASE WHEN i % 7 > 0 THEN (i * 37 % 200 - 100) END,
    CASE WHEN i % 11 > 0 THEN i * 7919 % 1000 - 500 END,
    CASE WHEN i % 5 > 0 THEN (i * 31 % 10000) / 100.0 - 50 END,
    CASE WHEN i % 6 > 0 THEN (i * 104729 % 1000000) * 12345678901234.567891 END,
    CASE WHEN i % 4 > 0 THEN (i % 20) / 8.0 END,
    (ARRAY['NaN', 'Infinity', '-Infinity', '0', '-0', NULL, '0.1', '1e300'])[i % 13 + 1]::float8,
    (ARRAY['NaN', 'Infinity', '-Infinity', '0', '-0', NULL, '0.1', '1.5'])[i % 11 + 1]::float4,
    CASE WHEN i % 29 = 0 THEN 'infinity' WHEN i % 31 = 0 THEN '-infinity' WHEN i % 9 > 0 THEN '2023-12-25'::date + i % 40 END,
    CASE WHEN i % 37 = 0 THEN 'infinity' WHEN i % 8 > 0 THEN '2024-03-10 01:59:59.999999'::timestamp + i * interval '1 minute 1 microsecond' END,
    CASE WHEN i % 8 > 1 THEN '2024-03-10 01:59:59.999999+01'::timestamptz + i * interval '17 minutes' END,
    CASE WHEN i % 10 > 0 THEN '00:00'::time + i * interval '97 seconds 1 microsecond' END,
    w[i % 53 + 1], w[(i + 3) % 53 + 1], w[(i + 7) % 53 + 1], w[(i + 11) % 53 + 1], w[(i + 13) % 53 + 1], w[(i + 5) % 53 + 1],
    left(w[(i + 17) % 53 + 1], 12), left(w[(i + 19) % 53 + 1], 12),
    (ARRAY['small', 'large', 'medium', 'Chico', 'aa', NULL])[i % 6 + 1]::size,
    CASE WHEN i % 7 > 0 THEN decode(lpad(to_hex(i * 7919 % 65536), 4, '0'), 'hex') END,
    CASE WHEN i % 6 > 0 THEN md5((i % 50)::text)::uuid END,
    CASE WHEN i % 5 > 0 THEN jsonb_build_object('n', i % 10) END,
    CASE WHEN i % 5 > 0 THEN ('10.0.0.' || i % 9)::inet END,
    CASE WHEN i % 4 > 0 THEN (i % 16)::int::bit(4) END,
    CASE WHEN i % 4 > 0 THEN make_interval(months => i % 3, days => i % 40, secs => i % 100) END,
    CASE WHEN i % 4 > 0 THEN ARRAY[i % 3, NULL, i % 5] END
  FROM generate_series(0, 499) AS t(i), words;
`;
