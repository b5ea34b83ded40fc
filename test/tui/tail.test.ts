import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type NewRecord, startMs, startTailLab, type TailLab } from '../support/tail-lab.ts';
import { tmuxMissing } from '../support/tmux.ts';

if (tmuxMissing) process.stderr.write(`${tmuxMissing}\n`);

let lab: TailLab;
const readings = 40;
const evil = `\u001b[2J\u001b]0;owned\u0007\u202eabc`;

/** The same records each time: readings of the edge, and at the centre notes that are hard to show. */
function records(): NewRecord[] {
  const notes: [string | null, Buffer | string | null][] = [
    ['plain', 'a text'],
    ['json', '{"a": 12345678901234567890, "b": [], "c": {"d": [1, true, null, "x"]}}'],
    ['wide', '日本語のテキスト and 👩‍👩‍👧‍👦 and e\u0301'],
    [`evil${evil}`, evil],
    [null, null],
    ['binary', Buffer.from([0xff, 0xfe, 0x00, 0x9b, 0x31])],
  ];
  const at = (i: number) => startMs + i * 1000;
  return [
    ...Array.from({ length: readings }, (_, i) => ({
      ...{ site: 'edge-1' as const, topic: 'readings', key: `sensor-${i % 4}`, timestamp: at(i) },
      value: lab.reading(at(i), 20 + i / 4),
    })),
    ...notes.map(([key, value], i) => ({
      ...{
        site: 'central' as const,
        topic: 'notes',
        key,
        value,
        timestamp: at(readings - 8) + i * 1000 + 500,
      },
      headers: i === 1 ? [{ key: 'source', value: Buffer.from('edge-1') }] : [],
    })),
    {
      ...{ site: 'central', topic: 'readings', key: 'sensor-9', timestamp: at(readings - 1) + 500 },
      value: Buffer.from([0, 0, 0, 0, 99, 1, 2, 3]),
    },
  ];
}

describe.skipIf(tmuxMissing)('dds tail in a terminal', () => {
  beforeAll(async () => {
    lab = await startTailLab();
    await lab.produce(records());
    await lab.kafka.central.admin().commit('reports', [{ topic: 'notes', partition: 0, offset: 2 }]);
  });
  afterAll(async () => {
    await lab?.[Symbol.asyncDispose]();
  });

  const all = (screen: string) =>
    /\b47 records/.test(screen) && /reports 4/.test(screen) && !/reading\b/.test(screen);

  test.each([
    [80, 24],
    [160, 50],
  ])('frames at %ix%i', async (columns, rows) => {
    await using terminal = await lab.tail('--from oldest', { columns, rows });
    const frame = async (name: string, fits: (screen: string) => boolean) => {
      const screen = await terminal.until(fits);
      await expect(`${screen}\n`).toMatchFileSnapshot(`screens/tail-${name}-${columns}x${rows}.txt`);
    };
    const decoded = (screen: string) => all(screen) && !screen.includes('waiting for');
    await frame('following', (screen) => decoded(screen) && /following ─/.test(screen));
    await terminal.press('?');
    await frame('help', (screen) => /── help/.test(screen));
    await terminal.press('?', 'k', 'k', 'Enter');
    await frame(
      'detail',
      (screen) => /── detail/.test(screen) && decoded(screen) && /version 1/.test(screen),
    );
    await terminal.press('Escape');
    await terminal.until((screen) => !screen.includes('── detail'));
    await terminal.press('/');
    await terminal.type('value.temperature > 28.0');
    await frame('filter', (screen) => /> 28\.0/.test(screen));
    await terminal.press('Enter');
    await frame('filtered', (screen) => /7 of 47 records matched/.test(screen) && !screen.includes('to go'));
    await terminal.press('Escape', 't');
    await frame('topics', (screen) => /── topics to show/.test(screen));
  });

  test('keys move, pause, look for errors and copy; the summary is right', async () => {
    await using terminal = await lab.tail('--from oldest');
    await terminal.until(all);
    await terminal.press('g');
    expect(await terminal.until(/paused · 0 older · 46 newer/)).toMatch(/08:00:00\.000/);
    await terminal.press('j', 'j', 'C-d');
    await terminal.until(/paused · [1-9]\d* older/);
    await terminal.press('e');
    await terminal.until(/paused · 43 older/);
    await terminal.press('E');
    await terminal.until(/paused · 46 older/);
    await terminal.press('Enter');
    const detail = await terminal.until(/error {5}/);
    expect(detail).toMatch(/schema id 99 is not registered/);
    await terminal.press('Enter', 'g', 'c');
    await terminal.until(/copied the record as JSON/);
    expect(JSON.parse(await terminal.clipboard())).toMatchObject({
      ...{ site: 'edge-1', topic: 'readings', offset: 0, ts: startMs },
      value: { temperature: 20 },
    });
    await terminal.press('Space');
    await terminal.until(/── following/);
    await terminal.press('q');
    const left = await terminal.until(/left with/);
    expect(left).toMatch(/^before\n47 records of 2 topics at 2 sites\nleft with 0/);
    expect(await terminal.state()).toEqual({ cursorShown: true, alternate: false });
  });

  test('nothing of a payload steers the terminal', async () => {
    await using terminal = await lab.tail('notes --from oldest --grep abc', { columns: 160, rows: 24 });
    const screen = await terminal.until(/1 of 6 records matched/);
    expect(screen).toContain('\\u001b[2J\\u001b]0;owned\\u0007\\u202eabc');
    expect(screen).toMatch(/^dds tail/);
  });

  test.each([
    ['C-c', 130],
    ['TERM', 143],
  ])('%s restores the screen and the cursor', async (how, code) => {
    await using terminal = await lab.tail('--from oldest');
    await terminal.until(all);
    if (how === 'TERM') process.kill(await terminal.pid(), 'SIGTERM');
    else await terminal.press(how);
    expect(await terminal.until(/left with/)).toMatch(
      new RegExp(`^before\n47 records of .*\nleft with ${code}`),
    );
    expect(await terminal.state()).toEqual({ cursorShown: true, alternate: false });
  });

  test('sites and topics can be left out, and are counted all the same', async () => {
    await using terminal = await lab.tail('--from oldest');
    await terminal.until(all);
    await terminal.press('s', 'Space', 'Enter');
    const screen = await terminal.until((text) => !/sensor-[0-3]/.test(text) && /── following/.test(text));
    expect(screen).toContain('47 records');
    expect(screen).toContain('plain');
  });

  test('a filter that is not understood is told, and nothing changes', async () => {
    await using terminal = await lab.tail('--from oldest');
    await terminal.until(all);
    await terminal.press('/');
    await terminal.type('value.temperature >');
    await terminal.press('Enter');
    await terminal.until(/--where value\.temperature >/);
    await terminal.press('C-u');
    await terminal.type('(');
    await terminal.press('Enter');
    await terminal.until(/is not a valid regular expression/);
    await terminal.press('Escape');
    await terminal.until(/── following/);
  });

  test.each([
    ['< /dev/null', {}],
    ['--no-live', {}],
    ['', { TERM: 'dumb' }],
    ['', { NO_COLOR: '1' }],
    ['', { CI: 'true' }],
  ])('dds tail %s with %j prints lines', async (how, env) => {
    await using terminal = await lab.tail(`notes -n 6 ${how}`, { columns: 160, rows: 24, env });
    const screen = await terminal.until(/binary .*cannot be decoded/);
    expect(screen).toMatch(/^before\n2024-01-31 08:00:32\.500 central notes\/0@0 plain "a text"\n/);
    expect((await terminal.state()).alternate).toBe(false);
    await terminal.press('C-c');
    expect(await terminal.until(/left with/)).toContain('6 records of 1 topic at 2 sites');
  });

  test('--live shows the view in spite of NO_COLOR, without a colour', async () => {
    await using terminal = await lab.tail('--from oldest --live', { env: { NO_COLOR: '1' } });
    await terminal.until(all);
    expect(await terminal.colouredScreen()).not.toMatch(/\[(3[0-7]|38)/);
  });

  test.each([
    ['screen-256color', /\[38;5;\d+m/],
    ['ansi', /\[3[1-7]m/],
  ])('TERM=%s has the colours of that terminal', async (term, colour) => {
    await using terminal = await lab.tail('--from oldest', { env: { TERM: term, COLORTERM: '' } });
    await terminal.until(all);
    const screen = await terminal.colouredScreen();
    expect(screen).toMatch(colour);
    expect(/\[38;5;\d+m/.test(screen)).toBe(term !== 'ansi');
  });
});
