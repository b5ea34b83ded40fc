import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { topologyJsonSchema } from '../../src/runtime/topology/json-schema.ts';

it('docs/dds.schema.json is what dds validates with; node scripts/write-json-schema.js renews it', () => {
  expect(readFileSync(new URL('../../docs/dds.schema.json', import.meta.url), 'utf8')).toBe(
    topologyJsonSchema(),
  );
});
