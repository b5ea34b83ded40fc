// Writes docs/parity.md from the list that dds parity goes by: node scripts/parity-page.ts
import { writeFileSync } from 'node:fs';
import { parityPage } from '../src/runtime/data/parity/page.ts';

writeFileSync(new URL('../docs/parity.md', import.meta.url), parityPage());
