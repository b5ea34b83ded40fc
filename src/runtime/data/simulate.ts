import { DdsError } from '../../errors/index.ts';
import type { RuntimeContext } from '../../shared/context.ts';
import { thesisSchema } from '../serde/thesis-schemas.ts';
import {
  checkFields,
  Simulation,
  type SimulationProgress,
  type SimulationResult,
  topicSchema,
} from '../simulator/index.ts';
import { connectStack } from '../stack/connect.ts';
import type { SiteEndpoints } from '../stack/types.ts';
import { readValueSchema } from '../topology/value-schemas.ts';
import { registerFleet } from './simulate-fleet.ts';
import type { SimulateOptions } from './simulate-options.ts';
import { planSimulation, readRecording, type SimulationPlan } from './simulate-plan.ts';

export interface SimulateTarget {
  stack?: string | undefined;
  onProgress?: (progress: SimulationProgress) => void;
}

const hourMs = 3_600_000;

/**
 * Sends simulated or recorded readings to sites of the running stack, until the end of the load or until the signal
 * aborts.
 * @throws DDS_INPUT_INVALID, DDS_NO_STACK, DDS_UNKNOWN_SITE, and what a broker or registry that is not there throws
 */
export async function simulate(
  options: SimulateOptions,
  context: RuntimeContext,
  { stack, onProgress }: SimulateTarget = {},
): Promise<SimulationResult> {
  const schemaText = schemaOf(options, context.cwd);
  const read = (text: string, references: readonly string[] = []) =>
    readRecording(options, { text, references }, context.cwd, context.signal);
  // A file with a mistake is told before anything is touched, unless the site alone knows the schema.
  let recording = schemaText === null ? null : await read(schemaText);
  const connection = await connectStack(context, stack === undefined ? {} : { stack });
  let sites: SiteEndpoints[];
  try {
    sites = await connection.sites(options.sites);
  } finally {
    connection.close();
  }
  // Sensors belong to the edge, unless somebody asks for the centre by its name.
  if (!options.sites) sites = sites.filter(({ role }) => role === 'edge');
  if (sites.length === 0) throw new DdsError('DDS_UNKNOWN_SITE', 'the stack has no edge site');
  if (schemaText === null && options.load.kind === 'replay') {
    const { text, references } = await topicSchema(sites[0]!, options.topic);
    recording = await read(text, references);
  }
  return await runAtSites(
    options,
    planSimulation(
      options,
      recording,
      sites.map(({ site }) => site),
    ),
    { sites, schemaText },
    context,
    onProgress,
  );
}

/** Text of the schema of the values; null for what is registered. Throws DDS_INPUT_INVALID. */
export function schemaOf({ records }: SimulateOptions, cwd: string): string | null {
  if (records === null) return thesisSchema('TemperatureData');
  if (records.schema === undefined) return null;
  const found = readValueSchema(records.schema, cwd);
  if ('problem' in found) {
    throw new DdsError('DDS_INPUT_INVALID', found.problem, {
      hint: 'Give the path of an Avro schema (.avsc), or the name of a built-in record such as TemperatureData.',
      details: { schema: records.schema },
    });
  }
  checkFields(found.text, records.fields);
  return found.text;
}

async function runAtSites(
  options: SimulateOptions,
  plan: SimulationPlan,
  { sites, schemaText }: { sites: readonly SiteEndpoints[]; schemaText: string | null },
  context: RuntimeContext,
  onProgress: SimulateTarget['onProgress'],
): Promise<SimulationResult> {
  const { clock, signal } = context;
  const { fleet, readings, schedule, seed, spanMs } = plan;
  const { durationMs, maxInFlight, catchUp, warmupMs } = options;
  if (options.load.kind === 'replay' && Number.isFinite(spanMs) && spanMs > hourMs) {
    context.report(
      `The replay takes ${(spanMs / hourMs).toFixed(1)} h at this speed; --speed 3600x or --speed max shortens it.`,
    );
  }
  if (options.register) await registerFleet(fleet, sites);
  const simulation = new Simulation(
    {
      topic: options.topic,
      schemaText,
      sites,
      fleet,
      schedule,
      readings,
      seed,
      maxInFlight,
      catchUp,
      warmupMs,
      ...(options.load.kind === 'model' && {
        faults: options.load.faults,
        history: options.load.history && { rate: options.load.rate, spanMs: options.load.history.spanMs },
      }),
      ...(durationMs !== undefined && { endMs: latestEndMs(durationMs) }),
    },
    { clock, signal, ...(onProgress && { onProgress }) },
  );
  return await simulation.run();
}

/** A run that is behind at its end gets a little longer to catch up. */
function latestEndMs(durationMs: number): number {
  return durationMs + Math.max(1000, durationMs / 10);
}
