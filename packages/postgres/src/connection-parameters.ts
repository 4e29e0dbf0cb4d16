import type { ParameterSpec } from '@millrace/core';

/**
 * The parameters of a PostgreSQL connection, for {@link readConnectionSettings}.
 *
 * @param carrier Whose prefix they carry: with the prefix `pg` they are written `pg_…`.
 */
export function connectionParameters(carrier: 'connector' | 'accelerator'): readonly ParameterSpec[] {
  return [
    {
      name: 'connection_string',
      kind: carrier,
      type: 'string',
      secret: true,
      description: 'URL of the database, instead of host, port, db and user.',
      examples: ['postgresql://reader:secret@db.example.com:5432/shop?sslmode=verify-full'],
    },
    {
      name: 'host',
      kind: carrier,
      type: 'string',
      description: 'Host name or address of the server.',
      default: 'localhost',
      examples: ['db.example.com'],
    },
    { name: 'port', kind: carrier, type: 'integer', description: 'TCP port of the server.', default: '5432' },
    {
      name: 'db',
      kind: carrier,
      type: 'string',
      description: 'Name of the database. Required without a connection string.',
      examples: ['shop'],
    },
    {
      name: 'user',
      kind: carrier,
      type: 'string',
      description: `Name of the role that ${carrier === 'connector' ? 'reads' : 'reads and writes'}. Required without a connection string.`,
      examples: ['reader'],
    },
    {
      name: 'pass',
      kind: carrier,
      type: 'string',
      secret: true,
      description: 'Password of the role.',
      examples: ['secret'],
    },
    {
      name: 'sslmode',
      kind: carrier,
      type: 'string',
      description: 'Whether TLS is used and what of the certificate is checked, as in libpq.',
      default: 'verify-full',
      oneOf: ['disable', 'prefer', 'require', 'verify-ca', 'verify-full'],
    },
    {
      name: 'sslrootcert',
      kind: carrier,
      type: 'string',
      description: 'PEM file of the certificates to trust, or `system`. Default: what Node.js trusts.',
      examples: ['certs/root.pem'],
    },
    {
      name: 'application_name',
      kind: carrier,
      type: 'string',
      description: 'How the connections show in the activity view of the server.',
      default: 'millrace',
    },
    {
      name: 'connect_timeout',
      kind: carrier,
      type: 'duration',
      description: 'Longest wait for a connection to be opened.',
      default: '10s',
    },
    {
      name: 'statement_timeout',
      kind: carrier,
      type: 'duration',
      description:
        carrier === 'connector'
          ? 'Longest run of one statement; `0ms` sets no limit.'
          : 'Longest run of one scan; `0ms` sets no limit. Refreshes have none.',
      default: '0ms',
      examples: ['5m'],
    },
    {
      name: 'connection_pool_min_idle',
      kind: carrier,
      type: 'integer',
      description: 'Connections that stay open when they are idle.',
      default: '1',
    },
    {
      name: 'connection_pool_size',
      kind: 'runtime',
      type: 'integer',
      description:
        carrier === 'connector'
          ? 'Most connections of the pool; a scan of several partitions keeps one more open for their snapshot.'
          : 'Most connections of the pool, which scans share; each refresh has one of its own beside it, and the process one that tells others of it.',
      default: '5',
    },
    {
      name: 'connection_pool_timeout',
      kind: 'runtime',
      type: 'duration',
      description: 'Longest wait for a connection of the pool.',
      default: '60s',
    },
    {
      name: 'connection_pool_idle_timeout',
      kind: 'runtime',
      type: 'duration',
      description: 'How long an idle connection stays open.',
      default: '60s',
    },
  ];
}
