import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { StackStatus } from '../../src/runtime/stack/types.ts';
import { type BotApi, failure, startBotApi, tooMany } from '../support/bot-api.ts';
import { type Workspace, workspace } from '../support/cli.ts';
import { eventually } from '../support/lab.ts';

const token = '123:secret';
let space: Workspace;
let telegram: BotApi;
let hook: BotApi;

const ok = async (args: string[], input?: string) => {
  const result = await space.dds(args, {
    env: { DDS_TELEGRAM_TOKEN: token },
    ...(input !== undefined && { input }),
  });
  expect(result.code, result.stderr).toBe(0);
  return result.stdout;
};

beforeAll(async () => {
  space = workspace();
  [telegram, hook] = await Promise.all([startBotApi(), startBotApi()]);
  const yaml = `sites: { central: }
topics:
  temperature-data: { schema: TemperatureData }
  temperature-threshold-events: { schema: TemperatureThresholdExceeded }
  device-registration: { schema: DeviceRegistration }
  sensor-registration: { schema: SensorRegistration }
  sensor-type-registration: { schema: SensorTypeRegistration }
detectors: { detector: { sites: central } }
notifiers:
  notifier:
    channels: [console, telegram, webhook]
    webhook: ${hook.url}/alerts
    telegram: { chat: -1001234, api: '${telegram.url}' }
`;
  writeFileSync(join(space.directory, 'dds.yaml'), yaml);
  await ok(['up', '--ports', 'auto']);
  const at = ['--site', 'central'];
  await ok(['register', 'device', 'hall-3', '--name', '<Hall> & 3', '--location', 'Stuttgart', ...at]);
  await ok(['register', 'sensor-type', 'fahrenheit', '--name', 'US probe', '--unit', '°F', ...at]);
  await ok([
    'register',
    'sensor',
    'probe-1',
    '--name',
    'Probe 1',
    '--device',
    'hall-3',
    '--type',
    'fahrenheit',
    ...at,
  ]);
}, 60_000);

afterAll(async () => {
  await space?.[Symbol.asyncDispose]();
  await telegram?.[Symbol.asyncDispose]();
  await hook?.[Symbol.asyncDispose]();
});

const measure = (sensor_id: string, ...readings: [timestamp: number, temperature: number][]) =>
  ok(
    ['produce', 'temperature-data', '--key-field', 'sensor_id', '--site', 'central'],
    readings
      .map(([timestamp, temperature]) => JSON.stringify({ sensor_id, timestamp, temperature, unit: 'C' }))
      .join('\n'),
  );
const takenBy = ({ received }: BotApi) => received.filter(({ status }) => status === 200);
const both = (count: number) =>
  eventually(
    `${count} messages`,
    () => takenBy(telegram).length >= count && takenBy(hook).length >= count,
    20_000,
  );
const info = async (service: string) => {
  const status = JSON.parse(await ok(['status', '--json'])) as StackStatus;
  const found = status.services.find((one) => one.service === service)!;
  const { sent, unknownSensors, deadLetters } = (found.info ?? {}) as Record<string, number>;
  return { pid: found.pid!, restarts: found.restarts, sent, unknownSensors, deadLetters };
};

test('a START and an END are one message each, through 429 and 5xx, in the unit of the sensor', async () => {
  telegram.script.push(tooMany(1), failure(502, 'Bad Gateway'));
  await measure('probe-1', [1_700_000_000_000, 101], [1_700_000_060_000, 105], [1_700_000_090_000, 103]);
  await both(1);
  await measure('probe-1', [1_700_000_120_000, 20]);
  await both(2);
  expect(telegram.received.map(({ status }) => status)).toEqual([429, 502, 200, 200]);
  const [start, end] = takenBy(telegram);
  expect(start!.path).toBe(`/bot${token}/sendMessage`);
  expect(start!.body).toMatchObject({ chat_id: '-1001234', parse_mode: 'HTML' });
  expect(start!.body.text).toBe(
    '<b>START</b> Probe 1 (probe-1) of &lt;Hall&gt; &amp; 3 (hall-3) in Stuttgart: 213.8 °F, above 212 °F, since 2023-11-14 22:13:20 UTC',
  );
  expect(end!.body.text).toContain(
    'for 1 min 30 s until 2023-11-14 22:14:50 UTC, average 218 °F, maximum 221 °F',
  );
  const [first, second] = hook.received;
  expect(first!.headers['idempotency-key']).toBe('probe-1/1700000000000/START');
  expect(second!.body).toMatchObject({
    ...{ phase: 'END', sensor: { id: 'probe-1', name: 'Probe 1' }, unit: 'F', durationMs: 90_000 },
    device: { id: 'hall-3', name: '<Hall> & 3', location: 'Stuttgart' },
  });
  const log = await ok(['logs', 'central/notifier']);
  expect(log).toContain('START Probe 1 (probe-1)');
  expect(log).not.toContain('secret');
}, 60_000);

test('after a SIGKILL nothing is sent again, and what comes then is', async () => {
  const before = await info('central/notifier');
  process.kill(before.pid, 'SIGKILL');
  await measure('probe-2', [1_700_000_000_000, 150]);
  await both(3);
  const after = await info('central/notifier');
  expect(after).toMatchObject({ restarts: before.restarts + 1, sent: 1, unknownSensors: 1 });
  expect(takenBy(telegram)).toHaveLength(3);
  expect(takenBy(telegram)[2]!.body.text).toBe(
    '<b>START</b> probe-2: 150 °C, above 100 °C, since 2023-11-14 22:13:20 UTC',
  );
}, 60_000);

test('a message that nobody will ever take goes to the dead-letter topic with the reason', async () => {
  telegram.script.push(failure(400, 'Bad Request: chat not found'));
  await measure('probe-3', [1_700_000_000_000, 120]);
  const letters = 'temperature-threshold-events.notifier.dead-letter';
  const [line] = await eventually(
    'the dead letter',
    async () => {
      const { stdout } = await space.dds(['tail', letters, '--json', '-n', '10', '-e']);
      const lines = stdout.split('\n').filter((text) => text !== '');
      return lines.length > 0 && lines;
    },
    20_000,
  );
  const letter = JSON.parse(line!) as { key: string; value: { phase: string }; headers: unknown };
  expect(letter).toMatchObject({ key: 'probe-3', value: { phase: 'START' } });
  expect(JSON.stringify(letter.headers)).toContain('telegram: answered 400: Bad Request: chat not found');
  expect((await info('central/notifier')).deadLetters).toBe(1);
}, 60_000);

test('a channel that lacks something keeps the stack from starting, and says what', async () => {
  await using other = workspace();
  const yaml = `sites: { central: }
topics:
  temperature-threshold-events: { schema: TemperatureThresholdExceeded }
  device-registration: { schema: DeviceRegistration }
  sensor-registration: { schema: SensorRegistration }
  sensor-type-registration: { schema: SensorTypeRegistration }
notifiers: { notifier: { channels: [telegram], telegram: { chat: 1 } } }
`;
  writeFileSync(join(other.directory, 'dds.yaml'), yaml);
  const { code, stderr } = await other.dds(['up', '--ports', 'auto']);
  expect(code).toBe(3);
  expect(stderr).toMatch(
    /^error: central\/notifier ended with code 2 before it was ready: the channel telegram needs the token of its bot$/m,
  );
  expect((await other.dds(['status'])).code).toBe(3);
}, 30_000);
