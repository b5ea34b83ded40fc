import { expect, test } from 'vitest';
import { murmur2, partitionFor } from '../../../src/runtime/kafka/partitioner.ts';

// org.apache.kafka.common.utils.UtilsTest.testMurmur2
test.each([
  ['21', -973932308],
  ['foobar', -790332482],
  ['a-little-bit-long-string', -985981536],
  ['a-little-bit-longer-string', -1486304829],
  ['lkjh234lh9fiuh90y23oiuhsafujhadof229phr9h19h89h8', -58897971],
  ['abc', 479470107],
])('murmur2 of %s is what the Java clients compute', (text, hash) => {
  expect(murmur2(Buffer.from(text))).toBe(hash);
});

test('a key with a negative hash still has a partition', () => {
  expect(partitionFor(Buffer.from('21'), 7)).toBe((-973932308 & 0x7fffffff) % 7);
});
