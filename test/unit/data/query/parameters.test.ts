import { expect, it } from 'vitest';
import { parseParameters } from '../../../../src/runtime/data/query/parameters.ts';

it.each([
  [['min=20', 'on=true', 'no=null', 'half=0.5'], { min: 20, on: true, no: null, half: 0.5 }],
  [
    ['id=sensor-1', 'code=007', 'quoted="5"', 'none='],
    { id: 'sensor-1', code: '007', quoted: '5', none: '' },
  ],
  [['list=[1]', 'sum=a=b'], { list: '[1]', sum: 'a=b' }],
  [['big=9007199254740993', 'low=-9007199254740993'], big('9007199254740993', '-9007199254740993')],
  [
    ['5', 'a b', '-1'],
    [5, 'a b', -1],
  ],
  [['1=x', '2=y=z'], { 1: 'x', 2: 'y=z' }],
  [[], {}],
])('reads %j', (texts, params) => {
  expect(parseParameters(texts)).toEqual(params);
});

function big(positive: string, negative: string) {
  return { big: { bigint: positive }, low: { bigint: negative } };
}

it.each([
  [['a=1', 'a=2'], '--param a is given more than once'],
  [['a=1', '2'], '--param a=… and --param 2 cannot be mixed'],
])('refuses %j', (texts, message) => {
  expect(() => parseParameters(texts)).toThrow(expect.objectContaining({ code: 'DDS_USAGE', message }));
});
