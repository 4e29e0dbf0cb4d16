import type { Random } from '../random/random.ts';
import type { TextColumn } from './text-column.ts';

const ADDRESS_LETTERS = new TextEncoder().encode('0123456789abcdefghijklmnopqrstuvwxyz ABCDEFGHIJKLMNOPQRSTUVWXYZ,');
const DASH = 45;

/** Writes an address: 10 to 40 random characters. */
export function writeAddress(column: TextColumn, random: Random): void {
  for (let rest = random.integer(10, 40); rest > 0; rest--) {
    column.byte(ADDRESS_LETTERS[random.next() & 63] as number);
  }
  column.end();
}

/** Writes a phone number whose country code is the nation's key plus 10. */
export function writePhone(column: TextColumn, random: Random, nationKey: number): void {
  column.digits(nationKey + 10, 2);
  column.byte(DASH);
  column.digits(random.integer(100, 999), 3);
  column.byte(DASH);
  column.digits(random.integer(100, 999), 3);
  column.byte(DASH);
  column.digits(random.integer(1000, 9999), 4);
  column.end();
}

/** Writes a name such as `Supplier#000000017`. */
export function writeNumberedName(column: TextColumn, prefix: Uint8Array, number: number): void {
  column.word(prefix);
  column.digits(number, 9);
  column.end();
}

/** An account balance in hundredths: -999.99 to 9999.99. */
export function accountBalance(random: Random): number {
  return random.integer(-99_999, 999_999);
}
