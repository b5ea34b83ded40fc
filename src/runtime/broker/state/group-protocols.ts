import type { Member } from './group-member.ts';

type Members = ReadonlyMap<string, Member>;

export function isSupportedByAll(members: Members, protocol: string): boolean {
  return [...members.values()].every(({ protocols }) => protocols.some(({ name }) => name === protocol));
}

/** The protocol that most members like best, of those that all have. */
export function electProtocol(members: Members): string {
  const votes = new Map<string, number>();
  for (const { protocols } of members.values()) {
    const vote = protocols.find(({ name }) => isSupportedByAll(members, name))!.name;
    votes.set(vote, (votes.get(vote) ?? 0) + 1);
  }
  return [...votes].reduce((best, other) => (other[1] > best[1] ? other : best))[0];
}
