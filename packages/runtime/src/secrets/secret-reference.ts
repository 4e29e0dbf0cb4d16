/** A reference `${store:key}` inside a text, or what is wrong with something that begins like one. */
export type SecretPart =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'reference'; readonly store: string; readonly key: string }
  | { readonly kind: 'malformed'; readonly reason: string; readonly hint: string };

const START = /\$?\$\{/g;
const BODY = /^\s*(?:([A-Za-z][\w-]*)\s*:)?\s*([\w.-]+)\s*$/;

/**
 * Cuts a text into its literal pieces and its references.
 *
 * `$${` stands for a literal `${`. Everything else that begins with `${` must be a reference: a misspelled one that
 * passed as text would reach the source as a password.
 */
export function parseSecretReferences(text: string): readonly SecretPart[] {
  const parts: SecretPart[] = [];
  let position = 0;
  for (const match of text.matchAll(START)) {
    if (match.index < position) continue;
    parts.push({ kind: 'text', text: text.slice(position, match.index) });
    position = match.index + match[0].length;
    if (match[0] === '$${') {
      parts.push({ kind: 'text', text: '${' });
      continue;
    }
    const end = text.indexOf('}', position);
    if (end < 0) return [...parts, malformed('a reference that begins with `${` is not closed')];
    parts.push(toReference(text.slice(position, end)));
    position = end + 1;
  }
  return [...parts, { kind: 'text', text: text.slice(position) }];
}

/** Tells whether a text holds a reference, well-formed or not. */
export function holdsSecretReference(text: string): boolean {
  return parseSecretReferences(text).some((part) => part.kind !== 'text');
}

function toReference(body: string): SecretPart {
  const match = BODY.exec(body);
  if (!match) return malformed(`what stands between \${ and } is not \`store:key\``);
  const [, store, key] = match;
  return store === undefined || key === undefined
    ? malformed('a reference lacks its store')
    : { kind: 'reference', store, key };
}

function malformed(reason: string): SecretPart {
  return { kind: 'malformed', reason, hint: `Write \${env:NAME} for a secret, and $\${ for a literal \${` };
}
