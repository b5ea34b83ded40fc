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
