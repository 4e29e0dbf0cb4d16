import { testReadme } from '@millrace/test-fixtures';
import * as runner from 'vitest';
import { sqliteAccelerator as plugin } from '../src/index.ts';
import { STORAGE_RULES } from '../src/stored-type.ts';

testReadme({ runner, url: new URL('../README.md', import.meta.url), plugin, storage: STORAGE_RULES });
