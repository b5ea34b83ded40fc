import type { Topology } from '../topology/index.ts';
import type { StackEvent } from './types.ts';

/**
 * What `dds up` and the supervisor say to each other over IPC. The stack is up's until it detaches: a channel that
 * closes before that, for whatever reason, stops everything again.
 */
export type UpMessage = { type: 'start'; request: StartRequest } | { type: 'detach' };
export type SupervisorReply = StackEvent;

export interface StartRequest {
  cwd: string;
  stack: string;
  topology: Topology;
  /** Held by containers that this stack takes over. */
  heldPorts: number[];
  portsMode: 'auto' | 'fixed';
  /** Version of dds. */
  version: string;
  /** When `up` began, ms since the epoch. */
  beganAt: number;
}
