import { z } from 'zod';
import { cassandraAccess } from './access-schema.ts';
import { says, strict } from './schema-words.ts';

const time = says(z.string().regex(/^\d+(\.\d+)?(s|m|h|d)$/), 'a time such as 12h or 30d');

const cassandra = strict(
  {
    'contact-points': says(
      z.array(z.string().regex(/^[^\s,:/@]+(:\d{1,5})?$/)).min(1),
      'a list of hosts, each with or without a port, such as 10.0.0.1:9042',
      'Nodes of a cluster that exists. Default: the cluster that the engine starts.',
    ).optional(),
    datacenter: says(
      z.string().regex(/^[\w.-]+$/),
      'the name of a data centre',
      'The one whose nodes are used. Default datacenter1.',
    ).optional(),
    keyspace: says(
      z.string().regex(/^[a-z][a-z0-9_]{0,47}$/),
      'a name of lower-case letters, digits and "_" that begins with a letter, at most 48 characters',
      'Made when it is not there. Default dds_ and the name of the site.',
    ).optional(),
    replication: says(
      z.int().min(1).max(20),
      'a whole number from 1 to 20',
      'Copies of each row, when the keyspace is made. Default 1.',
    ).optional(),
    ttl: says(
      time,
      'a time such as 12h or 30d',
      'Rows older than that go away. Default: they stay.',
    ).optional(),
    bucket: says(
      time,
      'a time such as 12h or 30d',
      'The readings of a sensor within such a time are one partition. Default 1d.',
    ).optional(),
    ...cassandraAccess,
    tls: says(
      z.boolean(),
      'true or false',
      'Whether the cluster is spoken to over TLS. Default false.',
    ).optional(),
    ca: says(
      z.string().min(1),
      'a path',
      'File with the certificate of who signed those of the nodes, relative to this file. Default: the authorities that Node knows.',
    ).optional(),
  },
  'settings of Cassandra',
);

/** The database of a site, by name or with its settings. */
export const store = says(
  z.union([z.enum(['duckdb', 'cassandra', 'none']), strict({ cassandra: cassandra.nullable() }, 'a map')]),
  '"duckdb", "cassandra", "none" or a map with settings of cassandra',
  'The database of the site. Default duckdb.',
);
