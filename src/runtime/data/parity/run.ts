import { randomBytes } from 'node:crypto';
import type { KafkaAccess } from '../../../shared/access.ts';
import { differencesOf, type FieldDifference } from './compare.ts';
import { Masking } from './masking.ts';
import { parts } from './script/index.ts';
import { type Exchange, Session } from './session.ts';

const cleaningMs = 30_000;

/** Where one side is. */
export interface Side extends KafkaAccess {
  readonly host: string;
  readonly port: number;
}

export interface OperationDifference extends FieldDifference {
  operation: string;
  api: string;
  /** Ascending: all in which the same difference is seen. */
  versions: number[];
}

export interface ComparedScript {
  requests: number;
  differences: OperationDifference[];
}

/** Puts the same script to two brokers and compares all answers. What the script made is removed again. */
export async function compareSides(
  embedded: Side,
  other: Side,
  chosen: readonly string[],
  signal: AbortSignal,
): Promise<ComparedScript> {
  const prefix = `parity-${randomBytes(3).toString('hex')}-`;
  const common = { prefix, startedAt: Date.now(), signal };
  using ours = new Session({ ...embedded, ...common });
  using theirs = new Session({ ...other, ...common });
  const sides = [ours, theirs];
  const speaks = await Promise.all(sides.map((side) => side.speaks()));
  const isShared: Parameters<Session['share']>[0] = (...which) => speaks.every((speak) => speak(...which));
  for (const side of sides) side.share(isShared);
  try {
    for (const part of chosen) await Promise.all(sides.map((side) => run(part, side)));
  } finally {
    // Also when it is interrupted.
    const cleaning = { ...common, signal: AbortSignal.timeout(cleaningMs) };
    await Promise.all(
      [embedded, other].map(async (side) => {
        using session = new Session({ ...side, ...cleaning });
        session.share(isShared);
        await session.cleanUp();
      }),
    );
  }
  return { requests: ours.exchanges.length, differences: compare(ours.exchanges, theirs.exchanges, prefix) };
}

/** An answer that the script cannot go on from ends its part at that side; the other side's further answers then stand alone. */
async function run(part: string, session: Session): Promise<void> {
  try {
    await parts[part]!(session);
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    session.exchanges.push({
      operation: `${part}: the end of the part`,
      api: '',
      version: 0,
      answer: error.message,
    });
  }
}

function compare(
  ours: readonly Exchange[],
  theirs: readonly Exchange[],
  prefix: string,
): OperationDifference[] {
  const [masked, others] = [maskedOf(ours, prefix), maskedOf(theirs, prefix)];
  const found = new Map<string, OperationDifference>();
  for (const id of new Set([...masked.keys(), ...others.keys()])) {
    const [one, two] = [masked.get(id), others.get(id)];
    const { operation, api, version } = (one ?? two)!;
    for (const difference of differencesOf(
      one ? one.answer : '(not asked)',
      two ? two.answer : '(not asked)',
    )) {
      const same = JSON.stringify([operation, api, difference]);
      const known = found.get(same);
      if (known) known.versions.push(version);
      else found.set(same, { operation, api, versions: [version], ...difference });
    }
  }
  return [...found.values()];
}

/** By operation and version; the same asked twice is told apart by a number. */
function maskedOf(exchanges: readonly Exchange[], prefix: string): Map<string, Exchange> {
  const masking = new Masking(prefix);
  const found = new Map<string, Exchange>();
  for (const exchange of exchanges) {
    let id = `${exchange.operation} ${exchange.version}`;
    while (found.has(id)) id += "'";
    found.set(id, { ...exchange, answer: masking.answer(exchange) });
  }
  return found;
}
