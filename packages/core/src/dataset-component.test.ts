import { expect, test } from 'vitest';
import { datasetComponent } from './dataset-component.ts';

test.each([
  [{ name: { table: 'orders' } }, 'dataset orders'],
  [{ name: { schemaName: 'sales', table: 'orders' } }, 'dataset sales.orders'],
  [{ name: { schemaName: 'sales', table: 'orders@2' }, label: 'sales.orders' }, 'dataset sales.orders'],
])('%o', (command, component) => expect(datasetComponent(command)).toBe(component));
