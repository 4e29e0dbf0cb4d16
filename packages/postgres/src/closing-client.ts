import pg from 'pg';

type Connected = (error: Error | null, client: pg.Client) => void;

/**
 * The driver's client, which closes the connection where connecting fails: a login that fails on this side, for want of a password, would else be
 * waited for by the server, for a minute by default (`authentication_timeout`).
 */
export class ClosingClient extends pg.Client {
  override connect(): Promise<pg.Client>;
  override connect(callback: Connected): void;
  override connect(callback?: Connected): Promise<pg.Client> | undefined {
    if (callback === undefined)
      return super.connect().catch((error: unknown) => {
        this.#close();
        throw error;
      });
    super.connect((error: Error | null, client: pg.Client) => {
      if (error !== null && error !== undefined) this.#close();
      callback(error, client);
    });
    return undefined;
  }

  #close(): void {
    (this as unknown as { readonly connection: pg.Connection }).connection.stream.destroy();
  }
}
