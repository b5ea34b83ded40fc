import { ImageName } from 'testcontainers';
import { DdsError } from '../../../errors/index.ts';
import { imageNames, imageTable, imageVariable, type SiteSpec } from '../../topology/index.ts';
import type { ContainerSpec } from './container-spec.ts';
import type { DockerStack } from './docker-stack.ts';
import type { Docker, DockerRuntime } from './runtime.ts';
import { siteContainers } from './site-containers.ts';

/** The images that sites need, each once, in the order of the sites. */
export function imagesOf(sites: readonly SiteSpec[], stack: DockerStack): string[] {
  const specs: ContainerSpec[] = sites
    .filter(({ docker }) => docker)
    .flatMap((site) => siteContainers(site, stack));
  return [...new Set(specs.map(({ image }) => image))];
}

export const hasImage = (docker: Docker, image: string): Promise<boolean> =>
  docker
    .getImage(image)
    .inspect()
    .then(
      () => true,
      () => false,
    );

/** Pulls one image; `progress` hears how many bytes of how many are here. Throws DDS_IMAGE with Docker's reason. */
export async function pullImage(
  { docker, client }: DockerRuntime,
  image: string,
  progress: (done: number, total: number) => void = () => undefined,
): Promise<void> {
  try {
    await pullWithProgress(docker, image, progress);
  } catch (first) {
    // Without credentials that failed; testcontainers knows those of docker login.
    if (!/denied|unauthorized|authentication/i.test((first as Error).message))
      throw cannotPull(image, first as Error);
    await client.image.pull(ImageName.fromString(image)).catch((second: Error) => {
      throw cannotPull(image, second);
    });
  }
}

interface PullEvent {
  id?: string;
  status?: string;
  progressDetail?: { current?: number; total?: number };
}

async function pullWithProgress(
  docker: Docker,
  image: string,
  progress: (done: number, total: number) => void,
): Promise<void> {
  const stream = await docker.pull(image);
  const layers = new Map<string, { current: number; total: number }>();
  await new Promise<void>((resolve, reject) => {
    docker.modem.followProgress(
      stream,
      (error) => (error ? reject(error) : resolve()),
      ({ id, status, progressDetail }: PullEvent) => {
        if (!id || status !== 'Downloading' || !progressDetail?.total) return;
        layers.set(id, { current: progressDetail.current ?? 0, total: progressDetail.total });
        const all = [...layers.values()];
        progress(
          all.reduce((sum, { current }) => sum + current, 0),
          all.reduce((sum, { total }) => sum + total, 0),
        );
      },
    );
  });
}

function cannotPull(image: string, cause: Error): DdsError {
  const why = cause.message.replace(/^\(HTTP code \d+\) [\w ]+ - /, '').trim();
  const name = imageNames.find((one) => imageTable[one] === image);
  const variable = name ? imageVariable(name) : 'DDS_IMAGE_KAFKA';
  return new DdsError('DDS_IMAGE', `the image ${image} is not here and cannot be pulled: ${why}`, {
    cause,
    details: { image },
    hint: `Check the network and the name. Another image: ${variable}=… or docker.images in dds.yaml; or use --engine embedded.`,
  });
}
