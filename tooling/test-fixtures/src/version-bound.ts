import { dataTypes, type Expr, type WriteMode } from '@millrace/core';

/** An append refresh in which the rows of all earlier versions give way. */
export function versionBound(version: number): WriteMode {
  const type = dataTypes.int32();
  const args: Expr[] = [
    { kind: 'column', path: ['v'], type },
    { kind: 'literal', value: version, type },
  ];
  return { kind: 'overwrite_where', filters: [{ kind: 'call', function: 'lt', args, type: dataTypes.bool() }] };
}
