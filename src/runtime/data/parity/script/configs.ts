import {
  alterConfigs,
  describeConfigs,
  describeLogDirs,
  incrementalAlterConfigs,
  metadata,
  produce,
  RESOURCE_BROKER,
  RESOURCE_TOPIC,
} from '../../../protocol/index.ts';
import type { Session } from '../session.ts';
import { batch, toPartition } from './records.ts';
import { resourceConfigs } from './resource-configs.ts';

const operations = { set: 0, delete: 1, append: 2, subtract: 3 } as const;

/** Configs of topics and brokers, and where the data lies. */
export async function configsScript(session: Session): Promise<void> {
  const topicId = await session.topic('configs-of', 2, { 'retention.ms': '123456' });
  const resourceName = session.name('configs-of');
  const topic = { resourceType: RESOURCE_TOPIC, resourceName };
  const { brokers } = await session.await(metadata, { topics: [] }, () => true);
  const broker = { resourceType: RESOURCE_BROKER, resourceName: String(brokers[0]!.nodeId) };
  const describe = (what: string, resource: object, rest: object = {}) =>
    session.ask(`configs: describe ${what}`, describeConfigs, {
      resources: [resource as typeof topic],
      ...rest,
    });
  await session.askInAll('configs: describe a topic', describeConfigs, {
    resources: [{ ...topic, configurationKeys: topicKeys }],
    includeSynonyms: false,
  });
  await describe('a topic, all', topic);
  await describe(
    'a topic, with synonyms',
    { ...topic, configurationKeys: topicKeys },
    { includeSynonyms: true },
  );
  await describe('a topic, nothing of it', { ...topic, configurationKeys: [] });
  await describe('a topic, an unknown config', { ...topic, configurationKeys: ['no.such.config'] });
  await describe('an unknown topic', { ...topic, resourceName: session.name('unknown') });
  await describe('an invalid name', { ...topic, resourceName: 'a/b' });
  await describe('a broker', { ...broker, configurationKeys: brokerKeys });
  await describe('another broker', { ...broker, resourceName: '77' });
  await describe('a broker that is no number', { ...broker, resourceName: 'x' });
  await describe('the default of brokers', { ...broker, resourceName: '' });
  await describe('an unknown kind', { resourceType: 99, resourceName: 'x' });
  await resourceConfigs(session, broker.resourceName);

  const alter = (
    what: string,
    configs: [string, keyof typeof operations | number, string | null][],
    resource: typeof topic = topic,
    validateOnly = false,
  ) =>
    session.askInAll(`configs: ${what}`, incrementalAlterConfigs, {
      resources: [
        {
          ...resource,
          configs: configs.map(([name, operation, value]) => ({
            name,
            value,
            configOperation: typeof operation === 'number' ? operation : operations[operation],
          })),
        },
      ],
      validateOnly,
    });
  await alter('set', [['retention.ms', 'set', '70000']]);
  await alter('set as a check', [['retention.ms', 'set', '1']], topic, true);
  await alter('set to null', [['retention.ms', 'set', null]]);
  await alter('set to what is no number', [['retention.ms', 'set', 'soon']]);
  await alter('set an unknown one', [['no.such.config', 'set', '1']]);
  await alter('set one twice', [
    ['retention.ms', 'set', '1'],
    ['retention.ms', 'set', '2'],
  ]);
  await alter('append to a list', [['cleanup.policy', 'append', 'compact']]);
  await alter('take from a list', [['cleanup.policy', 'subtract', 'delete']]);
  await alter('append to what is no list', [['retention.ms', 'append', '1']]);
  await alter('do what is not known', [['retention.ms', 9, '1']]);
  await alter('change nothing', []);
  await alter('set at an unknown topic', [['retention.ms', 'set', '1']], {
    ...topic,
    resourceName: session.name('unknown'),
  });
  await alter('set at an unknown kind', [['x', 'set', '1']], { resourceType: 99, resourceName: 'x' });
  await alter('set at another broker', [['log.retention.ms', 'set', '1']], { ...broker, resourceName: '77' });
  await alter('set what a broker has from its start', [['broker.id', 'set', '9']], broker);
  await alter('set a topic twice in a request', [['retention.ms', 'set', '90000']]);
  await session.await(
    describeConfigs,
    { resources: [{ ...topic, configurationKeys: ['retention.ms'] }], includeSynonyms: false },
    ({ results }) => results[0]!.configs[0]?.value === '90000',
  );
  await describe(
    'a topic after the changes',
    { ...topic, configurationKeys: topicKeys },
    { includeSynonyms: true },
  );
  await alter('delete', [
    ['retention.ms', 'delete', null],
    ['cleanup.policy', 'delete', null],
  ]);
  await alter('delete what is not set', [['segment.ms', 'delete', null]]);
  await session.await(
    describeConfigs,
    { resources: [{ ...topic, configurationKeys: ['retention.ms'] }], includeSynonyms: false },
    ({ results }) => results[0]!.configs[0]?.value !== '90000',
  );
  await describe('a topic after the deletion', { ...topic, configurationKeys: topicKeys });
  await session.askInAll('configs: replace all', alterConfigs, {
    resources: [{ ...topic, configs: [{ name: 'retention.ms', value: '80000' }] }],
    validateOnly: false,
  });
  await session.ask('configs: replace all with a bad one', alterConfigs, {
    resources: [{ ...topic, configs: [{ name: 'retention.ms', value: 'soon' }] }],
    validateOnly: false,
  });
  await session.ask('configs: replace all of an unknown topic', alterConfigs, {
    resources: [{ ...topic, resourceName: session.name('unknown'), configs: [] }],
    validateOnly: false,
  });

  await session.ask(
    'log dirs: fill',
    produce,
    toPartition(resourceName, topicId, batch(session, { values: ['a', 'b'] })),
  );
  await session.askInAll('log dirs: of a topic', describeLogDirs, {
    topics: [{ topic: resourceName, partitions: [0, 1] }],
  });
  await session.ask('log dirs: of an unknown partition', describeLogDirs, {
    topics: [{ topic: resourceName, partitions: [9] }],
  });
  await session.ask('log dirs: of nothing', describeLogDirs, { topics: [] });
}

const topicKeys = [
  'cleanup.policy',
  'compression.type',
  'retention.ms',
  'retention.bytes',
  'segment.bytes',
  'segment.ms',
  'min.insync.replicas',
  'max.message.bytes',
  'message.timestamp.type',
  'delete.retention.ms',
];
const brokerKeys = [
  'num.partitions',
  'default.replication.factor',
  'log.retention.ms',
  'log.segment.bytes',
  'message.max.bytes',
  'auto.create.topics.enable',
  'offsets.retention.minutes',
  'transaction.max.timeout.ms',
  'group.max.session.timeout.ms',
  'group.min.session.timeout.ms',
  'compression.type',
];
