// Runs the worker from its TypeScript source: no loader of the main thread reaches a worker on Node.js 20.
import { register } from 'tsx/esm/api';

register();
await import('./sqlite-worker.ts');
