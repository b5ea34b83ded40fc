import { DdsError } from '../../errors/index.ts';
import { kafkaAt, registryAt, type SiteCluster } from '../../shared/access.ts';
import { createKafka, type Kafka, partitionFor } from '../kafka/index.ts';
import {
  AvroDecoder,
  avroType,
  createRegistryClient,
  createWireEncoder,
  type ThesisTopic,
  thesisSchema,
  thesisTopics,
} from '../serde/index.ts';

export interface DeviceEntry {
  id: string;
  name: string;
  description: string;
  location: string;
}

export interface SensorEntry {
  id: string;
  name: string;
  description: string;
  deviceId: string;
  sensorTypeId: string;
}

export interface SensorTypeEntry {
  id: string;
  name: string;
  description: string;
  unit: string;
}

export interface Registrations {
  devices: DeviceEntry[];
  sensors: SensorEntry[];
  sensorTypes: SensorTypeEntry[];
}

export type RegistrationKind = keyof Registrations;

interface KindOf<Entry> {
  topic: ThesisTopic;
  toRecord(entry: Entry): Record<string, string>;
  fromRecord(id: string, record: Record<string, string>): Entry;
}

/** How each kind is kept: its compacted topic, and its Avro record. */
export const registrationKinds: { readonly [K in RegistrationKind]: KindOf<Registrations[K][number]> } = {
  devices: {
    topic: 'device-registration',
    toRecord: ({ name, description, location }) => ({ name, description, location }),
    fromRecord: (id, { name = '', description = '', location = '' }) => ({ id, name, description, location }),
  },
  sensors: {
    topic: 'sensor-registration',
    toRecord: ({ name, description, deviceId, sensorTypeId }) => ({
      ...{ name, description },
      device_id: deviceId,
      sensor_type_id: sensorTypeId,
    }),
    fromRecord: (id, { name = '', description = '', device_id = '', sensor_type_id = '' }) => ({
      ...{ id, name, description },
      deviceId: device_id,
      sensorTypeId: sensor_type_id,
    }),
  },
  sensorTypes: {
    topic: 'sensor-type-registration',
    toRecord: ({ name, description, unit }) => ({ name, description, unit }),
    fromRecord: (id, { name = '', description = '', unit = '' }) => ({ id, name, description, unit }),
  },
};

/** In this order, so that a reader who follows along never sees a sensor before its device. */
const order = ['sensorTypes', 'devices', 'sensors'] as const;

/**
 * Registers entries at one site and resolves when its broker has all of them; thousands go in one call. An id that is
 * registered already gets the new entry. References are the caller's to check. A topic that isn't there is made.
 * @throws DDS_BROKER_UNREACHABLE, DDS_REGISTRY_UNREACHABLE, DDS_REGISTRY, DDS_KAFKA
 */
export async function registerEntries(site: SiteCluster, entries: Partial<Registrations>): Promise<void> {
  const registry = createRegistryClient(registryAt(site));
  const kinds = order.filter((kind) => (entries[kind]?.length ?? 0) > 0);
  const encoders = await Promise.all(
    kinds.map(async (kind) => {
      const { topic } = registrationKinds[kind];
      const schema = thesisSchema(thesisTopics[topic]);
      return createWireEncoder(await registry.register(`${topic}-value`, schema), avroType(schema));
    }),
  );
  const messages = kinds.map((kind, index) => ({
    topic: registrationKinds[kind].topic,
    messages: encodeAll(kind, entries, encoders[index]!),
  }));
  await writeAll(site, messages);
}

function encodeAll(
  kind: RegistrationKind,
  entries: Partial<Registrations>,
  encode: (record: unknown) => Buffer,
): Message[] {
  const { toRecord } = registrationKinds[kind] as KindOf<Registrations[RegistrationKind][number]>;
  return (entries[kind] ?? []).map((entry) => ({ key: entry.id, value: encode(toRecord(entry)) }));
}

/** Removes an entry: a tombstone, which compaction then drops together with the entry. */
export function removeEntry(site: SiteCluster, kind: RegistrationKind, id: string): Promise<void> {
  return writeAll(site, [{ topic: registrationKinds[kind].topic, messages: [{ key: id, value: null }] }]);
}

interface Message {
  key: string;
  value: Buffer | null;
}

async function writeAll(
  site: SiteCluster,
  batches: readonly { topic: string; messages: readonly Message[] }[],
): Promise<void> {
  if (batches.length === 0) return;
  const kafka = createKafka(kafkaAt(site, 'dds-register'));
  try {
    await kafka.connect();
    const configs = { 'cleanup.policy': 'compact' };
    await kafka.admin().createTopics(batches.map(({ topic }) => ({ name: topic, partitions: 1, configs })));
    const producer = kafka.producer({ lingerMs: 0, deliveryTimeoutMs: 10_000 });
    await producer.start();
    const now = Date.now();
    for (const { topic, messages } of batches) {
      const partitions = await producer.partitionCount(topic);
      for (const { key, value } of messages) {
        const bytes = Buffer.from(key);
        producer.append(topic, partitionFor(bytes, partitions), bytes, value, now, null, 0);
      }
      // One topic after the other, for the order above.
      await producer.flush();
    }
  } finally {
    await kafka.close();
  }
}

/**
 * What is registered at a site: the latest entry of each id, sorted by id.
 * @throws DDS_BROKER_UNREACHABLE, DDS_REGISTRY_UNREACHABLE, DDS_UNDECODABLE
 */
export async function readRegistrations(
  site: SiteCluster,
  kinds: readonly RegistrationKind[],
): Promise<Registrations> {
  const kafka = createKafka(kafkaAt(site, 'dds-registered'));
  const decoder = new AvroDecoder(createRegistryClient(registryAt(site)));
  const found: Registrations = { devices: [], sensors: [], sensorTypes: [] };
  try {
    await kafka.connect();
    const existing = new Set((await kafka.admin().listTopics()).map(({ name }) => name));
    for (const kind of kinds) {
      const { topic, fromRecord } = registrationKinds[kind];
      if (!existing.has(topic)) continue;
      const latest = await latestByKey(kafka, topic);
      const entries = await Promise.all(
        [...latest].map(async ([id, value]) => fromRecord(id, await decode(decoder, topic, id, value))),
      );
      Object.assign(found, { [kind]: entries.sort((a, b) => (a.id < b.id ? -1 : 1)) });
    }
    return found;
  } finally {
    await kafka.close();
  }
}

/** Reads a compacted topic up to its present end. */
async function latestByKey(kafka: Kafka, topic: string): Promise<Map<string, Buffer>> {
  const admin = kafka.admin();
  const [description] = await admin.describeTopics([topic]);
  const partitions = (description?.partitions ?? []).map(({ partition }) => ({ topic, partition }));
  const [starts, ends] = await Promise.all([
    admin.offsets(partitions, 'earliest'),
    admin.offsets(partitions, 'latest'),
  ]);
  const fetcher = kafka.fetcher({ maxWaitMs: 100 });
  const latest = new Map<string, Buffer>();
  const open = new Map<number, number>();
  for (const [index, { partition }] of partitions.entries()) {
    if (starts[index]! >= ends[index]!) continue;
    fetcher.seek(topic, partition, starts[index]!);
    open.set(partition, ends[index]!);
  }
  try {
    while (open.size > 0) {
      const result = await fetcher.poll(1000);
      const problem = result.problems[0];
      if (problem) throw problem.error;
      if (result.partitions.length === 0) {
        if (fetcher.unreachable) throw fetcher.unreachable;
        // Compaction may have taken the last records before the end.
        break;
      }
      for (const { partition, records, nextOffset } of result.partitions) {
        while (records.next()) {
          const key = records.key()?.toString('utf8');
          const value = records.value();
          if (key === undefined) continue;
          if (value) latest.set(key, Buffer.from(value));
          else latest.delete(key);
        }
        if (nextOffset >= (open.get(partition) ?? 0)) open.delete(partition);
      }
    }
  } finally {
    await fetcher.close();
  }
  return latest;
}

async function decode(
  decoder: AvroDecoder,
  topic: string,
  id: string,
  value: Buffer,
): Promise<Record<string, string>> {
  const decoded = await decoder.decode(value);
  if (decoded.error === null) return decoded.value as Record<string, string>;
  throw new DdsError('DDS_UNDECODABLE', `the entry "${id}" in ${topic} cannot be read: ${decoded.error}`, {
    hint: `Look at it with dds tail ${topic} --from oldest -e, and register it anew.`,
  });
}
