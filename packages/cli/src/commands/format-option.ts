import { Option } from 'commander';
import { RESULT_FORMATS } from '../output/write-result.ts';

/** `--format`, the same for every command whose result is rows. */
export function formatOption(fallback = 'table on a terminal, otherwise ndjson'): Option {
  return new Option('--format <format>', `form of the result (default: ${fallback})`).choices(RESULT_FORMATS);
}
