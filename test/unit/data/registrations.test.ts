import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  type DeviceEntry,
  readRegistrations,
  registerEntries,
  removeEntry,
} from '../../../src/runtime/data/registrations.ts';
import { createRegistry, type Registry } from '../../../src/runtime/registry/index.ts';
import { silentLogger } from '../../../src/shared/logger.ts';
import { type RunningBroker, startBroker } from '../../support/broker.ts';

const never = new AbortController().signal;
const all = ['devices', 'sensors', 'sensorTypes'] as const;
let broker: RunningBroker;
let registry: Registry;

beforeEach(async () => {
  broker = await startBroker();
  registry = createRegistry({
    kafka: { brokers: broker.brokers, clientId: 'registry' },
    host: '127.0.0.1',
    port: 0,
    log: silentLogger,
  });
  await registry.start(never);
});
afterEach(async () => {
  await registry?.stop();
  await broker[Symbol.asyncDispose]();
});

const site = () => ({ brokers: broker.brokers, registryUrl: registry.url });
const read = () => readRegistrations(site(), all);
const device = (id: string, name = id): DeviceEntry => ({ id, name, description: '', location: 'Hall 2' });

describe('registrations', () => {
  it('are empty before the first', async () => {
    expect(await read()).toEqual({ devices: [], sensors: [], sensorTypes: [] });
  });

  it('read as written, the latest of each id, without those removed', async () => {
    const sensor = { id: 's', name: 'S', description: 'a "b"', deviceId: 'd-2', sensorTypeId: 't' };
    const type = { id: 't', name: 'T', description: 'ü', unit: '°C' };
    await registerEntries(site(), {
      devices: [device('d-2'), device('d-1', 'old'), device('d-3')],
      sensors: [sensor],
      sensorTypes: [type],
    });
    await registerEntries(site(), { devices: [device('d-1', 'new')] });
    await removeEntry(site(), 'devices', 'd-3');
    expect(await read()).toEqual({
      devices: [device('d-1', 'new'), device('d-2')],
      sensors: [sensor],
      sensorTypes: [type],
    });
  });

  it('take thousands at once', async () => {
    const devices = Array.from({ length: 5000 }, (_, i) => device(`d-${String(i).padStart(4, '0')}`));
    const begun = performance.now();
    await registerEntries(site(), { devices });
    expect(performance.now() - begun).toBeLessThan(3000);
    expect((await read()).devices).toEqual(devices);
  });

  it('end with one line when the registry or the broker is gone', async () => {
    const entries = { devices: [device('d')] };
    const elsewhere = { ...site(), registryUrl: 'http://127.0.0.1:1' };
    await expect(registerEntries(elsewhere, entries)).rejects.toMatchObject({
      code: 'DDS_REGISTRY_UNREACHABLE',
    });
    await broker.broker.stop();
    await expect(read()).rejects.toMatchObject({ code: 'DDS_BROKER_UNREACHABLE' });
  });
});
