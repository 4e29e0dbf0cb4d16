-- At which large airports are bird strikes most frequent for the flights that leave there?
--
-- The strikes name airports as "CHICAGO O'HARE INTL ARPT", the list of airports as "Chicago O'Hare International":
-- what both agree on is the letters of the name without the words for what it is.
WITH struck AS (
  SELECT
    regexp_replace(replace("Airport Name", 'INTL', ''), '\b(ARPT|AIRPORT)\b|[^A-Z]', '', 'g') AS letters,
    count(*) AS strikes,
    count(*) FILTER (WHERE "Effect Amount of damage" <> 'None') AS with_damage,
    sum("Cost Total $") AS cost
  FROM strikes
  GROUP BY letters
),
departed AS (
  SELECT origin, sum("count") AS departures FROM flights GROUP BY origin
)
SELECT
  a.iata, a.city, a.state, d.departures, s.strikes, s.with_damage, s.cost,
  round(1000.0 * s.strikes / d.departures, 2) AS strikes_per_1000
FROM departed d
JOIN airports a ON a.iata = d.origin
JOIN struck s ON s.letters = regexp_replace(upper(a.name), 'INTERNATIONAL|INTL|[^A-Z]', '', 'g')
WHERE d.departures >= 50000
ORDER BY strikes_per_1000 DESC, a.iata
LIMIT 10
