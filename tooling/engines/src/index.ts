export { ENGINE_MODES, ENGINES, type EngineMode } from './engines.ts';
