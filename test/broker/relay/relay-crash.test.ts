import { expect, it } from 'vitest';
import { eventually } from '../../support/lab.ts';
import { RelayLab } from '../../support/relay-lab.ts';
import { exactlyOnceUnderFire, underFire } from '../../support/relay-under-fire.ts';

it('loses nothing at least once when it is killed under load, and doubles only what says so', async () => {
  await using lab = new RelayLab();
  const sites = [await lab.site('edge-1'), await lab.site('central')] as const;
  const { sent, arrived } = await underFire(lab, sites, 'at-least-once', [30, 700, 1500, 1800]);
  const everything = async () => {
    const read = await arrived();
    const sources = new Map(
      read.map((record) => [`${record.partition} ${record.headers['dds-source']!.toString('hex')}`, record]),
    );
    return sources.size >= sent ? { read, unique: [...sources.values()] } : null;
  };
  const { read, unique } = await eventually('everything', everything, 30_000);
  expect(unique.map(({ timestamp }) => timestamp).sort((a, b) => a - b)).toEqual(
    Array.from({ length: sent }, (_, i) => i),
  );
  expect(read.length).toBeGreaterThan(sent);
  // What a sink keeps that skips whatever is not beyond the highest source offset it has.
  const highest = new Map<number, bigint>();
  let kept = 0;
  for (const { partition, headers } of read) {
    const offset = headers['dds-source']!.readBigInt64BE(16);
    if (offset <= (highest.get(partition) ?? -1n)) continue;
    expect(offset).toBe((highest.get(partition) ?? -1n) + 1n);
    highest.set(partition, offset);
    kept++;
  }
  expect(kept).toBe(sent);
}, 120_000);

it('shows readers of the target each record once and in order, whenever it is killed', async () => {
  await using lab = new RelayLab();
  await exactlyOnceUnderFire(lab, [await lab.site('edge-1'), await lab.site('central')]);
}, 120_000);
