import { DdsError } from '../../../errors/index.ts';
import { withoutUserInfo } from '../../../shared/without-user-info.ts';
import type { RelaySourceSpec } from './types.ts';

const example = 'edge-1,brokers=127.0.0.1:9193,registry=http://127.0.0.1:8181';

/**
 * Sources as `--source` gives them (one each), else as `DDS_SOURCES` does (separated by semicolons).
 * @throws DDS_USAGE
 */
export function parseSources(flags: readonly string[] | undefined, variable?: string): RelaySourceSpec[] {
  // Brokers are separated by semicolons too: only one before `name,` begins a source, and names have no colon.
  const texts = flags ?? variable?.split(/;(?=[^,;=:]+,)/) ?? [];
  const sources = texts.map((text) => text.trim()).filter((text) => text !== '');
  if (sources.length === 0) {
    throw new DdsError('DDS_USAGE', 'no source to copy from', { hint: `Pass --source ${example}` });
  }
  const specs = sources.map(parseSource);
  const twice = specs.find(({ site }, index) => specs.findIndex((other) => other.site === site) < index);
  if (twice) throw new DdsError('DDS_USAGE', `source ${twice.site} is given twice`);
  return specs;
}

function parseSource(text: string): RelaySourceSpec {
  const [site = '', ...fields] = text.split(',').map((part) => part.trim());
  const values = new Map<string, string>();
  for (const field of fields) {
    const at = field.indexOf('=');
    if (at > 0) values.set(field.slice(0, at), field.slice(at + 1));
  }
  const brokers = values.get('brokers')?.split(';').filter(Boolean) ?? [];
  const registryUrl = values.get('registry') ?? '';
  const unknown = [...values.keys()].find((key) => key !== 'brokers' && key !== 'registry');
  const broken = values.size !== fields.length || !/^[A-Za-z0-9._-]+$/.test(site);
  if (broken || unknown !== undefined || brokers.length === 0 || registryUrl === '') {
    throw new DdsError('DDS_USAGE', `--source ${withoutUserInfo(text)} is not a source`, {
      hint: `Write it like ${example}`,
    });
  }
  return { site, brokers, registryUrl };
}
