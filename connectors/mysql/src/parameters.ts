import type { ParameterSpec } from '@millrace/core';

/** How the connection is secured; see the parameter `sslmode`. */
export const SSL_MODES = ['disabled', 'preferred', 'required', 'verify_ca', 'verify_identity'] as const;
/** One of {@link SSL_MODES}. */
export type SslMode = (typeof SSL_MODES)[number];

/** The parameters of a MySQL or MariaDB source; written `mysql_…`. */
export const mysqlParameters: readonly ParameterSpec[] = [
  {
    name: 'connection_string',
    kind: 'connector',
    type: 'string',
    secret: true,
    description: 'Address of the server as a URL; the other parameters override its parts.',
    examples: ['mysql://reader:secret@db.example.com:3306/shop?ssl-mode=verify_ca'],
  },
  { name: 'host', kind: 'connector', type: 'string', description: 'Host of the server.', default: 'localhost' },
  { name: 'tcp_port', kind: 'connector', type: 'integer', description: 'Port of the server.', default: '3306' },
  {
    name: 'db',
    kind: 'connector',
    type: 'string',
    description: 'Database in which tables are looked for that are named without one.',
    examples: ['shop'],
  },
  { name: 'user', kind: 'connector', type: 'string', description: 'Name of the account.', examples: ['reader'] },
  { name: 'pass', kind: 'connector', type: 'string', secret: true, description: 'Password of the account.' },
  {
    name: 'sslmode',
    kind: 'connector',
    type: 'string',
    description:
      'Encryption: never, where the server offers it, always, always with a certificate of a known authority, or that and the right host name.',
    default: 'required',
    oneOf: SSL_MODES,
  },
  {
    name: 'sslrootcert',
    kind: 'connector',
    type: 'string',
    description: 'Certificates of authorities in PEM, or a file of them. Default: those of Node.js.',
    examples: ['certs/ca.pem'],
  },
  {
    name: 'time_zone',
    kind: 'connector',
    type: 'string',
    description:
      'Time zone of the session as an offset from UTC; views that use the current time see it. Instants are read exactly whatever it is.',
    default: '+00:00',
    examples: ['+05:45'],
  },
  {
    name: 'zero_date_behavior',
    kind: 'connector',
    type: 'string',
    description: 'What a date without a year, month or day (`0000-00-00`) is read as; `error` fails the scan.',
    default: 'null',
    oneOf: ['null', 'error'],
  },
  {
    name: 'pool_min',
    kind: 'connector',
    type: 'integer',
    description: 'Idle connections that are kept.',
    default: '1',
  },
  { name: 'pool_max', kind: 'connector', type: 'integer', description: 'Most connections for scans.', default: '5' },
  {
    name: 'pool_idle_timeout',
    kind: 'connector',
    type: 'duration',
    description: 'How long a connection beyond the minimum stays idle before it is closed.',
    default: '60s',
  },
  {
    name: 'acquire_timeout',
    kind: 'connector',
    type: 'duration',
    description: 'How long to wait for a free connection of the pool.',
    default: '30s',
  },
  {
    name: 'connect_timeout',
    kind: 'connector',
    type: 'duration',
    description: 'How long connecting and signing in may take.',
    default: '10s',
  },
  {
    name: 'statement_timeout',
    kind: 'connector',
    type: 'duration',
    description: 'How long the server may work at one statement, sending its rows included. Default: no bound.',
    examples: ['5m'],
  },
  {
    name: 'scan_partitions',
    kind: 'connector',
    type: 'integer',
    description:
      'Ranges of an integer primary key that are read at the same time. More than one gives up that all rows are of one moment.',
    default: '1',
  },
];
