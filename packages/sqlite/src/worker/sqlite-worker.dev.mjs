// Runs the worker from its TypeScript source: no loader of the main thread reaches a worker on Node.js 20. Through require, as hooks of
// imports would start another thread beside each worker.
import { createRequire } from 'node:module';
import { register } from 'tsx/cjs/api';

register();
createRequire(import.meta.url)('./sqlite-worker.ts');
