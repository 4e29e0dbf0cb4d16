import { describe, expect, it } from 'vitest';
import { SecretRedactor } from './secret-redactor.ts';

function redactorOf(...values: readonly string[]): SecretRedactor {
  const redactor = new SecretRedactor();
  for (const value of values) redactor.add(value);
  return redactor;
}

describe('SecretRedactor', () => {
  const SECRET = `p/a"s's w\\ö+d?`;

  it.each<[string, string]>([
    ['as it is', SECRET],
    ['inside JSON', JSON.stringify(SECRET).slice(1, -1)],
    ['inside a URL', encodeURIComponent(SECRET)],
    ['inside an SQL literal', SECRET.replaceAll("'", "''")],
    ['in base64', Buffer.from(SECRET).toString('base64')],
  ])('finds a value %s', (_, appearance) => {
    const text = redactorOf(SECRET).redact(`before${appearance}after, ${appearance}.`);
    expect(text.replace(/=*after/, 'after').replace(/=*\.$/, '.')).toBe('before***after, ***.');
  });

  it('finds each line of a value with several', () => {
    const key = '-----BEGIN KEY-----\nMIIEvQIBADANBg\nkqhkiG9w0BAQ\n-----END KEY-----\n';
    expect(redactorOf(key).redact('line MIIEvQIBADANBg!')).toBe('line ***!');
  });

  it('prefers the longer of two values that begin alike', () => {
    expect(redactorOf('password', 'password-2024').redact('password-2024 password')).toBe('*** ***');
  });

  it('takes short values only where they stand alone', () => {
    const redactor = redactorOf('5432', 's3cr3t');
    expect(redactor.redact('port 5432, 154320 rows, x5432')).toBe('port ***, 154320 rows, x5432');
    expect(redactor.redact('postgres://u:s3cr3t@h pw_s3cr3t_x')).toBe('postgres://u:***@h pw_***_x');
  });

  it.each(['', 'a', '80', '  '])('leaves a text alone for the value %j', (value) => {
    expect(redactorOf(value).redact('a 80-character  text')).toBe('a 80-character  text');
  });

  it('takes characters of patterns literally', () => {
    expect(redactorOf('a.c*(x)[y]$^|{1}').redact('abc a.c*(x)[y]$^|{1} a.c')).toBe('abc *** a.c');
  });

  it('learns later values, also after it was used', () => {
    const redactor = redactorOf('first-value');
    redactor.redact('x');
    redactor.add('second-value');
    expect(redactor.redact('first-value second-value')).toBe('*** ***');
  });
});
