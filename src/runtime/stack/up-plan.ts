import { DdsError } from '../../errors/index.ts';
import type { RuntimeContext } from '../../shared/context.ts';
import type { Topology } from '../topology/index.ts';
import { connectTo } from './connect.ts';
import { busy, livingOwner, type Owner } from './ownership.ts';
import { planServices } from './plan.ts';
import { checkPorts } from './ports.ts';
import { runDirectory } from './run-directory.ts';
import { readState } from './stack-state.ts';
import { type StateDirectory, stateDirectory } from './state-directory.ts';
import { topologyDifferences } from './topology-differences.ts';
import type { UpOptions, UpResult } from './up.ts';

/** The topology that the options and the directory mean, and where its stack is kept. */
export async function askedFor(options: UpOptions, context: RuntimeContext) {
  const { loadTopology } = await import('../topology/index.ts');
  const topology = await loadTopology({
    cwd: context.cwd,
    ...(options.file !== undefined && { file: options.file }),
    ...(options.sites !== undefined && { sites: options.sites }),
    ...(options.engine !== undefined && { engine: options.engine }),
  });
  const stack = options.stack ?? context.env.DDS_STACK ?? topology.name;
  return { topology, directory: stateDirectory(context.cwd, stack) };
}

/** What is asked for has to be said; without it a running stack is simply the one that is meant. */
export const isAsked = (options: UpOptions, topology: Topology): boolean =>
  options.file !== undefined || options.sites !== undefined || topology.file !== null;

/** The answer of `dds up --dry-run --json`. */
export interface UpPlan {
  stack: string;
  /** True when the stack runs: nothing would be started. */
  running: boolean;
  /** What would be started, sites first. */
  services: { service: string; site: string; kind: string }[];
  topics: { site: string; topic: string; partitions: number }[];
  /** How the running stack differs from what is asked for. */
  differences: string[];
}

/** What `up` would do. Starts and writes nothing. Throws what `up` would throw before it starts something. */
export async function planUp(options: UpOptions, context: RuntimeContext): Promise<UpPlan> {
  const { topology, directory } = await askedFor(options, context);
  const owner = livingOwner(directory);
  const none = { services: [], topics: [], differences: [] };
  if (owner) {
    const asked = isAsked(options, topology) ? topology : null;
    const { differences } = await alreadyRunning(directory, owner, asked, options.ports);
    return { ...none, stack: directory.stack, running: true, differences };
  }
  await readState(directory);
  if (options.ports !== 'auto') await checkPorts(topology);
  const services = planServices(topology, directory, runDirectory(directory.path));
  return {
    ...none,
    ...{ stack: directory.stack, running: false },
    services: services.map(({ service, site, kind }) => ({ service, site, kind })),
    topics: topology.sites.flatMap(({ name, topics }) =>
      topics.map((topic) => ({ site: name, topic: topic.name, partitions: topic.partitions })),
    ),
  };
}

/** What runs, and how it differs. Throws DDS_STACK_BUSY while it is starting or stopping. */
export async function alreadyRunning(
  directory: StateDirectory,
  owner: Owner,
  asked: Topology | null,
  ports: 'auto' | undefined,
): Promise<Pick<UpResult, 'differences' | 'status'>> {
  if (owner.role !== 'supervisor') throw busy(directory, owner);
  const status = await connectTo(directory, owner)
    .status()
    .catch((cause: unknown) => {
      // It lives but does not listen yet, or not any more.
      throw DdsError.from(cause).code === 'DDS_NO_STACK' ? busy(directory, owner) : cause;
    });
  if (status.state === 'starting' || status.state === 'stopping') throw busy(directory, owner);
  const state = await readState(directory);
  const differences =
    state && asked ? topologyDifferences(state.topology, asked, state.portsMode === 'auto') : [];
  if (state && ports === 'auto' && state.portsMode === 'fixed')
    differences.push('ports: those of the topology → auto');
  return { differences, status };
}
