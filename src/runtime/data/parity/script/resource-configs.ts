import {
  alterConfigs,
  describeConfigs,
  incrementalAlterConfigs,
  listConfigResources,
  RESOURCE_BROKER_LOGGER,
  RESOURCE_CLIENT_METRICS,
  RESOURCE_GROUP,
} from '../../../protocol/index.ts';
import type { Session } from '../session.ts';

const SET = 0;
const DELETE = 1;
const APPEND = 2;

/** Configs of one group, subscription or logger. */
class Resource {
  readonly #session: Session;
  readonly #type: number;
  readonly #what: string;
  readonly #name: string;

  constructor(session: Session, type: number, what: string, name: string) {
    this.#session = session;
    this.#type = type;
    this.#what = what;
    this.#name = name;
  }

  describe(how: string, { name = this.#name, keys = null as string[] | null, includeSynonyms = true } = {}) {
    const resource = { resourceType: this.#type, resourceName: name, configurationKeys: keys };
    return this.#session.ask(`configs: describe ${this.#what}${how}`, describeConfigs, {
      resources: [resource],
      includeSynonyms,
    });
  }

  alter(how: string, configs: [string, number, string | null][], name = this.#name) {
    const changes = configs.map(([config, configOperation, value]) => ({
      name: config,
      configOperation,
      value,
    }));
    return this.#session.ask(`configs: ${this.#what}, ${how}`, incrementalAlterConfigs, {
      resources: [{ resourceType: this.#type, resourceName: name, configs: changes }],
      validateOnly: false,
    });
  }

  replace(how: string, configs: { name: string; value: string | null }[]) {
    return this.#session.ask(`configs: ${this.#what}, ${how}`, alterConfigs, {
      resources: [{ resourceType: this.#type, resourceName: this.#name, configs }],
      validateOnly: false,
    });
  }

  /** Until a change is to be seen. */
  shows(config: string, value: string | undefined) {
    const resource = { resourceType: this.#type, resourceName: this.#name, configurationKeys: [config] };
    const body = { resources: [resource], includeSynonyms: false };
    return this.#session.await(
      describeConfigs,
      body,
      ({ results }) => results[0]!.configs[0]?.value === value,
    );
  }
}

export async function resourceConfigs(session: Session, broker: string): Promise<void> {
  await groups(session);
  await clientMetrics(session);
  const logger = new Resource(session, RESOURCE_BROKER_LOGGER, 'loggers', broker);
  await logger.describe('', { keys: ['no.such.logger'] });
  await logger.alter('set one that is not there', [['no.such.logger', SET, 'INFO']]);
}

async function groups(session: Session): Promise<void> {
  const group = new Resource(session, RESOURCE_GROUP, 'a group', session.name('g'));
  const [timeout, interval] = ['consumer.session.timeout.ms', 'consumer.heartbeat.interval.ms'];
  await group.describe('', { includeSynonyms: false });
  await group.describe(', with synonyms');
  await group.describe(', an unknown config', { keys: ['no.such.config'] });
  await group.describe(', without a name', { name: '' });
  await group.alter('set', [[timeout, SET, '50000']]);
  await group.shows(timeout, '50000');
  await group.alter('set below the least', [[timeout, SET, '1000']]);
  await group.alter('set above the most', [[timeout, SET, '100000']]);
  await group.alter('set an interval below the least', [[interval, SET, '10']]);
  await group.alter('set an interval above the most', [[interval, SET, '20000']]);
  await group.alter('set to what is no number', [[timeout, SET, 'soon']]);
  await group.alter('set an unknown config', [['no.such.config', SET, '1']]);
  await group.alter('append to what is no list', [[timeout, APPEND, '1']]);
  await group.alter('set without a name', [[timeout, SET, '50000']], '');
  await group.describe(', after the changes');
  await session.ask('configs: list groups', listConfigResources, { resourceTypes: [RESOURCE_GROUP] });
  await group.replace('replace all', [{ name: interval, value: '6000' }]);
  await group.shows(interval, '6000');
  await group.describe(', after the replacement', { keys: [timeout, interval] });
  await group.alter('delete', [[interval, DELETE, null]]);
  await group.shows(interval, '5000');
  await session.ask('configs: list groups, none', listConfigResources, { resourceTypes: [RESOURCE_GROUP] });
}

async function clientMetrics(session: Session): Promise<void> {
  const metrics = new Resource(session, RESOURCE_CLIENT_METRICS, 'client metrics', session.name('m'));
  await metrics.describe('', { includeSynonyms: false });
  await metrics.describe(', without a name', { name: '' });
  await metrics.alter('set', [
    ['interval.ms', SET, '1000'],
    ['metrics', SET, 'org.apache.kafka.producer.'],
    ['match', SET, 'client_software_name=java.*'],
  ]);
  await metrics.shows('interval.ms', '1000');
  await metrics.alter('set too short an interval', [['interval.ms', SET, '1']]);
  await metrics.alter('set too long an interval', [['interval.ms', SET, '100000000']]);
  await metrics.alter('set an unknown config', [['no.such.config', SET, '1']]);
  await metrics.alter('match what is not known', [['match', SET, 'favourite_colour=blue']]);
  await metrics.alter('match what is no pattern', [['match', SET, 'client_id=(']]);
  await metrics.alter('match without a pattern', [['match', SET, 'client_id']]);
  await metrics.alter('append', [['metrics', APPEND, 'org.apache.kafka.consumer.']]);
  await metrics.alter('set without a name', [['interval.ms', SET, '1000']], '');
  await metrics.describe(', after the changes');
  await metrics.describe(', an unknown config', { keys: ['no.such.config'] });
  await session.askInAll('configs: list client metrics', listConfigResources, {
    resourceTypes: [RESOURCE_CLIENT_METRICS],
  });
  await metrics.alter('delete', [
    ['interval.ms', DELETE, null],
    ['metrics', DELETE, null],
    ['match', DELETE, null],
  ]);
  await session.await(
    listConfigResources,
    { resourceTypes: [RESOURCE_CLIENT_METRICS] },
    ({ configResources }) => configResources.length === 0,
  );
  await metrics.describe(', after the deletion');
}
