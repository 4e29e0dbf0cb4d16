import type { Logger } from '@millrace/core';
import { ConfigWatch } from './config/config-watch.ts';
import type { DatasetManager } from './datasets/dataset-manager.ts';

/** Reloads a configuration whenever its file changes; what becomes of that is logged. The caller disposes of the watch. */
export function watchConfig(parts: {
  readonly file: string;
  readonly manager: DatasetManager;
  readonly logger: Logger;
}): ConfigWatch {
  const { file, manager, logger } = parts;
  return new ConfigWatch({
    file,
    onChange: async () => {
      const { added, updated, removed, settings, failed } = await manager.changes.reload();
      if (added.length + updated.length + removed.length + settings.length > 0)
        logger.info('configuration reloaded', { added, updated, removed, settings });
      for (const { name, message } of failed) logger.error('a new definition is not used', { name, reason: message });
    },
    onError: (error) => {
      const reason = error instanceof Error ? error.message : String(error);
      logger.error('the configuration cannot be reloaded; the old one stays', { file, reason });
    },
  });
}
