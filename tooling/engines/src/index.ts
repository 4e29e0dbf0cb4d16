export { ENGINE_MODES, ENGINES, type EngineMode, openEngine } from './engines.ts';
export type { OpenedEngine } from './opened-engine.ts';
