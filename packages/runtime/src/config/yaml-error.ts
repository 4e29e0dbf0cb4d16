import type { YAMLParseError } from 'yaml';

/** What is wrong with a YAML text, and what to do. */
export interface YamlErrorDescription {
  readonly message: string;
  readonly hint?: string;
}

const QUOTE = 'If it is meant as text, put it in quotes';

/**
 * Puts a YAML error into words of our own.
 *
 * The parser's messages repeat pieces of the text (an escape, an alias, a tag), and the text may be a password.
 */
export function describeYamlError(code: YAMLParseError['code']): YamlErrorDescription {
  switch (code) {
    case 'DUPLICATE_KEY':
      return { message: 'this key stands twice in the same map', hint: 'Remove one of them' };
    case 'TAB_AS_INDENT':
      return { message: 'a tab is used as indentation', hint: 'YAML indents with spaces' };
    case 'MULTIPLE_DOCS':
      return { message: 'the file holds more than one YAML document', hint: 'Remove the `---` between them' };
    case 'BAD_ALIAS':
    case 'ALIAS_PROPS':
      return { message: 'an alias (`*name`) is not valid here', hint: QUOTE };
    case 'TAG_RESOLVE_FAILED':
    case 'MULTIPLE_TAGS':
      return { message: 'a tag (`!name`) is not known', hint: QUOTE };
    case 'BAD_SCALAR_START':
      return { message: 'a value begins with a character that YAML reserves', hint: 'Put the value in quotes' };
    case 'BAD_DQ_ESCAPE':
      return {
        message: 'a text in double quotes holds an unknown escape',
        hint: 'Use single quotes to take it as it is',
      };
    case 'BLOCK_AS_IMPLICIT_KEY':
    case 'MULTILINE_IMPLICIT_KEY':
      return { message: 'a key cannot stand here', hint: 'Check the indentation, and quote a text that holds `: `' };
    case 'MISSING_CHAR':
      return { message: 'a quote, a bracket or the `:` behind a key is missing' };
    case 'BAD_INDENT':
      return { message: 'the indentation does not fit, or a bracket is not closed' };
    case 'RESOURCE_EXHAUSTION':
      return { message: 'the YAML is nested too deeply' };
    default:
      return { message: 'this is not valid YAML', hint: 'Check indentation, quotes and brackets around here' };
  }
}
