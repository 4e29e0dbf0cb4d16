import { readFileSync } from 'node:fs';
import path from 'node:path';
import { REPOSITORY } from './repository.ts';

/** One fenced block of the quick start. */
export interface QuickStartBlock {
  readonly language: 'sh' | 'yaml' | 'sql' | 'js';
  readonly text: string;
}

/**
 * The blocks of the section "Quick start" of the repository's README, in order.
 * @throws Error for a block in another language: nobody would follow it.
 */
export function readQuickStart(): readonly QuickStartBlock[] {
  const readme = readFileSync(path.join(REPOSITORY, 'README.md'), 'utf8');
  const section = sectionOf(readme, 'Quick start');
  return [...section.matchAll(/^```(\w*)\n([\s\S]*?)^```$/gm)].map(([, language, text]) => ({
    language: checkLanguage(language!),
    text: text!,
  }));
}

/** The text below a heading of the second level, up to the next one outside fenced blocks. */
function sectionOf(markdown: string, heading: string): string {
  const lines = markdown.split('\n');
  const start = lines.indexOf(`## ${heading}`);
  if (start === -1) throw new Error(`the README has no section ${heading}`);
  let isFenced = false;
  const length = lines.slice(start + 1).findIndex((line) => {
    if (line.startsWith('```')) isFenced = !isFenced;
    return !isFenced && line.startsWith('## ');
  });
  return lines.slice(start + 1, length === -1 ? undefined : start + 1 + length).join('\n');
}

function checkLanguage(language: string): QuickStartBlock['language'] {
  if (language === 'sh' || language === 'yaml' || language === 'sql' || language === 'js') return language;
  throw new Error(`the quick start has a block in ${language || 'no language'}, which cannot be followed`);
}
