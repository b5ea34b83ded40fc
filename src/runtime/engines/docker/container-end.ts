import { DdsError } from '../../../errors/index.ts';
import type { ContainerSpec } from './container-spec.ts';
import { containerTail } from './container-tail.ts';
import type { Docker } from './runtime.ts';

const tailLines = 10;

/** How a container that does not run any more ended, with its last lines. */
export async function endOf(
  docker: Docker,
  id: string,
  spec: ContainerSpec,
  site: string,
): Promise<DdsError> {
  const [state, log] = await Promise.all([
    docker
      .getContainer(id)
      .inspect()
      .then(
        ({ State }) => State,
        () => null,
      ),
    containerTail(docker, id, tailLines),
  ]);
  const why = !state
    ? 'is gone'
    : state.OOMKilled
      ? 'was killed: there was not enough memory'
      : `ended with code ${state.ExitCode}`;
  return new DdsError(
    'DDS_CONTAINER',
    `${site}/${spec.part} (${spec.image}) ${why}${log.length ? `: ${log.at(-1)}` : ''}`,
    {
      hint: `Its last lines are in dds logs ${site}/site.`,
      details: { service: `${site}/site`, container: spec.name, log },
    },
  );
}
