import { nearestName } from '@millrace/core';
import type { Environment } from './environment.ts';
import type { SecretRedactor } from './secret-redactor.ts';
import { parseSecretReferences } from './secret-reference.ts';

/** A text whose references are substituted, or why that cannot be done; a failure never holds a value. */
export type SecretResolution =
  | { readonly kind: 'resolved'; readonly text: string; readonly containsSecret: boolean }
  | {
      readonly kind: 'failed';
      readonly code: 'invalid_config' | 'missing_parameter' | 'not_yet_supported';
      readonly reason: string;
      readonly hint: string;
    };

/** What secrets are resolved with. */
export interface SecretContext {
  readonly environment: Environment;
  readonly redactor: SecretRedactor;
}

/** Stores that work. `secrets` asks every store there is, which is `env` alone for now. */
const STORES = ['env', 'secrets'] as const;
/** Spice's other stores. */
const LATER_STORES: readonly string[] = [
  'kubernetes',
  'keyring',
  'aws_secrets_manager',
  'azure-keyvault',
  'azure_keyvault',
  'hashicorp-vault',
  'hashicorp_vault',
];

/** Substitutes the references in a text and makes their values known to the redactor. */
export function resolveSecrets(text: string, { environment, redactor }: SecretContext): SecretResolution {
  let resolved = '';
  let containsSecret = false;
  for (const part of parseSecretReferences(text)) {
    if (part.kind === 'text') {
      resolved += part.text;
      continue;
    }
    if (part.kind === 'malformed') {
      return { kind: 'failed', code: 'invalid_config', reason: part.reason, hint: part.hint };
    }
    const failure = checkStore(part.store);
    if (failure) return failure;
    const value = environment.get(part.key);
    if (value === undefined) {
      return {
        kind: 'failed',
        code: 'missing_parameter',
        reason: `the secret ${part.key} is not set`,
        hint: `Set the environment variable ${part.key}, or put it into .env beside the configuration`,
      };
    }
    redactor.add(value);
    resolved += value;
    containsSecret = true;
  }
  return { kind: 'resolved', text: resolved, containsSecret };
}

function checkStore(store: string): SecretResolution | undefined {
  if ((STORES as readonly string[]).includes(store)) return undefined;
  if (LATER_STORES.includes(store)) {
    const hint = `Use \${env:NAME}`;
    return {
      kind: 'failed',
      code: 'not_yet_supported',
      reason: `the secret store ${store} is not supported yet`,
      hint,
    };
  }
  const nearest = nearestName(store, STORES);
  const hint = `${nearest ? `Did you mean \`${nearest}\`? ` : ''}The stores are ${STORES.join(', ')}; \`$\${\` is a literal \`\${\``;
  return {
    kind: 'failed',
    code: 'invalid_config',
    reason: 'a reference names a secret store that does not exist',
    hint,
  };
}
