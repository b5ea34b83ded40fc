import { DdsError } from '../../errors/index.ts';
import type { TopologyFile } from './file-schema.ts';

export const maxExampleSites = 20;

/** Throws DDS_USAGE for anything but a whole number from 1 to 20. */
export function checkSiteCount(sites: number): void {
  if (Number.isInteger(sites) && sites >= 1 && sites <= maxExampleSites) return;
  throw new DdsError('DDS_USAGE', `--sites takes a whole number from 1 to ${maxExampleSites}, not ${sites}`, {
    hint: 'It is the number of edge sites, as in --sites 2; the central site comes on top.',
    details: { sites },
  });
}

/** Names of the edge sites of the example. */
export const exampleEdges = (count: number): string[] =>
  Array.from({ length: count }, (_, i) => `edge-${i + 1}`);

/** The thesis's example: `edges` edge sites and the centre, as if it stood in a dds.yaml. */
export function exampleTopology(edges: number): TopologyFile {
  const compact = { 'cleanup.policy': 'compact' };
  const sites = [...exampleEdges(edges), 'central'].map((name) => [name, {}] as const);
  return {
    name: 'default',
    sites: Object.fromEntries(sites),
    topics: {
      'temperature-data': {
        partitions: 4,
        schema: 'TemperatureData',
        configs: { 'cleanup.policy': 'delete' },
      },
      'temperature-threshold-events': {
        partitions: 1,
        schema: 'TemperatureThresholdExceeded',
        configs: { 'cleanup.policy': 'delete' },
      },
      'device-registration': { partitions: 1, schema: 'DeviceRegistration', configs: compact },
      'sensor-registration': { partitions: 1, schema: 'SensorRegistration', configs: compact },
      'sensor-type-registration': { partitions: 1, schema: 'SensorTypeRegistration', configs: compact },
    },
    relays: { relay: {} },
    sinks: { sink: {} },
    detectors: { detector: {} },
    notifiers: { notifier: {} },
  };
}
