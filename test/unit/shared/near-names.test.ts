import { expect, it } from 'vitest';
import { nearNames } from '../../../src/shared/near-names.ts';

it.each([
  ['prots', ['ports', 'role', 'store'], ['ports']],
  ['Topic', ['topics', 'relays'], ['topics']],
  ['temprature-data', ['temperature-data', 'device-registration'], ['temperature-data']],
  ['zzz', ['ports', 'role', 'job'], []],
  ['edge-3', ['edge-1', 'edge-2', 'central'], ['edge-1', 'edge-2']],
])('%s', (typed, known, expected) => expect(nearNames(typed, known)).toEqual(expected));
