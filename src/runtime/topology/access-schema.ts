import { z } from 'zod';
import { saslMechanisms } from '../../shared/access.ts';
import { says, secretWords, strict } from './schema-words.ts';

const path = (description: string) => says(z.string().min(1), 'a path', description).optional();
const text = (description: string) => says(z.string().min(1), 'a text', description).optional();

/** Where a secret is; one of the two. */
export const secret = (description: string) =>
  says(
    strict(
      {
        env: says(
          z.string().regex(/^[A-Za-z_][A-Za-z0-9_]*$/),
          'the name of an environment variable',
          'The variable it is in, of whatever connects: dds up and the commands after it.',
        ).optional(),
        file: path('The file it is in, relative to this one; it is read for each connection.'),
      },
      'a place',
    ),
    secretWords,
    description,
  ).optional();

const tls = strict(
  {
    ca: path('PEM file with the certificates to trust. Default: those that Node trusts.'),
    cert: path('PEM file with the certificate of the client, where the other end wants one.'),
    key: path('PEM file with its key.'),
    passphrase: secret('What opens the key.'),
    servername: text('The name that the certificate must have. Default: the host of the address.'),
    verify: says(
      z.boolean(),
      'true or false',
      'false takes any certificate, for a look at a cluster whose CA is not at hand. Default true.',
    ).optional(),
  },
  'settings of TLS',
);

const sasl = strict(
  {
    mechanism: says(
      z.enum(saslMechanisms),
      'plain, scram-sha-256, scram-sha-512 or oauthbearer',
      'How the client authenticates.',
    ),
    username: text('Needed by all but oauthbearer.'),
    password: secret('Needed by all but oauthbearer.'),
    token: secret('Of oauthbearer. Renew it in its file: it is read for each connection.'),
  },
  'settings of SASL',
);

const kafkaAccess = {
  tls: tls.meta({ description: 'Encryption; {} trusts what Node trusts. Default: none.' }).optional(),
  sasl: sasl.meta({ description: 'Authentication. Default: none.' }).optional(),
};

const registryAccess = {
  username: text('User of basic authentication.'),
  password: secret('Password of that user.'),
  token: secret('Bearer token, in place of user and password.'),
  tls: tls.meta({ description: 'Settings of an https address.' }).optional(),
};

/** Who the sink is in a Cassandra cluster. */
export const cassandraAccess = {
  username: text('User of the cluster, where it asks who comes.'),
  password: secret('Password of that user.'),
};

const addresses = z.array(z.string().regex(/^(\[[0-9a-fA-F:]+\]|[^\s:/@,]+):\d{1,5}$/)).min(1);
const brokerCount = z.union([z.literal(1), z.literal(3)]);

/** The brokers that dds starts for every site. */
export const startedKafka = strict(
  {
    brokers: says(
      brokerCount,
      '1 or 3',
      'Kafka brokers of each site that dds starts: with engine embedded nodes of one process with one copy of the data, with engine docker containers. Default 1.',
    ).optional(),
  },
  'settings of Kafka',
);

/** The Kafka cluster of a site: how many brokers dds starts or, with engine external, where they are. */
export const siteKafka = strict(
  {
    brokers: says(
      z.union([addresses, brokerCount]),
      'a list of host:port with engine external, 1 or 3 with another',
      'With engine external some of its brokers, which name the others. Else how many dds starts.',
    ),
    ...kafkaAccess,
  },
  'a Kafka cluster',
);

/** The Schema Registry of such a site. */
export const externalRegistry = strict(
  {
    url: says(
      z.string().regex(/^https?:\/\/[^\s@/?#]+(\/[^\s?#]*)?$/),
      'an http or https address without user and password',
      'Its address; that of Confluent’s API, such as http://apicurio:8080/apis/ccompat/v7.',
    ),
    ...registryAccess,
  },
  'a Schema Registry',
);

/** What `--access` names: how to get into the sites' clusters, by site, for jobs that no dds.yaml starts. */
export const accessFile = says(
  z.record(
    z.string().min(1),
    strict(
      {
        kafka: strict(kafkaAccess, 'a way into Kafka').optional(),
        registry: strict(registryAccess, 'a way into a registry').optional(),
        cassandra: strict(cassandraAccess, 'a user of Cassandra').optional(),
      },
      'a site',
    ),
  ),
  'a map of sites',
);

export type SiteKafka = z.infer<typeof siteKafka>;
export type ExternalRegistry = z.infer<typeof externalRegistry>;
export type AccessFile = z.infer<typeof accessFile>;
