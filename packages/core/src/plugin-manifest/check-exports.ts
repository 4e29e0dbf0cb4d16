import path from 'node:path';
import type { Contribution } from '../registry/manifest.ts';
import { isRecord, type PackageJson } from '../registry/package-json.ts';

/** Checks that a bundler reaches the entry by its specifier, and that the entry and its parameters are published. */
export function checkExports(
  { exports, files }: PackageJson,
  { entry, specifier, parameters }: Contribution,
): string[] {
  const problems: string[] = [];
  const target = resolveExport(exports, specifier);
  if (target === undefined) problems.push(`the package does not export the specifier ${specifier}`);
  else if (path.posix.normalize(target) !== path.posix.normalize(entry))
    problems.push(`the specifier ${specifier} leads to ${target}, and the entry is ${entry}`);
  for (const file of [entry, parameters ?? entry]) {
    if (Array.isArray(files) && !files.some((pattern) => isPublished(String(pattern), file)))
      problems.push(`"files" in package.json does not include ${file}`);
  }
  return [...new Set(problems)];
}

/** The file that an importing Node reaches by a subpath; undefined when it is not exported. */
function resolveExport(exports: unknown, specifier: string): string | undefined {
  const hasSubpaths = isRecord(exports) && Object.keys(exports).some((key) => key.startsWith('.'));
  if (!hasSubpaths) return specifier === '.' ? resolveConditions(exports) : undefined;
  return resolveConditions(exports[specifier]);
}

function resolveConditions(target: unknown): string | undefined {
  if (typeof target === 'string') return target;
  if (!isRecord(target)) return undefined;
  const condition = Object.keys(target).find((key) => key === 'node' || key === 'import' || key === 'default');
  return condition === undefined ? undefined : resolveConditions(target[condition]);
}

/** Whether a `files` entry is the file or a folder above it; a pattern with wildcards is not judged. */
function isPublished(pattern: string, file: string): boolean {
  const wanted = path.posix.normalize(pattern).replace(/\/$/, '');
  const found = path.posix.normalize(file);
  return /[*?!{[]/.test(pattern) || found === wanted || found.startsWith(`${wanted}/`);
}
