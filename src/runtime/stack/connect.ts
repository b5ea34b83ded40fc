import { DdsError } from '../../errors/index.ts';
import type { RuntimeContext } from '../../shared/context.ts';
import { nearNames } from '../../shared/near-names.ts';
import { ControlClient } from './control-client.ts';
import { livingOwner, type Owner } from './ownership.ts';
import { controlSocket } from './run-directory.ts';
import { type StateDirectory, stackNames, stateDirectory } from './state-directory.ts';
import type { SiteEndpoints, StackStatus } from './types.ts';

export interface StackConnection {
  readonly stack: string;
  readonly directory: StateDirectory;
  readonly client: ControlClient;
  status(): Promise<StackStatus>;
  /** Endpoints of the named sites, in the topology's order; `all` and nothing mean every site. Throws DDS_UNKNOWN_SITE. */
  sites(selector?: readonly string[]): Promise<SiteEndpoints[]>;
  /** A call of the control API, e.g. `POST /services/central/sink/query`. Throws the DdsError that comes back. */
  request(method: 'GET' | 'POST', path: string, body?: unknown): Promise<unknown>;
  close(): void;
}

/** A supervisor answers within the time it gives its services; one that is slower hangs. */
const statusTimeoutMs = 5_000;

/** Connects to a running stack of this directory. Throws DDS_NO_STACK. */
export async function connectStack(
  context: Pick<RuntimeContext, 'cwd' | 'env' | 'signal'>,
  options: { stack?: string | undefined } = {},
): Promise<StackConnection> {
  const directory = await chooseStack(context, options.stack);
  const owner = livingOwner(directory);
  if (owner?.role !== 'supervisor') throw noStack(directory.stack);
  return connectTo(directory, owner);
}

/** Connects to a supervisor that is known to live. */
export function connectTo(directory: StateDirectory, owner: Owner): StackConnection {
  const client = new ControlClient(controlSocket(owner.runDirectory));
  const status = async () => {
    const patience = AbortSignal.timeout(statusTimeoutMs);
    try {
      return (await client.request('GET', '/status', undefined, patience)) as StackStatus;
    } catch (cause) {
      if (!patience.aborted) throw cause;
      throw new DdsError('DDS_STACK_BUSY', `the supervisor (process ${owner.pid}) does not answer`, {
        hint: 'Run dds down to stop it, then dds up.',
        cause,
      });
    }
  };
  let known: SiteEndpoints[] | null = null;
  return {
    ...{ stack: directory.stack, directory, client, status },
    async sites(selector) {
      known ??= (await status()).sites;
      return selectSites(known, selector);
    },
    request: (method, path, body) => client.request(method, path, body),
    close() {
      known = null;
    },
  };
}

/**
 * The stack that is meant: by name (`--stack`, `DDS_STACK`), else the only one that runs here, else the only one that
 * is here at all.
 */
export async function chooseStack(
  context: Pick<RuntimeContext, 'cwd' | 'env'>,
  name: string | undefined,
): Promise<StateDirectory> {
  const given = name ?? context.env.DDS_STACK;
  if (given) return stateDirectory(context.cwd, given);
  const all = (await stackNames(context.cwd)).map((one) => stateDirectory(context.cwd, one));
  const running = all.filter((one) => livingOwner(one) !== null);
  const candidates = running.length > 0 ? running : all;
  if (candidates.length > 1) {
    const names = candidates.map((one) => one.stack).join(', ');
    throw new DdsError('DDS_USAGE', `there are several stacks here: ${names}`, {
      hint: 'Choose one with --stack NAME.',
    });
  }
  const [only] = candidates;
  if (!only) throw noStack(null);
  return only;
}

export const noStack = (name: string | null): DdsError =>
  new DdsError('DDS_NO_STACK', name ? `the stack "${name}" is not running here` : 'no stack is running here');

function selectSites(known: readonly SiteEndpoints[], selector: readonly string[] = []): SiteEndpoints[] {
  const names = selector.filter((name) => name !== 'all');
  const unknown = names.find((name) => !known.some(({ site }) => site === name));
  if (unknown !== undefined) {
    const sites = known.map(({ site }) => site);
    const near = nearNames(unknown, sites, 1)[0];
    throw new DdsError('DDS_UNKNOWN_SITE', `no site "${unknown}" in this stack`, {
      hint: `${near ? `Did you mean ${near}? ` : ''}Its sites are ${sites.join(', ')}.`,
      details: { site: unknown, sites },
    });
  }
  const all = names.length === 0 || selector.includes('all');
  return known.filter(({ site }) => all || names.includes(site));
}
