import { test } from 'vitest';
import { workspace } from '../support/cli.ts';
import { aloneIds, examplesOf, expectWorks, prepare } from '../support/examples.ts';
import { shellIn } from '../support/shell.ts';

test.each(aloneIds)('dds %s: its examples work anywhere', { timeout: 180_000 }, async (id) => {
  for (const example of examplesOf(id)) {
    await using space = workspace();
    prepare(space);
    const type = shellIn(space);
    if (id === 'init:update') await type('dds init stream my-job --template reverse --no-install');
    // `demo --keep` leaves a stack where temporary files go.
    await expectWorks(type, `export TMPDIR=$PWD; ${example}`);
    await type('for kept in dds-demo-*/; do cd "$kept" && TMPDIR=$OLDPWD dds down --purge; done');
  }
});
