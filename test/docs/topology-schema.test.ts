import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { topologyJsonSchema } from '../../src/runtime/topology/json-schema.ts';
import { topologyReference, withReference } from '../../src/runtime/topology/reference.ts';

const read = (file: string) => readFileSync(new URL(`../../docs/${file}`, import.meta.url), 'utf8');

it('docs/dds.schema.json is what dds validates with; node scripts/write-json-schema.js renews it', () => {
  expect(read('dds.schema.json')).toBe(topologyJsonSchema());
});

it('the reference in docs/topology.md is that of the schema; node scripts/topology-page.ts renews it', () => {
  const page = read('topology.md');
  expect(withReference(page)).toBe(page);
});

it('the reference has every key, with what it takes', () => {
  const reference = topologyReference();
  expect(reference).toContain('### `sites.NAME.topics.NAME`');
  expect(reference).toContain('### `fleets.NAME.faults`');
  expect(reference).toMatch(/^\| `sites` \| a map of sites \| Required\. /m);
  for (const row of reference.split('\n').filter((line) => line.startsWith('| `'))) {
    expect(row, row).toMatch(/^\| `[a-zA-Z-]+` \| \S.* \| .* ?\|$/);
  }
});
