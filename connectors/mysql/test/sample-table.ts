import { createRandom } from '@millrace/workloads';

/** A column of the sample, with values as the server is given them. */
interface SampleColumn {
  readonly name: string;
  readonly declaration: string;
  readonly literals: readonly string[];
}

/** Texts that differ by case, accents, trailing spaces, and characters with a meaning in patterns. */
const TEXTS = [
  ...['', ' ', 'a', 'A', 'a ', 'a  ', ' a', 'á', 'Á', 'b', 'B', 'ab', 'aB', 'AB ', 'abc', 'ABC', 'ß', 'ss', 'SS', 'z'],
  ...[
    'Zebra',
    'zebra',
    'æ',
    'ae',
    'ö',
    'oe',
    'o',
    'Ø',
    'č',
    'ch',
    'c',
    'a%b',
    'a_b',
    'axb',
    'a\\b',
    '\\',
    '%',
    '_',
    "it's",
  ],
  ...[
    'a\tb',
    'a\nb',
    '😀',
    '😁',
    '日本',
    '日',
    'null',
    '1',
    '01',
    '1.0',
    '10',
    'e\u0301',
    'é',
    'a\u0001',
    'x'.repeat(200),
  ],
].map(quote);
const ASCII_TEXTS = TEXTS.filter((literal) => /^\p{ASCII}*$/u.test(literal));
const NUMBERS = ['0', '1', '-1', '2', '3', '7', '10', '100', '-100', 'NULL'];

/** A table in which every kind of comparison has something to get wrong. */
export const SAMPLE_COLUMNS: readonly SampleColumn[] = [
  { name: 'tiny', declaration: 'TINYINT', literals: [...NUMBERS, '127', '-128'] },
  { name: 'flag', declaration: 'TINYINT(1) NOT NULL', literals: ['0', '1', '2', '-1'] },
  { name: 'whole', declaration: 'INT', literals: [...NUMBERS, '2147483647', '-2147483648'] },
  {
    name: 'big',
    declaration: 'BIGINT',
    literals: [...NUMBERS, '9007199254740993', '9007199254740992', '-9223372036854775808', '9223372036854775807'],
  },
  {
    name: 'huge',
    declaration: 'BIGINT UNSIGNED',
    literals: ['0', '1', '7', '18446744073709551615', '9223372036854775808', '9007199254740993', 'NULL'],
  },
  {
    name: 'price',
    declaration: 'DECIMAL(12,2)',
    literals: ['0', '1', '1.5', '-1.5', '0.01', '9999999999.99', '-9999999999.99', '7.10', 'NULL'],
  },
  { name: 'real4', declaration: 'FLOAT', literals: ['0', '0.1', '-0.1', '1', '1.5', '16777216', '3.4e38', 'NULL'] },
  {
    name: 'real8',
    declaration: 'DOUBLE',
    literals: [
      '0',
      '-0e0',
      '0.1',
      '-0.1',
      '1',
      '1.5',
      '1e300',
      '-1e300',
      '9007199254740993',
      '2.2250738585072014e-308',
      'NULL',
    ],
  },
  { name: 'bits', declaration: 'BIT(12)', literals: ["b'0'", "b'1'", "b'101'", "b'111111111111'", 'NULL'] },
  { name: 'in_year', declaration: 'YEAR', literals: ['1970', '2070', '2000', '2024', '0', 'NULL'] },
  {
    name: 'on_day',
    declaration: 'DATE',
    literals: [
      "'2024-02-29'",
      "'1969-12-31'",
      "'0001-01-01'",
      "'9999-12-31'",
      "'0000-00-00'",
      "'2024-02-00'",
      "'2024-03-01'",
      'NULL',
    ],
  },
  {
    name: 'due_day',
    declaration: 'DATE NOT NULL',
    literals: ["'2024-02-29'", "'0000-00-00'", "'2024-00-00'", "'2024-03-01'", "'1999-12-31'"],
  },
  {
    name: 'moment',
    declaration: 'DATETIME(6)',
    literals: [
      "'2024-03-10 02:30:00'",
      "'2024-03-10 02:30:00.000001'",
      "'1969-12-31 23:59:59.999999'",
      "'9999-12-31 23:59:59.999999'",
      "'0000-00-00 00:00:00'",
      "'2024-03-10 00:00:00'",
      'NULL',
    ],
  },
  {
    name: 'instant',
    declaration: 'TIMESTAMP(6) NULL',
    literals: [
      "'2024-03-10 02:30:00'",
      "'2024-11-03 05:30:00'",
      "'2024-11-03 06:30:00'",
      "'2037-01-01 00:00:00.5'",
      "'0000-00-00 00:00:00'",
      'NULL',
    ],
  },
  { name: 'duration', declaration: 'TIME', literals: ["'10:00:00'", "'-838:59:59'", "'100:00:00'", 'NULL'] },
  {
    name: 'ci',
    declaration: 'VARCHAR(220) CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci',
    literals: [...TEXTS, 'NULL'],
  },
  { name: 'bin', declaration: 'VARCHAR(220) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin', literals: [...TEXTS, 'NULL'] },
  { name: 'general', declaration: 'TEXT CHARACTER SET utf8mb4 COLLATE utf8mb4_general_ci NOT NULL', literals: TEXTS },
  {
    name: 'latin',
    declaration: 'VARCHAR(220) CHARACTER SET latin1 COLLATE latin1_german2_ci',
    literals: [...ASCII_TEXTS, "'ö'", "'Öl'", "'ß'", 'NULL'],
  },
  {
    name: 'padded',
    declaration: 'CHAR(10) CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci',
    literals: [...TEXTS.filter((text) => text.length < 12), 'NULL'],
  },
  {
    name: 'size',
    declaration: "ENUM('small','Medium','large','XL') CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci",
    literals: ["'small'", "'Medium'", "'large'", "'XL'", "''", 'NULL'],
  },
  { name: 'tags', declaration: "SET('b','a','C')", literals: ["'b'", "'b,a'", "'a,C'", "''", 'NULL'] },
  { name: 'raw', declaration: 'VARBINARY(10)', literals: ["''", "'a'", "'A'", "'a '", "x'00ff'", "x'ff00'", 'NULL'] },
  { name: 'fixed', declaration: 'BINARY(3)', literals: ["'a'", "'abc'", "x'000000'", 'NULL'] },
];

/** The statements that make the table and fill it; the same seed gives the same rows. */
export function sampleStatements(name: string, rowCount: number): string {
  const random = createRandom(20_261_129, 'mysql sample');
  const columns = SAMPLE_COLUMNS.map((column) => `${column.name} ${column.declaration}`);
  const rows = Array.from({ length: rowCount }, (_, id) => {
    const values = SAMPLE_COLUMNS.map(({ literals }) => random.pick(literals));
    return `(${id}, ${values.join(', ')})`;
  });
  return [
    'SET NAMES utf8mb4',
    "SET sql_mode = 'NO_BACKSLASH_ESCAPES', time_zone = '+00:00'",
    `CREATE TABLE ${name} (id INT PRIMARY KEY, ${columns.join(', ')}, KEY (ci), KEY (bin), KEY (whole), KEY (on_day), KEY (due_day), KEY (moment), KEY (latin))`,
    `INSERT INTO ${name} VALUES ${rows.join(', ')}`,
  ].join('; ');
}

function quote(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}
