import { expect, test } from 'vitest';
import { serviceSays } from '../../../src/cli/service-text.ts';
import type { ServiceStatus } from '../../../src/runtime/stack/types.ts';

const ready: Omit<ServiceStatus, 'kind' | 'info'> = {
  ...{ service: 'edge-1/x', site: 'edge-1', state: 'ready', pid: 1, restarts: 0, uptimeMs: 1 },
  ...{ rssBytes: null, cpuMs: null, http: null, lastError: null },
};

test('a sink that cannot store says how far behind it is, and why', () => {
  const trouble = 'the database /x/store.duckdb: no space left on its disk';
  const info = { rows: 1200, lagRecords: 34, deadLetters: 0, trouble };
  expect(serviceSays({ ...ready, kind: 'sink', info })).toBe(`1,200 rows, 34 behind, ${trouble}`);
  expect(serviceSays({ ...ready, kind: 'sink', info: { ...info, lagRecords: 0, trouble: null } })).toBe(
    '1,200 rows, 0 behind',
  );
});

test('a relay tells the lag of a source that does not answer, as last heard', () => {
  const info = {
    sources: [
      { source: 'edge-1', state: 'connected', lagRecords: 3, held: [] },
      { source: 'edge-2', state: 'stalled', lagRecords: 120, held: [] },
    ],
  };
  expect(serviceSays({ ...ready, kind: 'relay', info })).toBe('edge-1 3 behind, edge-2 stalled, 120 behind');
});
