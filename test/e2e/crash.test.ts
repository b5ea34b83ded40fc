import { it } from 'vitest';
import { crashUnderLoad } from '../support/e2e/crash-under-load.ts';

it(
  'SIGKILL of site, sink, relay and supervisor under load: every acknowledged record is one row',
  () => crashUnderLoad('embedded'),
  240_000,
);
