import assert from 'node:assert/strict';
import { test } from 'node:test';
import { localAvro, testDriver } from 'dds-lab/streams';
import { reverse, reverseTopology, topics } from '../src/topology.ts';

const { input, output } = topics(localAvro);

test('a text comes out backwards, under its key and with its time', () => {
  using driver = testDriver(reverseTopology(localAvro));
  driver.in(input).pipe('k', { text: 'stressed' }, { ts: 1000 });
  driver.in(input).pipe('k', { text: '' }, { ts: 2000 });
  const records = driver.out(output).drain();
  assert.deepEqual(
    records.map(({ key, value, timestamp }) => [key, value?.text, timestamp]),
    [
      ['k', 'desserts', 1000],
      ['k', '', 2000],
    ],
  );
});

test('accents and flags stay whole', () => {
  assert.equal(reverse('cafe\u0301 🇩🇪!'), '!🇩🇪 e\u0301fac');
});
