// Writes the reference of docs/topology.md from the schema of dds.yaml: node scripts/topology-page.ts
import { readFileSync, writeFileSync } from 'node:fs';
import { withReference } from '../src/runtime/topology/reference.ts';

const page = new URL('../docs/topology.md', import.meta.url);
writeFileSync(page, withReference(readFileSync(page, 'utf8')));
