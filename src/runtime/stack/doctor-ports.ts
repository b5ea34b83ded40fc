import { DdsError } from '../../errors/index.ts';
import type { RuntimeContext } from '../../shared/context.ts';
import type { DoctorCheck, DoctorOptions } from './doctor.ts';
import { livingOwner } from './ownership.ts';
import { portOwner } from './port-owner.ts';
import { isFree } from './ports.ts';
import { readState } from './stack-state.ts';
import { stateDirectory } from './state-directory.ts';

/** Whether the topology can be read, and its ports are free or held by this very stack. */
export async function portChecks(options: DoctorOptions, context: RuntimeContext): Promise<DoctorCheck[]> {
  const { loadTopology, usedPorts } = await import('../topology/index.ts');
  try {
    const topology = await loadTopology({
      cwd: context.cwd,
      ...(options.file !== undefined && { file: options.file }),
      ...(options.sites !== undefined && { sites: options.sites }),
      ...(options.engine !== undefined && { engine: options.engine }),
    });
    const ports = topology.sites.flatMap((site) => usedPorts(site).map(({ port }) => port));
    const name = options.stack ?? context.env.DDS_STACK ?? topology.name;
    const directory = stateDirectory(context.cwd, name);
    const running = livingOwner(directory) !== null;
    if (running && (await readState(directory))?.portsMode === 'auto') {
      const found = `the stack "${name}" is running on ports that it chose`;
      return [{ check: 'ports', verdict: 'ok', found, todo: null }];
    }
    const taken = (await Promise.all(ports.map((port) => takenPort(port, name, context.cwd)))).filter(
      (check) => check !== null,
    );
    if (taken.length > 0) return taken;
    const found = running ? `the stack "${name}" is running` : `all ${ports.length} of the topology are free`;
    return [{ check: 'ports', verdict: 'ok', found, todo: null }];
  } catch (cause) {
    const { message, hint } = DdsError.from(cause);
    return [{ check: 'topology', verdict: 'fail', found: message, todo: hint }];
  }
}

async function takenPort(port: number, stack: string, cwd: string): Promise<DoctorCheck | null> {
  if (await isFree(port)) return null;
  const owner = portOwner(port);
  if (owner?.stack?.name === stack && owner.stack.cwd === cwd) return null;
  const found = `taken by ${owner?.text ?? 'another program'}`;
  const stop = owner?.stack ? `Run dds down --stack ${owner.stack.name} in ${owner.stack.cwd}` : 'Stop it';
  return { check: `port ${port}`, verdict: 'fail', found, todo: `${stop}, or use dds up --ports auto.` };
}
