import { DdsError } from '../../errors/index.ts';
import type { RuntimeContext } from '../../shared/context.ts';
import type { Topology } from '../topology/index.ts';
import type { StackChange } from './changes.ts';
import { connectTo, type StackConnection } from './connect.ts';
import { busy, livingOwner, type Owner } from './ownership.ts';
import { planServices } from './plan.ts';
import { checkPorts } from './ports.ts';
import { planReconciliation } from './reconcile.ts';
import { runDirectory } from './run-directory.ts';
import { readState, type StackState } from './stack-state.ts';
import { type StateDirectory, stateDirectory } from './state-directory.ts';
import type { StackStatus } from './types.ts';
import type { UpOptions } from './up.ts';

/** The topology that the options and the directory mean, and where its stack is kept. */
export async function askedFor(options: UpOptions, context: RuntimeContext) {
  const { imagesOfEnvironment, loadTopology } = await import('../topology/index.ts');
  const topology = await loadTopology({
    cwd: context.cwd,
    images: imagesOfEnvironment(context.env),
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
  /** True when the stack runs: `changes` says what would be done to it. */
  running: boolean;
  /** What would be started of a stack that does not run, sites first. */
  services: { service: string; site: string; kind: string }[];
  topics: { site: string; topic: string; partitions: number }[];
  changes: StackChange[];
}

/** What `up` would do. Starts and writes nothing. Throws what `up` would throw before it starts something. */
export async function planUp(options: UpOptions, context: RuntimeContext): Promise<UpPlan> {
  const { topology, directory } = await askedFor(options, context);
  const owner = livingOwner(directory);
  const none = { services: [], topics: [], changes: [] };
  if (owner) {
    const { state } = await whatRuns(directory, owner);
    const request = { topology, portsMode: options.ports ?? ('fixed' as const) };
    const { changes } = isAsked(options, topology)
      ? await planReconciliation(state, request, directory, owner.runDirectory)
      : none;
    return { ...none, stack: directory.stack, running: true, changes };
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

/** The stack that runs. Throws DDS_STACK_BUSY while it is starting or stopping. */
export async function whatRuns(
  directory: StateDirectory,
  owner: Owner,
): Promise<{ connection: StackConnection; status: StackStatus; state: StackState }> {
  if (owner.role !== 'supervisor') throw busy(directory, owner);
  const connection = connectTo(directory, owner);
  const status = await connection.status().catch((cause: unknown) => {
    // It lives but does not listen yet, or not any more.
    throw DdsError.from(cause).code === 'DDS_NO_STACK' ? busy(directory, owner) : cause;
  });
  const state = await readState(directory);
  if (!state || status.state === 'starting' || status.state === 'stopping') throw busy(directory, owner);
  return { connection, status, state };
}
