import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { workspace } from '../support/cli.ts';

test('register, registered and unregister, as a person and as a script', async () => {
  await using lab = workspace();
  writeFileSync(join(lab.directory, 'dds.yaml'), 'name: plant\nsites: { edge-1: {}, edge-2: {} }\n');
  expect((await lab.dds(['registered'])).code).toBe(3);
  expect((await lab.dds(['up', '--ports', 'auto'])).code).toBe(0);

  const early = await lab.dds(['register', 'sensor', 's-1', '--device', 'd-1', '--type', 't-1', '--json']);
  expect(early.code).toBe(2);
  expect(JSON.parse(early.stdout)).toMatchObject({
    error: { code: 'DDS_UNKNOWN_REFERENCE', hint: expect.stringContaining('No device is registered') },
  });

  const device = await lab.dds(['register', 'device', 'd-1', '--name', 'Boiler', '--location', 'Hall 2']);
  expect(device).toMatchObject({ code: 0, stdout: 'device "d-1" registered at edge-1, edge-2\n' });
  const type = await lab.dds(['register', 'sensor-type', 't-1', '--unit', 'C', '--site', 'edge-1', '--json']);
  expect(JSON.parse(type.stdout)).toEqual({
    kind: 'sensor-type',
    entry: { id: 't-1', name: 't-1', description: '', unit: 'C' },
    sites: ['edge-1'],
  });
  const typo = await lab.dds([
    'register',
    'sensor',
    's-1',
    '--device',
    'd-2',
    '--type',
    't-1',
    '--site',
    'edge-1',
  ]);
  expect(typo).toMatchObject({ code: 2, stdout: '' });
  expect(typo.stderr).toContain('sensor "s-1": no device "d-2" at edge-1');
  expect(typo.stderr).toContain('Did you mean d-1?');
  const sensor = ['register', 'sensor', 's-1', '--device', 'd-1', '--type', 't-1'];
  expect((await lab.dds([...sensor, '--site', 'edge-1'])).code).toBe(0);
  expect((await lab.dds([...sensor, '--no-check', '--site', 'edge-2'])).code).toBe(0);

  const listed = await lab.dds(['registered', '--json']);
  expect(JSON.parse(listed.stdout)).toEqual({
    devices: [
      { id: 'd-1', name: 'Boiler', description: '', location: 'Hall 2', sites: ['edge-1', 'edge-2'] },
    ],
    sensors: [
      {
        id: 's-1',
        name: 's-1',
        description: '',
        deviceId: 'd-1',
        sensorTypeId: 't-1',
        sites: ['edge-1', 'edge-2'],
      },
    ],
    sensorTypes: [{ id: 't-1', name: 't-1', description: '', unit: 'C', sites: ['edge-1'] }],
  });
  const table = await lab.dds(['registered', 'devices']);
  expect(table.stdout).toBe(
    'DEVICE  NAME    LOCATION  DESCRIPTION  SITES\nd-1     Boiler  Hall 2                 edge-1, edge-2\n',
  );

  const inUse = await lab.dds(['unregister', 'device', 'd-1']);
  expect(inUse.code).toBe(2);
  expect(inUse.stderr).toContain('DDS_STILL_REFERENCED');
  expect((await lab.dds(['unregister', 'device', 'd-1', '--force'])).code).toBe(0);
  const gone = await lab.dds(['unregister', 'device', 'd-1']);
  expect(gone.code).toBe(2);
  expect(gone.stderr).toContain('no device "d-1" at edge-1, edge-2');
  expect((await lab.dds(['register', 'device', 'd-1', '--site', 'edge-3'])).code).toBe(2);
});
