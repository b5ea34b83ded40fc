import { DdsError } from '../../errors/index.ts';
import type { RuntimeContext } from '../../shared/context.ts';
import { nearNames } from '../../shared/near-names.ts';
import type { Child } from './child.ts';
import { connectStack } from './connect.ts';
import { refuseWithoutSite } from './site-needed.ts';
import type { Supervisor } from './supervisor.ts';
import type { ServiceState } from './types.ts';

export type ServiceAction = 'start' | 'stop' | 'restart';

/** The answer of `dds start|stop|restart --json`. */
export interface ServiceActionResult {
  action: ServiceAction;
  services: { service: string; state: ServiceState; pid: number | null }[];
  elapsedMs: number;
}

/** Asks the supervisor of the stack to start, stop or restart services. Throws DDS_NO_STACK, DDS_UNKNOWN_SERVICE, DDS_STACK_START. */
export async function changeServices(
  options: {
    action: ServiceAction;
    /** Services (`edge-1/sink`), sites (`edge-1`: all of it), or a part's name when there is only one of it (`relay`). */
    names: readonly string[];
    stack?: string | undefined;
  },
  context: RuntimeContext,
): Promise<ServiceActionResult> {
  const connection = await connectStack(context, options);
  try {
    const query = new URLSearchParams({ action: options.action, names: options.names.join(',') });
    return (await connection.request('POST', `/control?${query}`)) as ServiceActionResult;
  } finally {
    connection.close();
  }
}

/** Does it, in the supervisor. What runs already is not started again; what stands is not stopped again. */
export async function controlServices(
  supervisor: Supervisor,
  action: ServiceAction,
  names: readonly string[],
): Promise<ServiceActionResult> {
  const began = performance.now();
  const children = chooseServices(supervisor.children, names);
  if (action !== 'stop') refuseWithoutSite(supervisor.children, children);
  await supervisor.change(async () => {
    if (action !== 'start') await supervisor.stopServices(children);
    if (action !== 'stop') await supervisor.startServices(children);
  });
  return {
    action,
    services: children.map(({ spec, state, pid }) => ({ service: spec.service, state, pid })),
    elapsedMs: Math.round(performance.now() - began),
  };
}

function chooseServices(all: readonly Child[], names: readonly string[]): Child[] {
  const chosen = new Set(names.flatMap((name) => matching(all, name)));
  return all.filter((child) => chosen.has(child));
}

function matching(all: readonly Child[], name: string): Child[] {
  const named = all.filter(({ spec }) => spec.service === name || spec.site === name);
  if (named.length > 0) return named;
  const parts = all.filter(({ spec }) => spec.service.endsWith(`/${name}`));
  if (parts.length === 1) return parts;
  const services = all.map(({ spec }) => spec.service);
  if (parts.length > 1) {
    throw new DdsError('DDS_UNKNOWN_SERVICE', `"${name}" is at several sites`, {
      hint: `Name one of ${parts.map(({ spec }) => spec.service).join(', ')}.`,
    });
  }
  const near = nearNames(name, services, 1)[0];
  throw new DdsError('DDS_UNKNOWN_SERVICE', `no service or site "${name}" in this stack`, {
    hint: `${near ? `Did you mean ${near}? ` : ''}There are ${services.join(', ')}.`,
  });
}
