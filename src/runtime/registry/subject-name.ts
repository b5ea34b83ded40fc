import { errors } from './registry-error.ts';

/** Refuses what cannot be a subject's name: 42208. */
export function checkSubject(subject: string): void {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
  if (subject === '' || /[\u0000-\u001f\u007f]/.test(subject)) {
    throw errors.invalidSubject(subject, 'it is empty or has control characters');
  }
  if (subject === '__GLOBAL' || subject === '__EMPTY')
    throw errors.invalidSubject(subject, 'the name is reserved');
  if (subject.startsWith(':.')) throw errors.invalidSubject(subject, 'contexts are not supported');
}
