import { describe, expect, it } from 'vitest';
import { loadYaml, problemsOf } from './load-yaml.ts';

describe('YAML that is wrong', () => {
  it.each<[string, string, readonly string[]]>([
    ['nothing', '', ['1:1 the configuration is empty']],
    ['a comment alone', '# later', ['1:1 the configuration is empty']],
    ['a tab', 'version: v1\ndatasets:\n\t- from: x', ['3:1 a tab is used as indentation']],
    ['duplicate keys', 'version: v1\nname: a\nname: b', ['3:1 this key stands twice in the same map']],
    [
      'two errors',
      'version: v1\nname: @x\nkind: %y',
      [
        '2:7 a value begins with a character that YAML reserves',
        '3:7 a value begins with a character that YAML reserves',
      ],
    ],
    ['an unclosed quote', 'version: v1\nname: "x', ['2:9 a quote, a bracket or the `:` behind a key is missing']],
    [
      'an unclosed bracket',
      'version: v1\ndatasets: [',
      ['2:12 the indentation does not fit, or a bracket is not closed'],
    ],
    [
      'an unclosed bracket around a map',
      'version: v1\ndatasets: [ {from: "file:x"\n',
      ['3:1 the indentation does not fit, or a bracket is not closed'],
    ],
    ['a nested mapping in one line', 'version: v1\nname: a: b', ['2:7 a key cannot stand here']],
    ['two documents', 'version: v1\n---\nversion: v1', ['2:1 the file holds more than one YAML document']],
    ['an alias without anchor', 'version: v1\nname: *x', ['2:7 an alias has no anchor before it']],
    ['an unknown tag', 'version: v1\nname: !env X', ['2:7 a tag (`!name`) is not known']],
    ['a list as key', 'version: v1\n? [a]\n: b', ['2:3 a key is not a plain word']],
    ['an empty key', 'version: v1\n: b', ['2:1 a key is not a plain word']],
    ['a merge of a text', 'version: v1\n<<: x', ['2:1 `<<` takes a map or a list of maps']],
    [
      'an anchor that holds itself',
      'version: v1\ndatasets: &a [*a]',
      ['2:14 the configuration is deeper than 64 levels or larger than 100000 nodes'],
    ],
    [
      'aliases that multiply',
      `version: v1\na: &a [x,x,x,x,x,x,x,x,x,x]\n${['b', 'c', 'd', 'e', 'f'].map((key, index) => `${key}: &${key} [${Array(10).fill(`*${'abcde'[index]}`)}]`).join('\n')}`,
      ['2:22 the configuration is deeper than 64 levels or larger than 100000 nodes'],
    ],
  ])('%s', async (_, text, expected) => {
    const problems = await problemsOf(loadYaml({ text }));
    expect(
      problems.map((problem) => problem.replace(/^invalid_config (\S+) configuration: (.*?)( \|.*)?$/, '$1 $2')),
    ).toEqual(expected.map((line) => expect.stringContaining(line)));
  });
});
