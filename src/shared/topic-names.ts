import { DdsError } from '../errors/index.ts';

/** How topics of one source are called at the target. */
export interface TopicNames {
  target(topic: string): string;
  /** True for a topic whose name says that it was made of one of the target's: it would come back, and grow each time. */
  isLoop(topic: string): boolean;
}

const placeholder = /\{(?:site|topic)\}/g;

/** @throws DDS_USAGE for a policy that is neither `same` nor a template with `{topic}` */
export function checkNamePolicy(policy: string): void {
  if (policy === 'same') return;
  const isNameable = /^[A-Za-z0-9._-]*$/.test(policy.replace(placeholder, ''));
  if (isNameable && policy.split('{topic}').length === 2 && policy.split('{site}').length <= 2) return;
  throw new DdsError('DDS_USAGE', `"${policy}" names no topics`, {
    hint: 'Write same, {site}.{topic}, or another template with {topic} in it once, letters, digits, dots, dashes and underscores.',
  });
}

/** The names that a policy makes of the topics of one site at another. */
export function topicNames(policy: string, sourceSite: string, targetSite: string): TopicNames {
  checkNamePolicy(policy);
  if (policy === 'same' || policy === '{topic}') return { target: (topic) => topic, isLoop: () => false };
  const target = (topic: string) =>
    policy.replace(placeholder, (what) => (what === '{site}' ? sourceSite : topic));
  if (!policy.includes('{site}')) return { target, isLoop: made(policy) };
  const reverse = new RegExp(
    `^${escaped(policy)
      .replace('\\{site\\}', '(?<site>[A-Za-z0-9_-]+)')
      .replace('\\{topic\\}', '(?<topic>.+)')}$`,
  );
  const isLoop = (topic: string): boolean => {
    const { site, topic: before } = reverse.exec(topic)?.groups ?? {};
    if (before === undefined) return false;
    return site === targetSite || isLoop(before);
  };
  return { target, isLoop };
}

/** Without the site in it nothing tells whose it was: what looks made by the template is taken to be. */
function made(policy: string): (topic: string) => boolean {
  const pattern = new RegExp(`^${escaped(policy).replace('\\{topic\\}', '.+')}$`);
  return (topic) => pattern.test(topic);
}

const escaped = (text: string) => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
