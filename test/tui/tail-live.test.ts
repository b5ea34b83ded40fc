import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { placeMark, sourceHeaderBytes, sourceMarkAt } from '../../src/shared/relay-headers.ts';
import { type NewRecord, startTailLab, type TailLab } from '../support/tail-lab.ts';
import { tmuxMissing } from '../support/tmux.ts';

if (tmuxMissing) process.stderr.write(`${tmuxMissing}\n`);

const million = 1_000_000;
const note = (value: string, more: Partial<NewRecord> = {}): NewRecord => ({
  ...{ site: 'edge-1', topic: 'notes', key: null, value, timestamp: Date.now() },
  ...more,
});
function* notes(count: number, special = -1): Iterable<NewRecord> {
  for (let i = 0; i < count; i++) yield note(i === special ? 'the needle' : `straw ${i}`);
}

describe.skipIf(tmuxMissing)('dds tail while records come', () => {
  let lab: TailLab;
  beforeAll(async () => {
    lab = await startTailLab();
  });
  afterAll(async () => {
    await lab?.[Symbol.asyncDispose]();
  });

  test('the time from the edge to the centre is that between the two records', async () => {
    await using terminal = await lab.tail('notes', { columns: 120 });
    await terminal.until(/central {2}notes .* 0\/s/);
    await lab.produce([note('from the edge', { key: 'first' })]);
    await terminal.until(/first .*from the edge/);
    const [topic] = await lab.kafka['edge-1'].admin().describeTopics(['notes']);
    const source = Buffer.alloc(sourceHeaderBytes);
    Buffer.from(topic!.id!.replaceAll('-', ''), 'hex').copy(source);
    source.writeUInt32BE(placeMark('notes', 0), sourceMarkAt);
    const headers = [
      { key: 'dds-site', value: Buffer.from('edge-1') },
      { key: 'dds-source', value: source },
    ];
    await lab.produce([note('from the edge', { site: 'central', key: 'first', headers })]);
    const screen = await terminal.until(/central {2}notes\/0@0 .*first/);
    expect(screen).toMatch(/central {2}notes\/0@0 +(\d+ ms|\d+\.\d s) {2}first/);
    expect(screen).toMatch(/edge-1 {3}notes\/0@0 {10,}first/);
  });

  test('pausing and scrolling lose no count', async () => {
    await using terminal = await lab.tail('notes');
    await terminal.until(/central {2}notes .* 0\/s/);
    await lab.produce(notes(5000));
    await terminal.until(/\b5,000 records/);
    await terminal.press('k', 'k', 'C-u');
    await terminal.until(/paused/);
    await lab.produce(notes(20_000));
    const paused = await terminal.until(/\b25,000 records/);
    expect(paused).toMatch(/paused · [\d,]+ older · 2\d,\d{3} newer/);
    await terminal.press('g');
    await terminal.until(/paused · 0 older · 24,999 newer/);
    await terminal.press('G');
    await terminal.until(/following/);
    await lab.produce([note('the last one')]);
    expect(await terminal.until(/the last one/)).toMatch(/\b25,001 records/);
    await terminal.press('q');
    expect(await terminal.until(/left with/)).toMatch(/^25,001 records of 1 topic/m);
  });

  test('a broker that is stopped shows as away, and the view goes on when it is back', async () => {
    await using terminal = await lab.tail('notes', { columns: 120 });
    await terminal.until(/central {2}notes .* 0\/s/);
    expect(await lab.space.dds(['stop', 'central/site'])).toMatchObject({ code: 0 });
    await terminal.until(/central {2}notes .* away/);
    expect(await lab.space.dds(['start', 'central/site'])).toMatchObject({ code: 0 });
    await terminal.until((screen) => !/ away /.test(screen));
    await lab.produce([note('after the restart', { site: 'central' })]);
    expect(await terminal.until(/after the restart/)).toMatch(/\b1 records/);
  });

  test('a filter finds the one record in a million, also when all were read before', async () => {
    await lab.produce(notes(million, 123_456));
    await using terminal = await lab.tail('notes --site edge-1 --from oldest', { columns: 120 });
    await terminal.until(
      (screen) => /\b1,0\d\d,\d{3} records/.test(screen) && !screen.includes('reading'),
      60_000,
    );
    await terminal.press('/');
    await terminal.type('needle');
    await terminal.press('Enter');
    const found = await terminal.until(/ 1 of 1,0\d\d,\d{3} records matched$/m, 60_000);
    expect(found).toMatch(/"the needle"/);
  }, 240_000);
});
