import type { StackChange } from '../runtime/stack/changes.ts';
import type { UpPlan } from '../runtime/stack/up-plan.ts';

const marks: Readonly<Record<StackChange['action'], string>> = {
  ...{ add: '+', create: '+', remove: '-', restart: '~', alter: '~', register: '+', keep: '=' },
};

/** `~ restart edge-1/sink (--topics a → a,b)`. */
export const changeText = ({ action, what, why }: StackChange): string =>
  `${marks[action]} ${action} ${what}${why ? ` (${why})` : ''}`;

/** What `dds up` would do, a line for each service or change. */
export function planText({ stack, running, services, topics, changes }: UpPlan): string {
  if (running && changes.length === 0) return `The stack "${stack}" runs; nothing would change.\n`;
  const lines = running
    ? [`The stack "${stack}" runs; this would change:`, ...changes.map(changeText), 'Nothing was changed.']
    : [
        ...services.map(({ service }) => `+ ${service}`),
        `${services.length} services and ${topics.length} topics; nothing was started.`,
      ];
  return `${lines.join('\n')}\n`;
}
