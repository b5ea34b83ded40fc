// Writes docs/dds.schema.json from the schema that dds validates dds.yaml with. Run it with Node.js 24.
import { writeFileSync } from 'node:fs';
import { topologyJsonSchema } from '../src/runtime/topology/json-schema.ts';

writeFileSync(new URL('../docs/dds.schema.json', import.meta.url), topologyJsonSchema());
