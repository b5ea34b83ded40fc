import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { workspace } from '../../support/cli.ts';

test('a command gets the endpoints, its input and its exit code, and the stack is gone after it', async () => {
  await using space = workspace();
  const script = 'cat; echo "$DDS_SITE $DDS_EDGE_1_BROKERS"; exit 7';
  const args = ['exec', '--sites', '1', '--ports', 'auto', '--', 'sh', '-c', script];
  const { code, stdout } = await space.dds(args, { input: 'hello\n' });
  expect(stdout).toMatch(/^hello\ncentral 127\.0\.0\.1:\d+\n$/);
  expect(code).toBe(7);
  expect((await space.dds(['status'])).code).toBe(3);
}, 60_000);

test('a command that does not exist starts nothing', async () => {
  await using space = workspace();
  const { code, stdout, stderr } = await space.dds(['exec', '--', 'no-such-command']);
  expect([code, stdout]).toEqual([2, '']);
  expect(stderr).toContain('there is no command no-such-command');
  const listed = await space.dds(['ls', '--json']);
  expect(listed.stdout).not.toContain(space.directory);
});

test('a signal is for the command, its code comes out, and the stack is gone all the same', async () => {
  await using space = workspace();
  const command = 'echo started; exec sleep 100';
  const running = space.start(['exec', '--sites', '1', '--ports', 'auto', '--', 'sh', '-c', command]);
  await running.seen(/started/);
  running.kill('SIGTERM');
  expect((await running.result).code).toBe(143);
  expect((await space.dds(['status'])).code).toBe(3);
}, 60_000);

test('a site that is not there is told before anything is started', async () => {
  await using space = workspace();
  const refused = await space.dds(['exec', '--sites', '1', '--site', 'edge-7', '--', 'true']);
  expect(refused).toMatchObject({ code: 2, stdout: '' });
  expect(refused.stderr).toContain('no site "edge-7" in this stack');
  expect(existsSync(join(space.directory, '.dds'))).toBe(false);
});
