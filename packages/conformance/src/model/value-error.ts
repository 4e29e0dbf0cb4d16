/** An expression that fails for a row, as a division of an integer that leaves its range does. */
export class ValueError extends Error {
  override readonly name: string = 'ValueError';
}
