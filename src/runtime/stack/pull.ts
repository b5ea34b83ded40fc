import type { RuntimeContext } from '../../shared/context.ts';
import { askedFor } from './up-plan.ts';

export interface PullOptions {
  sites?: number | undefined;
  file?: string | undefined;
  stack?: string | undefined;
}

/** What became of one image; the answer of `dds pull --json` is a list of them. */
export interface PulledImage {
  image: string;
  outcome: 'present' | 'pulled';
}

/** Fetches one image. `progress`: bytes that are here, of how many are known. */
export interface PullTask {
  image: string;
  run(progress: (done: number, total: number) => void): Promise<PulledImage>;
}

/** One task for each image that the topology needs with the docker engine. Throws DDS_DOCKER; its tasks DDS_IMAGE. */
export async function pull(options: PullOptions, context: RuntimeContext): Promise<PullTask[]> {
  const { topology, directory } = await askedFor({ ...options, engine: 'docker' }, context);
  const [{ connectDocker }, { hasImage, imagesOf, pullImage }, { dockerStack }] = await Promise.all([
    import('../engines/docker/runtime.ts'),
    import('../engines/docker/images.ts'),
    import('../engines/docker/docker-stack.ts'),
  ]);
  const runtime = await connectDocker(context.env);
  return imagesOf(topology.sites, dockerStack(directory.path)).map((image) => ({
    image,
    async run(progress) {
      if (await hasImage(runtime.docker, image)) return { image, outcome: 'present' };
      await pullImage(runtime, image, progress);
      return { image, outcome: 'pulled' };
    },
  }));
}
