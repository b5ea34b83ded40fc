import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { workspace } from '../../support/cli.ts';

test('dds init topology writes the example once', async () => {
  await using lab = workspace();
  const file = join(lab.directory, 'dds.yaml');
  const written = await lab.dds(['init', 'topology', '--sites', '3']);
  expect(written).toMatchObject({
    code: 0,
    stdout: `Wrote dds.yaml with the sites edge-1, edge-2, edge-3, central.
Next, for a job of your own:
  dds init stream my-job --template reverse
Then, or at once:
  dds up
`,
    stderr: '',
  });
  expect(readFileSync(file, 'utf8')).toContain('\nsites:\n  edge-1:\n  edge-2:\n  edge-3:\n  central:\n');

  const again = await lab.dds(['init', 'topology']);
  expect(again).toMatchObject({ code: 2, stdout: '' });
  expect(again.stderr).toMatch(/^error: dds\.yaml is there already\n.*--force.*DDS_FILE_EXISTS/);

  const forced = await lab.dds(['init', 'topology', '--force', '--sites', '1', '--json']);
  expect(JSON.parse(forced.stdout)).toEqual({ file, sites: ['edge-1', 'central'] });

  for (const sites of ['0', '500', '-1']) {
    const refused = await lab.dds(['init', 'topology', 'other.yaml', '--sites', sites]);
    expect(refused.code).toBe(2);
    expect(refused.stderr).toContain(`--sites takes a whole number from 1 to 20, not ${sites}`);
  }
  expect(existsSync(join(lab.directory, 'other.yaml'))).toBe(false);
});
