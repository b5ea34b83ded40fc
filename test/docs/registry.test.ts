import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { registryPage } from '../docker/registry/page.ts';

test('docs/registry.md is what the comparison goes by; node scripts/registry-page.ts writes it', () => {
  expect(readFileSync(new URL('../../docs/registry.md', import.meta.url), 'utf8')).toBe(registryPage());
});
