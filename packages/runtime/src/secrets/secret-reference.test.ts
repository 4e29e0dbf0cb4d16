// biome-ignore-all lint/suspicious/noTemplateCurlyInString: references look like this.
import { describe, expect, it } from 'vitest';
import { holdsSecretReference, parseSecretReferences } from './secret-reference.ts';

/** Parts as one line: text as it is, references as <store|key>, mistakes as <!>. */
function shown(text: string): string {
  return parseSecretReferences(text)
    .map((part) =>
      part.kind === 'text' ? part.text : part.kind === 'reference' ? `<${part.store}|${part.key}>` : '<!>',
    )
    .join('');
}

describe('parseSecretReferences', () => {
  it.each<[string, string]>([
    ['', ''],
    ['plain $ { } $x {y}', 'plain $ { } $x {y}'],
    ['${env:A}', '<env|A>'],
    ['${ env : a.b-c }', '<env|a.b-c>'],
    ['x${env:A}y${secrets:B}z', 'x<env|A>y<secrets|B>z'],
    ['${azure-keyvault:K}', '<azure-keyvault|K>'],
    ['$${env:A}', '${env:A}'],
    ['$$${env:A}', '$${env:A}'],
    ['${env:A}$${${env:B}', '<env|A>${<env|B>'],
    ['${A}', '<!>'],
    ['${}', '<!>'],
    ['${env:}', '<!>'],
    ['${env:a b}', '<!>'],
    ['a${env:A', 'a<!>'],
    ['${env:A ${env:B}', '<!>'],
  ])('%j', (text, expected) => {
    expect(shown(text)).toBe(expected);
  });

  it('says that a text holds a reference also when it is a broken one', () => {
    expect(['${env:A}', '${A', '${A}'].every(holdsSecretReference)).toBe(true);
    expect(['$${env:A}', '$x', ''].some(holdsSecretReference)).toBe(false);
  });
});
