import { defineApi } from '../api.ts';
import * as t from '../fields.ts';

export const saslHandshake = defineApi({
  key: 17,
  name: 'SaslHandshake',
  versions: '0-1',
  request: { mechanism: t.string() },
  response: { errorCode: t.int16(), mechanisms: t.array(t.string()) },
});
