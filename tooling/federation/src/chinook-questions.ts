/** A question about the music shop, and the SQL that answers it. */
export interface ChinookQuestion {
  readonly title: string;
  /** Rows come in an order of their own: two runs give the same list. */
  readonly sql: string;
}

/** Twenty questions that together read all eleven tables. Sums of money stay decimals, so that answers are equal to the digit. */
export const CHINOOK_QUESTIONS: readonly ChinookQuestion[] = [
  {
    title: 'How many rows has each table?',
    sql: ['Album', 'Artist', 'Customer', 'Employee', 'Genre', 'Invoice', 'InvoiceLine', 'MediaType', 'Playlist']
      .concat('PlaylistTrack', 'Track')
      .map((table) => `SELECT '${table}' AS name, count(*) AS n FROM "${table}"`)
      .join(' UNION ALL ')
      .concat(' ORDER BY name'),
  },
  {
    title: 'Which ten artists earn the most?',
    sql: `SELECT ar."Name" AS artist, sum(il."UnitPrice" * il."Quantity") AS revenue, count(*) AS lines
      FROM "InvoiceLine" il JOIN "Track" t USING ("TrackId") JOIN "Album" al USING ("AlbumId") JOIN "Artist" ar USING ("ArtistId")
      GROUP BY ar."ArtistId", ar."Name" ORDER BY revenue DESC, artist LIMIT 10`,
  },
  {
    title: 'What does each country spend?',
    sql: `SELECT "BillingCountry" AS country, count(*) AS invoices, sum("Total") AS total, min("InvoiceDate") AS first, max("Total") AS largest
      FROM "Invoice" GROUP BY country ORDER BY total DESC, country`,
  },
  {
    title: 'What do the customers of each agent buy?',
    sql: `SELECT e."FirstName" || ' ' || e."LastName" AS agent, count(DISTINCT c."CustomerId") AS customers, sum(i."Total") AS total
      FROM "Employee" e LEFT JOIN "Customer" c ON c."SupportRepId" = e."EmployeeId" LEFT JOIN "Invoice" i USING ("CustomerId")
      GROUP BY e."EmployeeId", agent ORDER BY total DESC NULLS LAST, agent`,
  },
  {
    title: 'Who reports to whom?',
    sql: `WITH RECURSIVE chain AS (
        SELECT "EmployeeId" AS id, "LastName" AS path, 0 AS depth FROM "Employee" WHERE "ReportsTo" IS NULL
        UNION ALL
        SELECT e."EmployeeId", chain.path || ' > ' || e."LastName", depth + 1
        FROM "Employee" e JOIN chain ON e."ReportsTo" = chain.id)
      SELECT path, depth FROM chain ORDER BY path`,
  },
  {
    title: 'Which albums last longest?',
    sql: `SELECT al."Title" AS title, sum(t."Milliseconds") // 60000 AS minutes, count(*) AS tracks, sum(t."Bytes") AS bytes
      FROM "Album" al JOIN "Track" t USING ("AlbumId") GROUP BY al."AlbumId", title ORDER BY minutes DESC, title LIMIT 15`,
  },
  {
    title: 'How many tracks of each genre were never sold?',
    sql: `SELECT g."Name" AS genre, count(*) AS unsold FROM "Track" t JOIN "Genre" g USING ("GenreId")
      WHERE NOT EXISTS (SELECT 1 FROM "InvoiceLine" il WHERE il."TrackId" = t."TrackId")
      GROUP BY genre ORDER BY unsold DESC, genre`,
  },
  {
    title: 'What is on the playlists?',
    sql: `SELECT p."PlaylistId" AS id, p."Name" AS name, count(pt."TrackId") AS tracks, sum(t."Milliseconds") AS duration, max(t."UnitPrice") AS dearest
      FROM "Playlist" p LEFT JOIN "PlaylistTrack" pt USING ("PlaylistId") LEFT JOIN "Track" t USING ("TrackId")
      GROUP BY ALL ORDER BY id`,
  },
  {
    title: 'How does revenue grow over 2023?',
    sql: `SELECT date_trunc('month', "InvoiceDate") AS month, sum("Total") AS total, sum(sum("Total")) OVER (ORDER BY month) AS running
      FROM "Invoice" WHERE "InvoiceDate" >= TIMESTAMP '2023-01-01' AND "InvoiceDate" < TIMESTAMP '2024-01-01' GROUP BY month ORDER BY month`,
  },
  {
    title: 'Which genre does each country like best?',
    sql: `SELECT country, genre, sold FROM (
        SELECT i."BillingCountry" AS country, g."Name" AS genre, sum(il."Quantity") AS sold,
          row_number() OVER (PARTITION BY i."BillingCountry" ORDER BY sum(il."Quantity") DESC, g."Name") AS rank
        FROM "Invoice" i JOIN "InvoiceLine" il USING ("InvoiceId") JOIN "Track" t USING ("TrackId") JOIN "Genre" g USING ("GenreId")
        GROUP BY country, genre)
      WHERE rank = 1 ORDER BY country`,
  },
  {
    title: 'Which customers spend more than their country does on average?',
    sql: `WITH spent AS (
        SELECT c."CustomerId" AS id, c."LastName" AS name, c."Country" AS country, sum(i."Total") AS total
        FROM "Customer" c JOIN "Invoice" i USING ("CustomerId") GROUP BY ALL)
      SELECT id, name, country, total FROM spent s
      WHERE total > (SELECT avg(total) FROM spent o WHERE o.country = s.country) + 0.001 ORDER BY id`,
  },
  {
    title: 'How are the media types spread?',
    sql: `SELECT m."Name" AS media, count(t."TrackId") AS tracks, round(100.0 * count(t."TrackId") / (SELECT count(*) FROM "Track"), 1) AS share
      FROM "MediaType" m LEFT JOIN "Track" t USING ("MediaTypeId") GROUP BY media ORDER BY tracks DESC, media`,
  },
  {
    title: 'Whose tracks have no composer?',
    sql: `SELECT ar."Name" AS artist, count(*) AS n FROM "Track" t JOIN "Album" al USING ("AlbumId") JOIN "Artist" ar USING ("ArtistId")
      WHERE t."Composer" IS NULL GROUP BY artist HAVING count(*) > 5 ORDER BY n DESC, artist`,
  },
  {
    title: 'Which albums are by artists that begin with A?',
    sql: `SELECT ar."Name" AS artist, al."Title" AS title FROM "Artist" ar JOIN "Album" al USING ("ArtistId")
      WHERE ar."Name" LIKE 'A%' AND al."Title" NOT LIKE '%Live%' ORDER BY artist, title`,
  },
  {
    title: 'Which names have letters beyond ASCII?',
    sql: `SELECT "FirstName" AS first, "LastName" AS last, upper("City") AS city FROM "Customer"
      WHERE "LastName" >= 'Z' OR "FirstName" LIKE '%ç%' OR "LastName" LIKE '%é%' OR "City" IN ('São Paulo', 'Montréal', 'SÃO PAULO')
      ORDER BY last, first`,
  },
  {
    title: 'Which invoices of spring 2022 are large?',
    sql: `SELECT "InvoiceId" AS id, "InvoiceDate" AS at, "Total" AS total, "BillingPostalCode" AS code FROM "Invoice"
      WHERE "InvoiceDate" BETWEEN TIMESTAMP '2022-03-01' AND TIMESTAMP '2022-06-01' AND "Total" > 5.94 ORDER BY id`,
  },
  {
    title: 'Which three tracks of each genre sell best?',
    sql: `SELECT g."Name" AS genre, t."Name" AS track, count(*) AS sold FROM "InvoiceLine" il
      JOIN "Track" t USING ("TrackId") JOIN "Genre" g USING ("GenreId") GROUP BY genre, t."TrackId", track
      QUALIFY row_number() OVER (PARTITION BY genre ORDER BY count(*) DESC, t."TrackId") <= 3 ORDER BY genre, sold DESC, track, t."TrackId"`,
  },
  {
    title: 'Which customers are private, and where?',
    sql: `SELECT "Country" AS country, count(*) AS n, count("State") AS with_state, count(*) FILTER (WHERE "Fax" IS NOT NULL) AS with_fax
      FROM "Customer" WHERE "Company" IS NULL GROUP BY country HAVING count("State") = 0 OR n > 1 ORDER BY country`,
  },
  {
    title: 'Which playlists share most tracks?',
    sql: `SELECT a."PlaylistId" AS one, b."PlaylistId" AS other, count(*) AS shared
      FROM "PlaylistTrack" a JOIN "PlaylistTrack" b ON a."TrackId" = b."TrackId" AND a."PlaylistId" < b."PlaylistId"
      GROUP BY one, other ORDER BY shared DESC, one, other LIMIT 12`,
  },
  {
    title: 'How old were the employees when they were hired?',
    sql: `SELECT "LastName" AS name, date_diff('year', "BirthDate", "HireDate") AS years, dayname("HireDate") AS weekday, "HireDate"::DATE AS hired
      FROM "Employee" WHERE "Title" <> 'General Manager' ORDER BY years, name`,
  },
];
