import { DdsError } from '../../../errors/index.ts';
import type { RuntimeContext } from '../../../shared/context.ts';
import { connectStack } from '../../stack/connect.ts';
import type { SiteEndpoints } from '../../stack/types.ts';
import { imagesOfEnvironment, imageTable } from '../../topology/index.ts';
import { explain } from './accepted.ts';
import { compareSides, type OperationDifference, type Side } from './run.ts';
import { parts } from './script/index.ts';
import { startEmbedded, startKafka } from './started.ts';

export interface ParityOptions {
  stack?: string | undefined;
  /** Two sites of the stack; the first stands for the embedded engine. */
  sites?: readonly string[] | undefined;
  /** A site of the stack, compared with an embedded broker that is started for it. */
  against?: string | undefined;
  /** Of Apache Kafka; the default is that of the docker engine. */
  image?: string | undefined;
  /** Parts of the script; all when absent. */
  only?: readonly string[] | undefined;
}

export interface ExplainedDifference extends OperationDifference {
  /** Why it is accepted; null when nothing says so. */
  reason: string | null;
}

export interface ParityResult {
  /** What was asked: a site, an image, or the embedded broker. */
  embedded: string;
  other: string;
  requests: number;
  differences: ExplainedDifference[];
  unexplained: number;
  /** Accepted differences that were not met; told when the whole script ran with an Apache Kafka of its own. */
  stale: string[];
}

/**
 * Puts one script of requests to the embedded broker and to another, and tells every difference in their answers.
 * @throws DDS_USAGE, DDS_NO_STACK, DDS_UNKNOWN_SITE, DDS_DOCKER, DDS_IMAGE, DDS_CONTAINER, DDS_BROKER_UNREACHABLE
 */
export async function parity(options: ParityOptions, context: RuntimeContext): Promise<ParityResult> {
  const chosen = chosenParts(options.only);
  await using stack = new AsyncDisposableStack();
  const [embedded, other] = await sidesOf(options, context, stack);
  const { requests, differences } = await compareSides(embedded.side, other.side, chosen, context.signal);
  const isWhole = chosen.length === Object.keys(parts).length;
  const isAtSites = (options.sites ?? options.against) !== undefined;
  const { explained, stale } = explain(differences, isAtSites);
  return {
    ...{ embedded: embedded.name, other: other.name, requests, differences: explained },
    unexplained: explained.filter(({ reason }) => reason === null).length,
    stale: isWhole && !isAtSites ? stale : [],
  };
}

function chosenParts(only: readonly string[] | undefined): string[] {
  const all = Object.keys(parts);
  const unknown = only?.find((part) => !all.includes(part));
  if (unknown === undefined) return all.filter((part) => only?.includes(part) ?? true);
  throw new DdsError('DDS_USAGE', `--only takes parts of the script, not "${unknown}"`, {
    hint: `The parts are ${all.join(', ')}.`,
    details: { part: unknown, parts: all },
  });
}

interface NamedSide {
  name: string;
  side: Side;
}

async function sidesOf(
  { stack, sites, against, image }: ParityOptions,
  context: RuntimeContext,
  opened: AsyncDisposableStack,
): Promise<[NamedSide, NamedSide]> {
  if (sites && sites.length !== 2) {
    throw new DdsError('DDS_USAGE', `--sites takes two sites, not ${sites.length}`, {
      hint: 'As in --sites edge-1,central: the first is the one of the embedded engine.',
    });
  }
  const names = sites ?? (against === undefined ? [] : [against]);
  const found = names.length > 0 ? await endpoints(stack, names, context) : [];
  const [one, two] = names.map((name) => found.find(({ site }) => site === name)!);
  if (one && two) return [ofSite(one), ofSite(two)];
  // Containers first: what is missing for them is told before anything else is started.
  const kafka = image ?? imagesOfEnvironment(context.env).kafka ?? imageTable.kafka;
  const other = one ? ofSite(one) : { name: kafka, side: opened.use(await startKafka(kafka, context)) };
  return [{ name: 'embedded', side: opened.use(await startEmbedded(context)) }, other];
}

async function endpoints(stack: string | undefined, names: readonly string[], context: RuntimeContext) {
  const connection = await connectStack(context, { stack });
  return connection.sites(names).finally(() => connection.close());
}

function ofSite({ site, brokers, access }: SiteEndpoints): NamedSide {
  const [, host, port] = /^(.*):(\d+)$/.exec(brokers[0]!)!;
  return { name: site, side: { host: host!, port: Number(port), ...access?.kafka } };
}
