import { it } from 'vitest';
import { workspace } from '../support/cli.ts';
import { crashUnderLoad } from '../support/e2e/crash-under-load.ts';
import { upExample } from '../support/e2e/lab-engine.ts';

it('SIGKILL of site, sink, relay and supervisor under load: every acknowledged record is one row', async () => {
  await using space = workspace();
  await upExample(space, 'embedded');
  await crashUnderLoad(space, () => upExample(space, 'embedded'));
}, 240_000);
