import { DdsError } from '../../errors/index.ts';
import type { RuntimeContext } from '../../shared/context.ts';
import type { DoctorCheck, DoctorOptions } from './doctor.ts';
import { askedFor } from './up-plan.ts';

/** Whether Docker is there, has the memory, and which images are still to be pulled, when the topology has such sites. */
export async function dockerChecks(options: DoctorOptions, context: RuntimeContext): Promise<DoctorCheck[]> {
  // A topology that cannot be read is what another check says.
  const asked = await askedFor(options, context).catch(() => null);
  const sites = asked?.topology.sites.filter(({ docker }) => docker !== null) ?? [];
  if (!asked || sites.length === 0) {
    return [
      { check: 'docker', verdict: 'ok', found: 'not needed: no site has the engine docker', todo: null },
    ];
  }
  const [{ connectDocker }, { hasImage, imagesOf }, { checkMemory }, { dockerStack }] = await Promise.all([
    import('../engines/docker/runtime.ts'),
    import('../engines/docker/images.ts'),
    import('../engines/docker/prepare.ts'),
    import('../engines/docker/docker-stack.ts'),
  ]);
  try {
    const runtime = await connectDocker(context.env);
    const stack = dockerStack(asked.directory.path);
    const { serverVersion, memory } = runtime.client.info.containerRuntime;
    const gib = (memory / 1024 ** 3).toFixed(1);
    const found = `engine ${serverVersion}, ${gib} GiB of memory`;
    const engine: DoctorCheck = { check: 'docker', verdict: 'ok', found, todo: null };
    checkMemory(runtime, sites, stack);
    const images = imagesOf(sites, stack);
    const there = await Promise.all(images.map((image) => hasImage(runtime.docker, image)));
    const missing = images.filter((_, index) => !there[index]);
    return [
      engine,
      {
        check: 'images',
        verdict: missing.length > 0 ? 'warn' : 'ok',
        found: missing.length > 0 ? `not here yet: ${missing.join(', ')}` : `all ${images.length} are here`,
        todo: missing.length > 0 ? 'Run dds pull, or let dds up do it.' : null,
      },
    ];
  } catch (cause) {
    const { message, hint } = DdsError.from(cause);
    return [{ check: 'docker', verdict: 'fail', found: message, todo: hint }];
  }
}
