import { testReadme } from '@millrace/test-fixtures';
import * as runner from 'vitest';
import { duckdbAccelerator as plugin } from '../src/index.ts';

testReadme({ runner, url: new URL('../README.md', import.meta.url), plugin });
