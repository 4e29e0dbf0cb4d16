export { runtimeEngine } from './runtime-engine.ts';
