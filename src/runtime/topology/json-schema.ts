import { z } from 'zod';
import { topologyFile } from './file-schema.ts';

/** The JSON Schema of dds.yaml, for editors: the text of docs/dds.schema.json. */
export function topologyJsonSchema(): string {
  const schema = z.toJSONSchema(topologyFile, { io: 'input', target: 'draft-7' });
  const { $schema, ...rest } = schema;
  const document = {
    $schema,
    title: 'dds.yaml',
    description: 'A topology of dds: sites, topics and jobs.',
    ...rest,
  };
  return `${JSON.stringify(document, null, 2)}\n`;
}
