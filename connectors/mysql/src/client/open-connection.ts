import { type Connection, type ConnectionOptions, createConnection, type SslOptions } from 'mysql2';
import type { MysqlSettings } from '../mysql-settings.ts';
import { RecyclingSocket } from '../wire/recycling-socket.ts';

/** Capabilities that would change the protocol under the connector's own decoder, or that nobody here may use. */
const FLAGS = ['-LOCAL_FILES', '-SESSION_TRACK', '-CLIENT_QUERY_ATTRIBUTES'];

/**
 * Connects and signs in. `preferred` connects without TLS where the server offers none.
 *
 * Rejects with the error of mysql2; the connection is gone then.
 */
export async function openConnection(settings: MysqlSettings): Promise<Connection> {
  if (settings.sslMode !== 'preferred') return await connect(settings, sslOptions(settings));
  try {
    return await connect(settings, sslOptions(settings));
  } catch (error) {
    if ((error as { readonly code?: unknown }).code !== 'HANDSHAKE_NO_SSL_SUPPORT') throw error;
    return await connect(settings, undefined);
  }
}

function connect(settings: MysqlSettings, ssl: SslOptions | undefined): Promise<Connection> {
  const options: ConnectionOptions = {
    host: settings.host,
    port: settings.port,
    connectTimeout: settings.connectTimeoutMs,
    charset: 'utf8mb4',
    // Metadata is read by mysql2 itself: nothing of it may be rounded or become a Date.
    supportBigNumbers: true,
    bigNumberStrings: true,
    dateStrings: true,
    jsonStrings: true,
    rowsAsArray: true,
    disableEval: true,
    flags: FLAGS,
    connectAttributes: { program_name: 'millrace' },
    ...(settings.user !== undefined && { user: settings.user }),
    ...(settings.password !== undefined && { password: settings.password }),
    ...(settings.database !== undefined && { database: settings.database }),
    ...(ssl === undefined ? { stream: () => connectSocket(settings) } : { ssl }),
  };
  return new Promise((resolve, reject) => {
    const connection = createConnection(options);
    const onError = (error: Error): void => {
      connection.removeListener('connect', onConnect);
      // A second error of a connection that failed has nobody else to hear it.
      connection.on('error', () => undefined);
      connection.destroy();
      reject(error);
    };
    const onConnect = (): void => {
      connection.removeListener('error', onError);
      resolve(connection);
    };
    connection.once('error', onError);
    connection.once('connect', onConnect);
  });
}

/** As mysql2 connects, which sets the same options. */
function connectSocket({ host, port }: MysqlSettings): RecyclingSocket {
  const socket = new RecyclingSocket();
  socket.once('connect', () => socket.setKeepAlive(true));
  socket.setNoDelay(true);
  socket.connect(port, host);
  return socket;
}

function sslOptions({ sslMode, sslRootCertificate }: MysqlSettings): SslOptions | undefined {
  if (sslMode === 'disabled') return undefined;
  const isVerified = sslMode === 'verify_ca' || sslMode === 'verify_identity';
  return {
    rejectUnauthorized: isVerified,
    verifyIdentity: sslMode === 'verify_identity',
    ...(isVerified && sslRootCertificate !== undefined && { ca: sslRootCertificate }),
  };
}
