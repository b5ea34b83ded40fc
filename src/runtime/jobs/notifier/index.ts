export { notifierTopology } from './notifier-topology.ts';
export { describedNotifier, type RunNotifierOptions, runNotifier } from './run-notifier.ts';
