import { z } from 'zod';
import { imageNames, imageTable, imageVariable } from './images.ts';
import { says, strict } from './schema-words.ts';

const heap = (of: string, mib: number) =>
  says(z.int().min(64).max(1_000_000), 'MiB, from 64', `Of ${of}. Default ${mib}.`).optional();

const image = (name: (typeof imageNames)[number]) =>
  says(
    z.string().regex(/^[a-z0-9][\w./:@-]*$/),
    'the name of an image such as registry.example/kafka:4.4.0',
    `Default ${imageTable[name]}; ${imageVariable(name)} goes before it.`,
  ).optional();

/** What the docker engine makes of a site, or with the same keys at the top of all sites. */
export const dockerOptions = strict(
  {
    brokers: says(
      z.union([z.literal(1), z.literal(3)]),
      '1 or 3',
      'Kafka containers; with 3 every topic has three replicas. Default 1.',
    ).optional(),
    native: says(
      z.boolean(),
      'true or false',
      'Kafka compiled to a native program (apache/kafka-native): it starts faster and is meant for tests. Default false.',
    ).optional(),
    registry: says(
      z.enum(['apicurio', 'confluent', 'karapace', 'embedded']),
      'apicurio, confluent, karapace or embedded',
      'Which Schema Registry; embedded is the one of dds, on the Kafka of the site. Default apicurio.',
    ).optional(),
    heap: strict(
      {
        kafka: heap('each broker', 320),
        registry: heap('the Schema Registry', 192),
        cassandra: heap('Cassandra', 384),
      },
      'a map of heap sizes',
    )
      .meta({ description: 'Java heaps in MiB.' })
      .optional(),
    images: strict(
      Object.fromEntries(imageNames.map((name) => [name, image(name)])) as Record<
        (typeof imageNames)[number],
        ReturnType<typeof image>
      >,
      'a map of images',
    )
      .meta({ description: 'Other images in place of those that dds names.' })
      .optional(),
  },
  'settings of the docker engine',
);
