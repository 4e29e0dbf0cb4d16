import type { CreateTableCommand } from './accelerator.ts';

/** The component that messages about a copy name: its dataset, by {@link CreateTableCommand.label} where there is one. */
export function datasetComponent({ name, label }: Pick<CreateTableCommand, 'name' | 'label'>): string {
  return `dataset ${label ?? (name.schemaName === undefined ? name.table : `${name.schemaName}.${name.table}`)}`;
}
