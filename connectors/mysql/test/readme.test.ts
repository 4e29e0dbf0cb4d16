import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describeType } from '@millrace/arrow';
import { parameterKey } from '@millrace/core';
import { expect, test } from 'vitest';
import { mysqlConnector } from '../src/index.ts';
import { mapType } from '../src/type-mapping.ts';

const README = unpadded(readFileSync(fileURLToPath(new URL('../README.md', import.meta.url)), 'utf8'));

/** Formatting may pad the cells. */
function unpadded(text: string): string {
  return text.replace(/-{3,}/g, '---').replace(/ +/g, ' ');
}

/** A column's type as it is declared, and what is worth knowing about its values and filters. */
const TYPES: readonly (readonly [declared: string, values: string, filters: string])[] = [
  ['tinyint', '`TINYINT(1)` and `BOOLEAN` too: 2 stays 2', 'exact'],
  ['tinyint unsigned', '', 'exact'],
  ['smallint', '', 'exact'],
  ['smallint unsigned', '', 'exact'],
  ['mediumint', '', 'exact'],
  ['mediumint unsigned', '', 'exact'],
  ['int', '', 'exact'],
  ['int unsigned', '', 'exact'],
  ['bigint', '', 'exact'],
  ['bigint unsigned', '', 'exact'],
  ['decimal(15,2)', 'up to 38 digits', 'exact'],
  ['decimal(39,0)', 'and more digits', 'none'],
  ['float', 'all 24 bits; text would have six digits', 'exact, without an index'],
  ['double', '', 'exact'],
  ['bit(8)', 'bits as a number', 'exact'],
  ['year', '', 'exact, without an index'],
  ['date', 'a date that is none: see below', 'exact'],
  ['datetime(6)', 'wall-clock times', 'exact'],
  ['timestamp(6)', 'instants, whatever the time zone of the session', 'exact'],
  ['time(6)', 'from -838:59:59.999999 to 838:59:59.999999', 'null tests'],
  ['char(10)', 'without the spaces that pad it', 'exact, see below'],
  ['varchar(10)', 'of every character set', 'exact, see below'],
  ['text', 'of every character set; `TINYTEXT` to `LONGTEXT`', 'exact, see below'],
  ["enum('a','b')", 'members by name, in a dictionary; the text of an invalid value is empty', 'exact, by name'],
  ["set('a','b')", 'members with commas between', 'exact'],
  ['binary(4)', 'with the zero bytes that pad it', 'exact'],
  ['varbinary(4)', '', 'exact'],
  ['blob', '`TINYBLOB` to `LONGBLOB`', 'exact'],
  ['json', 'text as the server writes it; MariaDB’s JSON is a LONGTEXT', 'none'],
  ['uuid', 'MariaDB', 'exact'],
  ['inet4', 'MariaDB', 'exact'],
  ['inet6', 'MariaDB', 'exact'],
  ['geometry', '`POINT` to `GEOMETRYCOLLECTION`; as text in WKT', 'none'],
  ['vector(3)', 'as text in hexadecimal', 'none'],
];

test('the README lists the parameters as they are specified', () => {
  const rows = mysqlConnector.parameters.map((spec) => {
    const allowed = spec.oneOf === undefined ? '' : ` One of ${spec.oneOf.map((text) => `\`${text}\``).join(', ')}.`;
    const name = parameterKey(spec, mysqlConnector.prefix);
    return `| \`${name}\` | ${spec.type} | ${spec.default === undefined ? '' : `\`${spec.default}\``} | ${spec.description}${allowed} |`;
  });
  const table = ['| Parameter | Type | Default | Meaning |', '| --- | --- | --- | --- |', ...rows].join('\n');
  expect(README).toContain(unpadded(table));
});

test('the README lists the types as they are mapped', () => {
  const rows = TYPES.map(([declared, values, filters]) => {
    const [, dataType = '', precision, scale] = /^(\w+)(?:\((\d+)(?:,(\d+))?\))?/.exec(declared) ?? [];
    const mapped = mapType({
      name: 'c',
      dataType,
      columnType: declared,
      isNullable: true,
      precision: precision === undefined ? undefined : Number(precision),
      scale: scale === undefined ? undefined : Number(scale),
      characterSet: 'utf8mb4',
      collation: 'utf8mb4_general_ci',
      comment: undefined,
      default: undefined,
      isGenerated: false,
    });
    const type = mapped === undefined ? 'unsupported' : `\`${describeType(mapped.type)}\``;
    return `| \`${declared.toUpperCase()}\` | ${type} | ${values} | ${filters} |`;
  });
  const table = ['| Type | Arrow type | Values | Filters pushed |', '| --- | --- | --- | --- |', ...rows].join('\n');
  expect(README).toContain(unpadded(table));
});
