import { describe, expect, it } from 'vitest';
import { parseDatasetFrom } from './dataset-from.ts';

describe('parseDatasetFrom', () => {
  it.each<[string, string, string]>([
    ['file:data/*.parquet', 'file', 'data/*.parquet'],
    ['s3://bucket/x:y', 's3', '//bucket/x:y'],
    ['https://example.com/a.csv', 'https', '//example.com/a.csv'],
    ['memory', 'memory', ''],
    ['memory:', 'memory', ''],
    ['postgres:public."My T"', 'postgres', 'public."My T"'],
    ['my-company.kafka:topic', 'my-company.kafka', 'topic'],
    ['file:C:\\data\\a.csv', 'file', 'C:\\data\\a.csv'],
  ])('%s', (text, connector, path) => {
    expect(parseDatasetFrom(text)).toEqual({ connector, path, text });
  });

  it.each([
    ':x',
    'C:\\data\\a.csv',
    'orders.csv',
    './orders.csv',
    'data/a.csv',
    'Postgres:x',
    'my file:x',
    '__proto__:x',
  ])('refuses %s', (text) => {
    expect(parseDatasetFrom(text)).toBeUndefined();
  });
});
