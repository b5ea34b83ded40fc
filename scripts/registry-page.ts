// Writes docs/registry.md from the list that test/docker/registry.test.ts goes by: node scripts/registry-page.ts
import { writeFileSync } from 'node:fs';
import { registryPage } from '../test/docker/registry/page.ts';

writeFileSync(new URL('../docs/registry.md', import.meta.url), registryPage());
