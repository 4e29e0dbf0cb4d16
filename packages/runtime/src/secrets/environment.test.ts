import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openEnvironment } from './environment.ts';

describe('openEnvironment', () => {
  let directory: string;
  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'millrace-env-'));
    await writeFile(join(directory, '.env'), 'A=env\nB=env\nC=env # note\nD="two\\nlines"\nEMPTY=\nPROTO=x\n');
    await writeFile(join(directory, '.env.local'), "A=local\nB='l o c a l'\n");
  });
  afterAll(() => rm(directory, { recursive: true }));

  it('asks the variables, .env.local and .env in this order', async () => {
    const { get, unreadableFiles } = await openEnvironment({ directory, variables: { A: 'process', E: undefined } });
    expect(['A', 'B', 'C', 'D', 'EMPTY', 'E', 'NONE'].map(get)).toEqual([
      'process',
      'l o c a l',
      'env',
      'two\nlines',
      '',
      undefined,
      undefined,
    ]);
    expect(unreadableFiles).toEqual([]);
  });

  it('lets an empty variable win', async () => {
    const { get } = await openEnvironment({ directory, variables: { A: '' } });
    expect(get('A')).toBe('');
  });

  it('looks a name up in upper case when it is not there as written', async () => {
    const { get } = await openEnvironment({ directory, variables: { b: 'lower' } });
    expect(get('b')).toBe('lower');
    expect(get('proto')).toBe('x');
  });

  it('finds nothing in the prototype', async () => {
    const { get } = await openEnvironment({ directory, variables: {} });
    expect(['constructor', '__proto__', 'toString'].map(get)).toEqual([undefined, undefined, undefined]);
  });

  it('changes no variable of the process', async () => {
    await openEnvironment({ directory, variables: process.env });
    expect(process.env.PROTO).toBeUndefined();
  });

  it('names files that it cannot read and works without files', async () => {
    const folder = join(directory, 'sub');
    await mkdir(join(folder, '.env'), { recursive: true });
    expect((await openEnvironment({ directory: folder, variables: {} })).unreadableFiles).toEqual(['.env']);
    expect((await openEnvironment({ directory: join(directory, 'none'), variables: {} })).get('A')).toBeUndefined();
  });
});
