import type { UpPlan } from '../runtime/stack/up-plan.ts';

/** What `dds up` would do, a line for each service; or how the running stack differs from what is asked for. */
export function planText({ stack, running, services, topics, differences }: UpPlan): string {
  if (running && differences.length === 0) return `The stack "${stack}" runs; nothing would change.\n`;
  const lines = running
    ? [`The stack "${stack}" runs, and differs:`, ...differences.map((line) => `  ~ ${line}`)]
    : [
        ...services.map(({ service }) => `+ ${service}`),
        `${services.length} services and ${topics.length} topics; nothing was started.`,
      ];
  return `${lines.join('\n')}\n`;
}
