import type { RuntimeContext } from '../../shared/context.ts';
import { clusterChecks } from './doctor-clusters.ts';
import { directoryChecks, stateChecks } from './doctor-directories.ts';
import { dockerChecks } from './doctor-docker.ts';
import { clockChecks, limitChecks, machineChecks } from './doctor-machine.ts';
import { portChecks } from './doctor-ports.ts';

export interface DoctorOptions {
  sites?: number | undefined;
  engine?: string | undefined;
  file?: string | undefined;
  stack?: string | undefined;
}

export interface DoctorCheck {
  check: string;
  /** `fail`: `dds up` would not work. `warn`: it works, but something may go wrong. */
  verdict: 'ok' | 'warn' | 'fail';
  found: string;
  /** What to do; null when all is well. */
  todo: string | null;
}

/** The answer of `dds doctor --json`. */
export interface DoctorResult {
  checks: DoctorCheck[];
}

/** Looks at everything that `dds up` needs of this machine, and changes nothing. */
export async function doctor(options: DoctorOptions, context: RuntimeContext): Promise<DoctorResult> {
  const parts = await Promise.all([
    machineChecks(),
    limitChecks(),
    clockChecks(context.clock),
    directoryChecks(context),
    stateChecks(context),
    dockerChecks(options, context),
    portChecks(options, context),
    clusterChecks(options, context),
  ]);
  return { checks: parts.flat() };
}
