import { DdsError } from '../../../errors/index.ts';
import { headersJson, type RecordPlace, type ShownRecord } from './format.ts';

/** What a `--where` may name. */
const names = ['site', 'topic', 'partition', 'offset', 'ts', 'key', 'value', 'headers', 'error'] as const;

/**
 * Compiles a CEL expression (cel.dev). A record for which it cannot be computed, because it has no such field, is not
 * taken; another reason, such as a text compared with a number, is reported once. Throws DDS_USAGE.
 */
export async function compileWhere(
  expression: string,
  report: (message: string) => void,
): Promise<(place: RecordPlace, record: ShownRecord) => boolean> {
  const { Environment, ParseError, TypeError: CelTypeError } = await import('@marcbachmann/cel-js');
  const environment = new Environment();
  for (const name of names) environment.registerVariable(name, 'dyn');
  const refuse = (cause: Error) => {
    const [line = ''] = cause.message.split('\n');
    const at = (cause as { range?: { start: number } }).range?.start;
    throw new DdsError(
      'DDS_USAGE',
      `--where ${expression}: ${line}${at === undefined ? '' : ` at character ${at + 1}`}`,
      {
        hint: `Write it like value.temperature > 80.0 && site == "edge-1"; there are ${names.join(', ')}.`,
        cause,
      },
    );
  };
  const parse = () => {
    try {
      const parsed = environment.parse(expression);
      const { valid, error } = parsed.check();
      if (!valid && error) refuse(error);
      return parsed;
    } catch (cause) {
      if (cause instanceof ParseError || cause instanceof CelTypeError) return refuse(cause);
      throw cause;
    }
  };
  const matches = parse()!;
  let told = false;
  const tell = (message: string) => {
    if (!told) report(`--where ${expression}: ${message}; such records are left out`);
    told = true;
  };
  return ({ site, topic, partition }, record) => {
    const { offset, timestamp: ts, keyJson, valueJson, headers, error } = record;
    const value = valueJson === null ? null : JSON.parse(valueJson);
    const key = keyJson === null ? record.key!.toString('base64') : JSON.parse(keyJson);
    const shownHeaders = headers.length > 0 ? JSON.parse(headersJson(headers)) : {};
    try {
      const result: unknown = matches({
        ...{ site, topic, partition, offset, ts, key, value, error },
        headers: shownHeaders,
      });
      if (typeof result !== 'boolean') tell(`it gives ${JSON.stringify(result)}, not true or false`);
      return result === true;
    } catch (thrown) {
      const [line = ''] = (thrown as Error).message.split('\n');
      if (!/^No such key|^Unknown variable/i.test(line)) tell(line);
      return false;
    }
  };
}
