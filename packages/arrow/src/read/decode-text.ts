import { MillraceError } from '@millrace/core';

const decoder = new TextDecoder('utf-8', { ignoreBOM: true, fatal: true });
const SHORT_TEXT = 24;

/**
 * The UTF-8 bytes from `start` to `end` as a string.
 *
 * Short ASCII runs are put together by hand: a call of TextDecoder costs more than they do.
 *
 * @throws MillraceError `invalid_data` when the bytes are not UTF-8; replacing them would be a silent loss.
 */
export function decodeText(bytes: Uint8Array, start: number, end: number): string {
  if (end - start <= SHORT_TEXT) {
    let text = '';
    let index = start;
    for (; index < end; index++) {
      const byte = bytes[index] ?? 0;
      if (byte > 0x7f) break;
      text += String.fromCharCode(byte);
    }
    if (index === end) return text;
  }
  try {
    return decoder.decode(bytes.subarray(start, end));
  } catch (cause) {
    throw new MillraceError({
      code: 'invalid_data',
      component: 'arrow',
      message: 'a text column holds bytes that are not UTF-8',
      hint: 'Read the column as binary at its source, or repair the encoding there.',
      cause,
    });
  }
}
