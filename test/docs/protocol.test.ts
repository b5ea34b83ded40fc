import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { protocolPage } from '../../src/runtime/broker/protocol-page.ts';

test('docs/protocol.md is what the handler table says', () => {
  const page = readFileSync(new URL('../../docs/protocol.md', import.meta.url), 'utf8');
  // To write it anew: node -e "import('./src/runtime/broker/protocol-page.ts').then(p => process.stdout.write(p.protocolPage()))" > docs/protocol.md
  expect(page).toBe(protocolPage());
});
