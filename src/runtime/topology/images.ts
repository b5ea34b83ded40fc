/** What the docker engine starts a container of. */
export type ImageName = 'kafka' | 'kafka-native' | 'apicurio' | 'confluent' | 'karapace' | 'cassandra';

/** Every image with its version. dds.yaml (`images:`) and the environment (`DDS_IMAGE_KAFKA` …) put others in their place. */
export const imageTable: Readonly<Record<ImageName, string>> = {
  kafka: 'apache/kafka:4.4.0',
  'kafka-native': 'apache/kafka-native:4.4.0',
  apicurio: 'apicurio/apicurio-registry:3.3.3',
  confluent: 'confluentinc/cp-schema-registry:8.1.0',
  karapace: 'ghcr.io/aiven-open/karapace:5.0.3',
  cassandra: 'cassandra:5.0.9',
};

export const imageNames = Object.keys(imageTable) as ImageName[];

/** `DDS_IMAGE_KAFKA`, `DDS_IMAGE_KAFKA_NATIVE` … */
export const imageVariable = (name: ImageName): string =>
  `DDS_IMAGE_${name.toUpperCase().replaceAll('-', '_')}`;

export type ImageOverrides = Readonly<Partial<Record<ImageName, string | undefined>>>;

/** The images that variables name; DDS_IMAGE_REGISTRY stands for whichever registry a site has. */
export function imagesOfEnvironment(env: Readonly<Record<string, string | undefined>>): ImageOverrides {
  const registry = env.DDS_IMAGE_REGISTRY || undefined;
  return Object.fromEntries(
    imageNames.map((name) => [
      name,
      env[imageVariable(name)] || (registries.includes(name) ? registry : undefined),
    ]),
  );
}

const registries: readonly ImageName[] = ['apicurio', 'confluent', 'karapace'];
