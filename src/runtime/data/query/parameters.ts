import { DdsError } from '../../../errors/index.ts';
import type { QueryParam } from '../../jobs/sinks/index.ts';

/**
 * What `--param` gives: `name=value` for `$name`, `2=value` for `$2`, a value alone for the next `?`. A value that is a JSON
 * scalar is that (`5`, `-1.5`, `true`, `null`, `"5"`), anything else is text. Throws DDS_USAGE.
 */
export function parseParameters(texts: readonly string[]): QueryParam[] | Record<string, QueryParam> {
  const list: QueryParam[] = [];
  const named: Record<string, QueryParam> = {};
  for (const text of texts) {
    const [, name, value] = /^([A-Za-z_]\w*|\d+)=(.*)$/s.exec(text) ?? [];
    if (name === undefined) list.push(parseValue(text));
    else if (name in named) throw new DdsError('DDS_USAGE', `--param ${name} is given more than once`);
    else named[name] = parseValue(value!);
  }
  if (list.length > 0 && Object.keys(named).length > 0) {
    throw new DdsError(
      'DDS_USAGE',
      `--param ${Object.keys(named)[0]}=… and --param ${list[0]} cannot be mixed`,
      {
        hint: 'Use $name with --param name=value, or ? with --param value.',
      },
    );
  }
  return list.length > 0 ? list : named;
}

function parseValue(text: string): QueryParam {
  if (/^-?(0|[1-9]\d*)$/.test(text)) {
    const number = Number(text);
    if (Number.isSafeInteger(number)) return number;
    return text.length <= 38 ? { bigint: text } : text;
  }
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? text : (value as QueryParam);
  } catch {
    return text;
  }
}
