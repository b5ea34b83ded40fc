import type { KafkaErrorName } from '../../protocol/index.ts';
import type { Member, MemberProtocol } from './group-member.ts';

/** The members of a group under the classic protocol, by id, in the order in which they came. */
export class GroupMembers extends Map<string, Member> {
  byInstance(groupInstanceId: string | null): Member | undefined {
    if (groupInstanceId === null) return undefined;
    return [...this.values()].find((member) => member.groupInstanceId === groupInstanceId);
  }

  /** Why one who says so cannot be a member; null when it is. */
  problemOf(memberId: string, groupInstanceId: string | null): KafkaErrorName | null {
    const holder = this.byInstance(groupInstanceId);
    if (holder && holder.id !== memberId) return 'FENCED_INSTANCE_ID';
    return this.has(memberId) ? null : 'UNKNOWN_MEMBER_ID';
  }

  /** Puts one in the place of another, so that the order stays. */
  replace(old: Member, by: Member): void {
    const all = [...this.values()].map((each) => (each === old ? by : each));
    this.clear();
    for (const each of all) this.set(each.id, each);
  }

  get haveAllJoined(): boolean {
    return [...this.values()].every(({ join }) => join !== null);
  }

  get rebalanceTimeoutMs(): number {
    return Math.max(0, ...[...this.values()].map((member) => member.rebalanceTimeoutMs));
  }

  isSupportedByAll(protocol: string): boolean {
    return [...this.values()].every(({ protocols }) => protocols.some(({ name }) => name === protocol));
  }

  haveInCommon(protocols: readonly MemberProtocol[]): boolean {
    return protocols.some(({ name }) => this.isSupportedByAll(name));
  }

  /** The protocol that most members like best, of those that all have. */
  electProtocol(): string {
    const votes = new Map<string, number>();
    for (const { protocols } of this.values()) {
      const vote = protocols.find(({ name }) => this.isSupportedByAll(name))!.name;
      votes.set(vote, (votes.get(vote) ?? 0) + 1);
    }
    return [...votes].reduce((best, other) => (other[1] > best[1] ? other : best))[0];
  }
}
