import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';

/** The part of Yarn's Plug'n'Play API that finds a package. Source: https://yarnpkg.com/advanced/pnpapi */
interface PnpApi {
  resolveToUnqualified(request: string, issuer: string, options: { considerBuiltins: boolean }): string | null;
}

/**
 * Finds the package.json of a package as the folder `from` sees it, on npm, pnpm and Yarn Plug'n'Play; undefined when it
 * is not there. The file may still be absent: Plug'n'Play maps an optional package of another platform to no folder.
 *
 * Looks into the folders that Node itself would look into, and never asks for `name/package.json` through `exports`,
 * which most packages do not export.
 */
export function locatePackage(name: string, from: string): string | undefined {
  const require = createRequire(path.join(from, 'package.json'));
  if (process.versions.pnp !== undefined) return locateWithPnp(name, from, require);
  return (require.resolve.paths(name) ?? [])
    .map((folder) => path.join(folder, name, 'package.json'))
    .find((file) => existsSync(file));
}

function locateWithPnp(name: string, from: string, require: NodeJS.Require): string | undefined {
  try {
    const pnp = require('pnpapi') as PnpApi;
    // The trailing separator says that the issuer is a folder and not a file.
    const folder = pnp.resolveToUnqualified(name, from + path.sep, { considerBuiltins: false });
    return folder === null ? undefined : path.join(folder, 'package.json');
  } catch (error) {
    if (isAbsence(error as { readonly pnpCode?: unknown; readonly code?: unknown })) return undefined;
    throw error;
  }
}

function isAbsence({ pnpCode, code }: { readonly pnpCode?: unknown; readonly code?: unknown }): boolean {
  return (
    pnpCode === 'UNDECLARED_DEPENDENCY' ||
    pnpCode === 'MISSING_PEER_DEPENDENCY' ||
    pnpCode === 'MISSING_DEPENDENCY' ||
    code === 'MODULE_NOT_FOUND'
  );
}
