import { DdsError } from '../errors/index.ts';

/** `['retention.ms=60000']` → `{ 'retention.ms': '60000' }`. Throws DDS_USAGE. */
export function configValues(flags: readonly string[] = []): Record<string, string> {
  return Object.fromEntries(
    flags.map((flag) => {
      const at = flag.indexOf('=');
      if (at > 0) return [flag.slice(0, at).trim(), flag.slice(at + 1).trim()];
      throw new DdsError('DDS_USAGE', `--config ${flag} is not NAME=VALUE`, {
        hint: 'Write it like --config retention.ms=3600000.',
      });
    }),
  );
}
