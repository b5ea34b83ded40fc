import { describe, expect, it } from 'vitest';
import { parseSources } from '../../../../src/runtime/jobs/relay/source-spec.ts';

const one = 'edge-1,brokers=127.0.0.1:9193;127.0.0.1:9194,registry=http://127.0.0.1:8181';
const two = 'edge-2,registry=http://h:1,brokers=h:2';

const expected = [
  { site: 'edge-1', brokers: ['127.0.0.1:9193', '127.0.0.1:9194'], registryUrl: 'http://127.0.0.1:8181' },
  { site: 'edge-2', brokers: ['h:2'], registryUrl: 'http://h:1' },
];

describe('parseSources', () => {
  it('reads flags', () => expect(parseSources([one, two])).toEqual(expected));
  it('reads the variable', () => expect(parseSources(undefined, `${one};${two}`)).toEqual(expected));
  it('prefers flags', () => expect(parseSources([two], one)).toEqual([expected[1]]));
  it.each([
    ['edge-1'],
    ['edge-1,brokers=h:1'],
    ['edge-1,registry=http://h:1'],
    ['edge-1,brokers=,registry=http://h:1'],
    ['edge-1,brokers=h:1,registry=http://h:1,colour=red'],
    ['edge-1,brokers,registry=http://h:1'],
    ['brokers=h:1,registry=http://h:1'],
  ])('refuses %s', (text) => {
    expect(() => parseSources([text])).toThrow(expect.objectContaining({ code: 'DDS_USAGE' }));
  });
  it('does not repeat a password', () => {
    expect(() => parseSources(['edge-1,brokers=h:1,registry=http://me:secret@h:1,x=1'])).toThrow(
      '--source edge-1,brokers=h:1,registry=http://…@h:1,x=1 is not a source',
    );
  });
  it('refuses none and doubles', () => {
    expect(() => parseSources(undefined, '')).toThrow('no source');
    expect(() => parseSources([one, one])).toThrow('edge-1 is given twice');
  });
});
