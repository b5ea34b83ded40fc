import { DdsError } from '../../../errors/index.ts';
import type { StackConnection } from '../../stack/connect.ts';
import type { ServiceStatus } from '../../stack/types.ts';

const kinds: readonly ServiceStatus['kind'][] = ['detector', 'notifier'];

/**
 * The service that is a stream job: by its name, or by its part's when only one site has it. Throws DDS_UNKNOWN_SERVICE.
 */
export async function streamJob(name: string, stack: StackConnection): Promise<ServiceStatus> {
  const { services } = await stack.status();
  const jobs = services.filter(({ kind }) => kinds.includes(kind));
  const exact = jobs.filter(({ service }) => service === name);
  const found = exact.length > 0 ? exact : jobs.filter(({ service }) => service.endsWith(`/${name}`));
  if (found.length === 1) return found[0]!;
  const names = jobs.map(({ service }) => service);
  throw new DdsError(
    'DDS_UNKNOWN_SERVICE',
    found.length > 1 ? `"${name}" is at several sites` : `no stream job "${name}" in this stack`,
    {
      hint:
        names.length === 0
          ? 'It has none; name one under detectors or notifiers.'
          : `Name one of ${(found.length > 1 ? found.map(({ service }) => service) : names).join(', ')}.`,
    },
  );
}
