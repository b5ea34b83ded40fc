import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { parityPage } from '../../src/runtime/data/parity/page.ts';

test('docs/parity.md is what dds parity goes by; node scripts/parity-page.ts writes it', () => {
  expect(readFileSync(new URL('../../docs/parity.md', import.meta.url), 'utf8')).toBe(parityPage());
});
