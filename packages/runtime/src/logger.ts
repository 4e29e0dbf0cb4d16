import type { Logger } from '@millrace/core';

/** The logger of a host that gave none: warnings and errors on standard error, one line each, nothing else. */
export const stderrLogger: Logger = {
  debug() {},
  info() {},
  warn: (message, fields) => write('warning', message, fields),
  error: (message, fields) => write('error', message, fields),
};

/** Passes everything on with the secrets taken out of messages and of every text in the fields. */
export function redactingLogger(logger: Logger, redact: (text: string) => string): Logger {
  const clean = (value: unknown): unknown => {
    if (typeof value === 'string') return redact(value);
    if (Array.isArray(value)) return value.map(clean);
    if (value instanceof Error) return redact(value.message);
    if (typeof value === 'object' && value !== null)
      return Object.fromEntries(Object.entries(value).map(([key, part]) => [key, clean(part)]));
    return value;
  };
  const pass =
    (level: keyof Logger): Logger['info'] =>
    (message, fields) =>
      logger[level](redact(message), fields === undefined ? undefined : (clean(fields) as Record<string, unknown>));
  return { debug: pass('debug'), info: pass('info'), warn: pass('warn'), error: pass('error') };
}

function write(level: string, message: string, fields: Readonly<Record<string, unknown>> = {}): void {
  const details = Object.entries(fields).map(
    ([key, value]) => `${key}=${typeof value === 'string' ? value : String(value)}`,
  );
  process.stderr.write(`millrace: ${level}: ${[message, ...details].join(' ')}\n`);
}
