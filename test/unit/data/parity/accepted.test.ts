import { expect, test } from 'vitest';
import { explain } from '../../../../src/runtime/data/parity/accepted.ts';

const refused = {
  operation: 'produce: with acks 2',
  api: 'Produce',
  versions: [13],
  field: 'x.errorMessage',
};

test('a text of the embedded broker is accepted where the other has none, and not the other way round', () => {
  const reasons = (embedded: unknown, other: unknown) =>
    explain([{ ...refused, embedded, other }]).explained.map(({ reason }) => reason !== null);
  expect([reasons('acks 2', null), reasons('acks 2', ''), reasons(null, 'acks 2')]).toEqual([
    [true],
    [true],
    [false],
  ]);
});

test('what is accepted and not met is told; what is seen at sites alone counts there alone', () => {
  const acl = { operation: 'acls: create', api: 'CreateAcls', versions: [3], field: 'results[0].errorCode' };
  const found = [{ ...acl, embedded: 'NONE', other: 'SECURITY_DISABLED' }];
  expect(explain(found).explained[0]!.reason).toBeNull();
  expect(explain(found, true).explained[0]!.reason).toMatch(/authorizer/);
  const { stale } = explain([{ ...refused, embedded: 'a', other: null }]);
  expect(stale).toContain('produce: null for records | (answer)');
  expect(stale).not.toContain('produce: * | *rrorMessage');
  expect(stale).not.toContain('acls: * | *');
});
