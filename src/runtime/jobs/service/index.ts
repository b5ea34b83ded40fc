/** The entry `dds-lab/service`: what makes a program of one's own a member of a stack. */
export type { Logger } from '../../../shared/logger.ts';
export { runService, runStreams, type StreamsContext } from './run-service.ts';
export type { ServiceBody, ServiceContext } from './service-context.ts';
export { readSettings, type ServiceSettings } from './settings.ts';
