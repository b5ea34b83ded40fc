import { DdsError } from '../../errors/index.ts';
import { registryAt } from '../../shared/access.ts';
import { type SitePorts, type SiteSpec, type Topology, usedPorts } from '../topology/index.ts';
import { planChanges, type StackChange } from './changes.ts';
import { endpointsOf, planServices, type ServiceSpec } from './plan.ts';
import { checkPorts, withFreePorts } from './ports.ts';
import { readState, type StackState, writeState } from './stack-state.ts';
import type { StateDirectory } from './state-directory.ts';
import type { Supervisor } from './supervisor.ts';
import type { StackEvent } from './types.ts';

/** What `dds up` asks of a supervisor whose stack runs. */
export interface ApplyRequest {
  topology: Topology;
  portsMode: 'auto' | 'fixed';
  /** Version of dds. */
  version: string;
}

/** What the running stack would become, and the steps to it. */
export interface Reconciliation {
  /** With the ports that its sites have or would get. */
  topology: Topology;
  services: ServiceSpec[];
  autoPorts: Record<string, SitePorts>;
  changes: StackChange[];
}

/**
 * Compares a running stack with a topology. Changes nothing. Throws DDS_PORT_TAKEN, DDS_INCOMPATIBLE,
 * DDS_TOPOLOGY_INVALID for what cannot be applied.
 */
export async function planReconciliation(
  running: Pick<StackState, 'topology' | 'autoPorts' | 'portsMode'>,
  request: Pick<ApplyRequest, 'topology' | 'portsMode'>,
  directory: StateDirectory,
  sockets: string,
): Promise<Reconciliation> {
  const automatic = request.portsMode === 'auto' || running.portsMode === 'auto';
  const topology = automatic ? await keepPorts(running, request.topology) : request.topology;
  if (!automatic) await checkNewPorts(running.topology, topology);
  const services = planServices(topology, directory, sockets);
  const now = { topology: running.topology, services: planServices(running.topology, directory, sockets) };
  const changes = planChanges(now, { topology, services });
  if (changes.some(({ action }) => action === 'register'))
    await checkSchemas(running.topology, topology, directory);
  const autoPorts = automatic
    ? { ...running.autoPorts, ...Object.fromEntries(topology.sites.map(({ name, ports }) => [name, ports])) }
    : running.autoPorts;
  return { topology, services, autoPorts, changes };
}

/**
 * Makes the running stack what is asked for and touches nothing else: a service that stays the same keeps its process.
 * When a step fails, or the signal aborts, the stack goes back to what it was. Throws what the plan or a service throws.
 */
export async function reconcile(
  supervisor: Supervisor,
  request: ApplyRequest,
  signal: AbortSignal,
  tell: (event: StackEvent) => void,
): Promise<void> {
  const { directory } = supervisor;
  const before = (await readState(directory))!;
  const plan = await planReconciliation(before, request, directory, supervisor.runDirectory);
  tell({ type: 'plan', changes: plan.changes });
  const { topology, services, autoPorts } = plan;
  if (plan.changes.length > 0) {
    try {
      await supervisor.become(topology, services, signal);
    } catch (thrown) {
      const cause = DdsError.from(thrown);
      const old = planServices(before.topology, directory, supervisor.runDirectory);
      await supervisor.become(before.topology, old, supervisor.stopping);
      throw new DdsError(cause.code, `${cause.message}; the stack is again what it was`, {
        ...{ cause, hint: cause.hint },
        ...(cause.details && { details: cause.details }),
      });
    }
  }
  const portsMode = request.portsMode === 'auto' ? 'auto' : before.portsMode;
  await writeState(directory, { version: request.version, topology, portsMode, autoPorts });
}

/** Sites that run keep their ports, whatever they are; only new ones need some. */
async function keepPorts(
  running: Pick<StackState, 'topology' | 'autoPorts'>,
  asked: Topology,
): Promise<Topology> {
  const had = new Map(running.topology.sites.map(({ name, ports }) => [name, ports]));
  const reserved = running.topology.sites.flatMap((site) => usedPorts(site).map(({ port }) => port));
  const fresh = asked.sites.filter(({ name }) => !had.has(name));
  const settled = await withFreePorts({ ...asked, sites: fresh }, running.autoPorts, reserved);
  const sites = asked.sites.map((site): SiteSpec => {
    const ports = had.get(site.name);
    return ports ? { ...site, ports } : settled.sites.find(({ name }) => name === site.name)!;
  });
  return { ...asked, sites };
}

/** Ports that this stack has now are free once its sites move. */
async function checkNewPorts(running: Topology, asked: Topology): Promise<void> {
  const held = new Set(running.sites.flatMap((site) => usedPorts(site).map(({ port }) => port)));
  await checkPorts(asked, held);
}

/** Asks each registry before anything is touched. */
async function checkSchemas(running: Topology, asked: Topology, directory: StateDirectory): Promise<void> {
  const { createRegistryClient } = await import('../serde/registry-client.ts');
  for (const site of asked.sites) {
    const now = running.sites.find(({ name }) => name === site.name);
    if (!now) continue;
    const registry = createRegistryClient(registryAt(endpointsOf(now, directory)));
    for (const { name, schema } of site.topics) {
      const old = now.topics.find((topic) => topic.name === name)?.schema;
      if (!schema || schema.text === old?.text) continue;
      const [reason] = await registry.incompatibilities(schema.subject, schema.text);
      if (reason === undefined) continue;
      throw new DdsError(
        'DDS_INCOMPATIBLE',
        `the new schema of topic ${name} of ${site.name} is not compatible with the one registered: ${reason}`,
        {
          hint: 'Give new fields a default and keep the types of old ones, or use another topic. Nothing was changed.',
        },
      );
    }
  }
}
