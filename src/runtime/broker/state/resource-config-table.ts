import { type ConfigDefinition, config } from './config-table.ts';
import type { Configs } from './configs.ts';
import { expression } from './expression.ts';

/** Of groups; what they do not set is the broker's. */
export const groupConfigs: Readonly<Record<string, ConfigDefinition>> = {
  'consumer.heartbeat.interval.ms': config('int', '5000', 'heartbeats of the consumer protocol', {
    brokerName: 'group.consumer.heartbeat.interval.ms',
    minimum: 1,
  }),
  'consumer.session.timeout.ms': config('int', '45000', 'session of a member of the consumer protocol', {
    brokerName: 'group.consumer.session.timeout.ms',
    minimum: 1,
  }),
};

/** Of subscriptions to metrics of clients. */
export const clientMetricsConfigs: Readonly<Record<string, ConfigDefinition>> = {
  'interval.ms': config('int', '300000', 'stored: nobody takes metrics of clients', {
    minimum: 100,
    maximum: 3_600_000,
  }),
  match: config('list', '', 'stored: nobody takes metrics of clients'),
  metrics: config('list', '', 'stored: nobody takes metrics of clients'),
};

/** What a subscription to metrics may choose clients by. */
const selectors = [
  ...['client_instance_id', 'client_id', 'client_software_name', 'client_software_version'],
  ...['client_source_address', 'client_source_port'],
];

/** What is wrong with a list of `selector=pattern`; null when nothing is. */
export function matchProblem(value: string): string | null {
  for (const pair of value.split(',').filter((each) => each.trim() !== '')) {
    const [selector = '', pattern] = pair.split('=').map((part) => part.trim());
    if (!selectors.includes(selector)) return `${selector} is none of ${selectors.join(', ')}`;
    if (!pattern) return `${pair} has no pattern`;
    try {
      expression(pattern);
    } catch {
      return `${pattern} is no regular expression`;
    }
  }
  return null;
}

type GroupConfig = 'consumer.heartbeat.interval.ms' | 'consumer.session.timeout.ms';

/** The value in force for a group that sets these. */
export const groupConfig = (name: GroupConfig, own: Readonly<Record<string, string>>, configs: Configs) =>
  Number(own[name] ?? configs.string(`group.${name}`));

/** What is wrong with the values of a group together with those of the broker; null when nothing is. */
export function groupConfigsProblem(own: Readonly<Record<string, string>>, configs: Configs): string | null {
  for (const what of ['heartbeat.interval.ms', 'session.timeout.ms']) {
    const name = `consumer.${what}`;
    const value = own[name];
    if (value === undefined) continue;
    const [least, most] = ['min', 'max'].map((limit) => configs.number(`group.consumer.${limit}.${what}`));
    if (Number(value) < least! || Number(value) > most!)
      return `${name} must be ${least} to ${most}, not ${value}: the broker has group.consumer.{min,max}.${what}`;
  }
  const session = groupConfig('consumer.session.timeout.ms', own, configs);
  const interval = groupConfig('consumer.heartbeat.interval.ms', own, configs);
  if (session > interval) return null;
  return `consumer.session.timeout.ms (${session}) must be greater than consumer.heartbeat.interval.ms (${interval})`;
}
