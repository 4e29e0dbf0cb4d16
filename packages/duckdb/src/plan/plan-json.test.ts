import { expect, test } from 'vitest';
import { integerOf, parsePlanJson } from './plan-json.ts';

test('integers of 64 bits keep their digits', () => {
  expect(parsePlanJson('{"a":9007199254740993,"b":[-9223372036854775808,18446744073709551615]}')).toEqual({
    a: '9007199254740993',
    b: ['-9223372036854775808', '18446744073709551615'],
  });
});

test('short integers and floating-point numbers stay numbers', () => {
  const text =
    '[1,-2,123456789012345,0.10000000149011612,1e+300,5e-324,1234567890123456789.5,-0.0,12345678901234567e3]';
  expect(parsePlanJson(text)).toEqual(JSON.parse(text));
});

test('NaN and the infinities become texts', () => {
  expect(parsePlanJson('{"value":NaN,"more":[Infinity,-Infinity]}')).toEqual({
    value: 'NaN',
    more: ['Infinity', '-Infinity'],
  });
});

test('texts are left alone', () => {
  const texts = ['NaN', ':12345678901234567890,', 'a"b\\', '\\"', '-Infinity', '"', '\\', 'Ω\u0000\n'];
  expect(parsePlanJson(JSON.stringify(texts))).toEqual(texts);
});

test('a text of megabytes is parsed without running out of stack', () => {
  const long = 'x"'.repeat(1_000_000);
  expect(parsePlanJson(JSON.stringify([long, 1]))).toEqual([long, 1]);
});

test('marked and plain integers read the same', () => {
  expect([integerOf(7), integerOf('18446744073709551615'), integerOf('7.5'), integerOf(1.5), integerOf(null)]).toEqual([
    7n,
    18446744073709551615n,
    undefined,
    undefined,
    undefined,
  ]);
});
