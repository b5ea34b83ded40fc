import { type ImageName, type ImageOverrides, imageTable } from './images.ts';
import type { DockerSpec, SitePorts, SiteSpec } from './types.ts';

type Input = {
  brokers?: 1 | 3 | undefined;
  native?: boolean | undefined;
  registry?: DockerSpec['registry'] | undefined;
  heap?:
    | { kafka?: number | undefined; registry?: number | undefined; cassandra?: number | undefined }
    | undefined;
  images?: ImageOverrides | undefined;
};

/** Small enough for three sites with Cassandra in 8 GiB, beside the jobs. */
const defaultHeapMib = { kafka: 320, registry: 192, cassandra: 384 } as const;

/** What the containers of a site are: its own settings go before those of the topology, the environment's images before both. */
export function normaliseDocker(
  shared: Input | undefined,
  own: Input | undefined,
  environment: ImageOverrides,
): DockerSpec {
  const image = (name: ImageName) =>
    environment[name] ?? own?.images?.[name] ?? shared?.images?.[name] ?? imageTable[name];
  const registry = own?.registry ?? shared?.registry ?? 'apicurio';
  return {
    registry,
    images: {
      kafka: image((own?.native ?? shared?.native) ? 'kafka-native' : 'kafka'),
      registry: registry === 'embedded' ? '' : image(registry),
      cassandra: image('cassandra'),
    },
    heapMib: {
      kafka: own?.heap?.kafka ?? shared?.heap?.kafka ?? defaultHeapMib.kafka,
      registry: own?.heap?.registry ?? shared?.heap?.registry ?? defaultHeapMib.registry,
      cassandra: own?.heap?.cassandra ?? shared?.heap?.cassandra ?? defaultHeapMib.cassandra,
    },
  };
}

/** Of each broker; the second and third have the ports two and four above those of the first. */
export const brokerPorts = (site: Pick<SiteSpec, 'ports' | 'brokers'>): { kafka: number; wan: number }[] =>
  brokerOffsets(site).map((offset) => ({ kafka: site.ports.kafka + offset, wan: site.ports.wan + offset }));

export const brokerOffsets = ({ brokers }: Pick<SiteSpec, 'brokers'>): number[] =>
  Array.from({ length: brokers }, (_, i) => 2 * i);

/** Whether a Cassandra is started for the site. */
export const startsCassandra = ({ docker, store }: Pick<SiteSpec, 'docker' | 'store'>): boolean =>
  docker !== null && store?.kind === 'cassandra' && store.contactPoints === null;

/** Where a site that dds starts answers Confluent's API. */
export const registryUrl = ({ ports, docker }: Pick<SiteSpec, 'ports' | 'docker'>): string =>
  `http://127.0.0.1:${ports.registry}${docker?.registry === 'apicurio' ? '/apis/ccompat/v7' : ''}`;

/** Every port that a site listens on here, and which of its parts it belongs to; none for a cluster that exists already. */
export function usedPorts(
  site: Pick<SiteSpec, 'ports' | 'brokers' | 'docker' | 'store' | 'cluster'>,
): { part: keyof SitePorts; port: number }[] {
  if (site.cluster !== null) return [];
  return [
    ...brokerPorts(site).flatMap(({ kafka, wan }) => [
      { part: 'kafka' as const, port: kafka },
      { part: 'wan' as const, port: wan },
    ]),
    { part: 'registry', port: site.ports.registry },
    ...(startsCassandra(site) ? [{ part: 'cassandra' as const, port: site.ports.cassandra }] : []),
  ];
}
