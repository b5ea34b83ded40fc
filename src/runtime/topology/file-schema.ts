import { z } from 'zod';
import { externalRegistry, siteKafka, startedKafka } from './access-schema.ts';
import { dockerOptions } from './docker-schema.ts';
import { engineKinds } from './engines.ts';
import {
  again,
  name,
  port,
  says,
  scalar,
  siteSelection,
  strict,
  topicName,
  topicPatterns,
} from './schema-words.ts';
import { store } from './store-schema.ts';
import { detector, notifier } from './threshold-schema.ts';

const partitions = says(
  z.int().min(1).max(1000),
  'a whole number from 1 to 1000',
  'Number of partitions. Default 1.',
);
const configs = says(
  z.record(z.string(), scalar),
  'a map of Kafka topic configs',
  'Topic configs as Kafka names them, such as cleanup.policy or retention.ms.',
);
const valueSchema = says(
  z.string().min(1),
  'the path of an Avro schema (.avsc) or the name of a built-in record such as TemperatureData',
  'Avro schema of the values: a path relative to this file, or the name of a built-in record.',
);

const siteTopic = strict(
  { partitions: partitions.optional(), configs: configs.optional(), schema: valueSchema.optional() },
  'a topic',
);
const topic = strict(
  {
    ...siteTopic.shape,
    sites: again(siteSelection, 'Which sites have it. Default all.').optional(),
  },
  'a topic',
);

const engine = says(z.enum(engineKinds), engineKinds.map((kind) => `"${kind}"`).join(' or '));

const site = strict(
  {
    engine: again(
      engine,
      'What provides its cluster, whatever --engine says. Default: that of the topology.',
    ).optional(),
    role: says(
      z.enum(['edge', 'central']),
      '"edge" or "central"',
      'Default: central for the site of that name, else edge.',
    ).optional(),
    ports: strict(
      {
        kafka: port.optional(),
        wan: port.optional(),
        registry: port.optional(),
        cassandra: port.optional(),
      },
      'a map of ports',
    )
      .meta({
        description:
          'Default 9092, 9093, 8081 and 9042 at the centre, and 100·k more at edge-k. With three brokers, the others have the Kafka and WAN ports 2 and 4 above.',
      })
      .optional(),
    store: store.optional(),
    kafka: siteKafka
      .meta({
        description:
          'Its Kafka cluster: { brokers: 3 } for three, or with engine external where it is; what is said of the way into it is for that engine alone.',
      })
      .optional(),
    registry: externalRegistry
      .meta({ description: 'Its Schema Registry, with engine external. Other engines pass over it.' })
      .optional(),
    docker: dockerOptions
      .meta({ description: 'Of this site, with engine docker. Other engines pass over it.' })
      .optional(),
    topics: says(
      z.record(topicName, siteTopic.nullable()),
      'a map of topics',
      'Topics of this site alone, or other settings for topics that all sites have.',
    ).optional(),
  },
  'a site',
);

const relay = strict(
  {
    site: says(
      z.string(),
      'the name of a site',
      'Where it runs and writes to. Default: the central site.',
    ).optional(),
    sources: again(siteSelection, 'The sites it reads. Default: all others.').optional(),
    topics: again(topicPatterns, 'Default: the topics of this file that the sources have.').optional(),
    exclude: topicPatterns.optional(),
    delivery: says(
      z.enum(['exactly-once', 'at-least-once']),
      'exactly-once or at-least-once',
      'Records and positions in one transaction, or sooner there and some repeated after a crash. Default exactly-once.',
    ).optional(),
    names: says(
      z.string(),
      'same, {site}.{topic}, or another template with {topic}',
      'What topics are called at the target. Default same.',
    ).optional(),
    schemas: says(
      z.enum(['strict', 'lenient']),
      'strict or lenient',
      'A schema id that the source does not know holds the partition, or passes as it is. Default strict.',
    ).optional(),
    'on-error': says(
      z.enum(['hold', 'dead-letter']),
      'hold or dead-letter',
      'A record that the target refuses, or whose schema cannot be translated, holds its partition, or goes to TOPIC.dead-letter. Default hold.',
    ).optional(),
  },
  'a relay',
);

const sink = strict(
  {
    sites: again(
      siteSelection,
      'Where it runs; each writes into the store of its site. Default: all sites with a store.',
    ).optional(),
    topics: again(topicPatterns, 'Default: the topics of this file that the site has.').optional(),
    exclude: topicPatterns.optional(),
  },
  'a sink',
);

const job = strict(
  {
    command: says(
      z.union([z.string().min(1), z.array(z.string()).min(1)]),
      'a command as a string or as a list of words',
      'A string is split like in a shell, with quotes but without variables or globs.',
    ),
    sites: again(siteSelection, 'Where it runs, once for each site.'),
    env: says(
      z.record(z.string(), scalar),
      'a map of environment variables',
      'Added to DDS_SITE, DDS_BROKERS and DDS_REGISTRY of its site.',
    ).optional(),
    cwd: says(z.string(), 'a path', 'Directory it runs in. Default: that of this file.').optional(),
  },
  'a job',
);

const share = says(
  z.union([z.string().regex(/^(\d+(\.\d+)?|\.\d+)%?$/), z.number().min(0).max(1)]),
  'a share such as 1% or 0.01',
);
const shareAndTime = says(
  z.string().regex(/^(\d+(\.\d+)?|\.\d+)%?:(\d+(\.\d+)?|\.\d+)(ms|s|m|h|d)?$/),
  'a share and a time such as 5%:30s',
);

const fleet = strict(
  {
    sites: again(siteSelection, 'Where its sensors are. Default: all edge sites.').optional(),
    sensors: says(
      z.int().min(1).max(1_000_000),
      'a whole number from 1 to 1000000',
      'How many sensors, spread evenly over the sites. Default 10.',
    ).optional(),
    rate: says(
      z.union([z.number().positive(), z.string().regex(/^(\d+(\.\d+)?|\.\d+)[km]?(\/[smh])?$/i)]),
      'messages per second such as 250, 10k or 600k/m',
      'Messages per second of the whole fleet. Default: one a second per sensor.',
    ).optional(),
    topic: again(topicName, 'The topic it sends to. Default temperature-data.').optional(),
    schema: again(
      valueSchema,
      'Avro schema of the values, as under topics. Default: the one that the topic has.',
    ).optional(),
    fields: says(
      z.record(
        z.string(),
        says(
          z.string().regex(/^(constant|enum|uniform|walk|sine|correlated|sequence|sensor|time)(\(.*\))?$/s),
          'a generator: constant, enum, uniform, walk, sine, correlated, sequence, sensor or time, such as walk(min=0,max=40)',
        ),
      ),
      'a map of generators, such as "temperature: walk(min=0,max=40)"',
      'How the values of a field come about. Default: by its type and name.',
    ).optional(),
    seed: says(
      z.int().min(0).max(Number.MAX_SAFE_INTEGER),
      'a whole number from 0',
      'What every random draw comes from. Default 1.',
    ).optional(),
    faults: strict(
      {
        late: again(shareAndTime, 'A share of the messages comes so much later than measured.').optional(),
        duplicate: again(share, 'A share is sent twice.').optional(),
        drop: again(share, 'A share is never sent.').optional(),
        'out-of-order': again(share, 'A share is sent after the next message of its sensor.').optional(),
        offline: again(shareAndTime, 'Sensors are silent for so long, that share of the time.').optional(),
        anomaly: again(share, 'A share has values out of bounds.').optional(),
      },
      'a map of faults',
    )
      .meta({ description: 'What goes wrong on purpose. Default nothing.' })
      .optional(),
  },
  'a fleet',
);

const section = <T extends z.ZodType>(key: z.ZodString, value: T, words: string, description: string) =>
  says(z.record(key, value), words, description);

/**
 * dds.yaml as its author writes it. This one schema gives the validation, the type `TopologyFile` and the published
 * JSON Schema.
 */
export const topologyFile = strict(
  {
    name: again(name, 'Name of the stack. Default "default".').optional(),
    engine: again(
      engine,
      'What provides the clusters of sites that do not say it themselves; --engine and DDS_ENGINE go before it. Default embedded.',
    ).optional(),
    kafka: startedKafka
      .meta({ description: 'Of every site that dds starts and that does not say otherwise.' })
      .optional(),
    docker: dockerOptions
      .meta({ description: 'Of every site with engine docker that does not say otherwise.' })
      .optional(),
    sites: section(name, site.nullable(), 'a map of sites', 'The sites, by name.'),
    topics: section(
      topicName,
      topic.nullable(),
      'a map of topics',
      'Topics that sites have from the start, by name.',
    ).optional(),
    relays: section(
      name,
      relay.nullable(),
      'a map of relays',
      'Jobs that copy topics of other sites to theirs.',
    ).optional(),
    sinks: section(
      name,
      sink.nullable(),
      'a map of sinks',
      'Jobs that write topics into the store of their site.',
    ).optional(),
    detectors: section(
      name,
      detector.nullable(),
      'a map of detectors',
      'Jobs that tell when a sensor exceeds its threshold and when it is back.',
    ).optional(),
    notifiers: section(
      name,
      notifier.nullable(),
      'a map of notifiers',
      'Jobs that send people a message when a sensor exceeds its threshold and when it is back.',
    ).optional(),
    jobs: section(name, job, 'a map of jobs', 'Programs of your own that run beside the stack.').optional(),
    fleets: section(
      name,
      fleet.nullable(),
      'a map of fleets',
      'Simulated sensors that send as long as the stack runs.',
    ).optional(),
  },
  'a topology',
);

export type TopologyFile = z.infer<typeof topologyFile>;
