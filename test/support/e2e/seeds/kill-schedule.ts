import { Random } from '../../../../src/shared/random.ts';
import type { LabEngine } from '../lab-engine.ts';

export interface Blow {
  /** Falls when so many readings were sent, over all sites. */
  after: number;
  /** A service, `<site>/kafka` for the container of a broker, or `supervisor`. */
  victim: string;
}

const services = ['edge-1/sink', 'central/sink', 'central/relay', 'central/detector'];
const brokers = ['edge-1', 'edge-2', 'central'];

/** Who is killed after how many readings: each of them once at least, some together, some while they still start again. */
export function scheduleOf(seed: number, engine: LabEngine, readings: number): Blow[] {
  const random = new Random(seed, 1000);
  const sites = brokers.map((site) => `${site}/site`);
  // With containers the process of a site only watches them: it dies as well, in one seed of three.
  const containers = brokers.map((site) => `${site}/kafka`);
  const watcher = random.uniform(0, 3) < 1 ? [sites[Math.floor(random.uniform(0, 3))]!] : [];
  const once = [...services, ...(engine === 'docker' ? [...containers, ...watcher] : sites)];
  const twice = ['central/relay', 'central/detector', engine === 'docker' ? 'central/kafka' : 'central/site'];
  const order = [...once, ...twice.filter(() => random.uniform(0, 2) < 1)];
  const shuffled = [...random.permutation(order.length)].map((at) => order[at]!);
  // It takes all with it: what comes before would have nothing more to do.
  if (random.uniform(0, 2) < 1) shuffled.splice(Math.floor(shuffled.length / 2), 0, 'supervisor');
  let after = 0;
  const share = readings / (shuffled.length + 1);
  return shuffled.map((victim) => {
    after += random.uniform(0.2, 1.8) * share;
    return { victim, after: Math.min(Math.floor(after), readings) };
  });
}
