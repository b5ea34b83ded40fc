import { codeOf, describeGroups, type KafkaErrorName } from '../../protocol/index.ts';
import type { Group } from '../state/group.ts';
import { authorizedOperations } from './authorized-operations.ts';
import { coordinatorProblem } from './coordinators.ts';
import { handler } from './handler.ts';

const ERROR_VERSION = 6;

/** DescribeGroups 0–6: a group that does not exist is told as Dead, from 6 as an error (KIP-1043). */
export const describeGroupsHandler = handler(describeGroups, (request, context) => ({
  groups: request.groups.map((groupId) => {
    const { broker, version } = context;
    const problem = coordinatorProblem(context, groupId);
    if (problem) return failed(groupId, problem);
    const group = broker.groups.get(groupId);
    return {
      ...(group ? described(group) : missing(groupId, version)),
      authorizedOperations: authorizedOperations(
        'group',
        request.includeAuthorizedOperations && (group !== undefined || version < ERROR_VERSION),
      ),
    };
  }),
}));

function described(group: Group) {
  const isStable = group.state === 'Stable';
  return {
    errorCode: 0,
    groupId: group.id,
    groupState: group.state,
    protocolType: group.protocolType ?? '',
    protocolData: isStable ? (group.protocolName ?? '') : '',
    members: [...group.members.values()].map((member) => ({
      memberId: member.id,
      groupInstanceId: member.groupInstanceId,
      clientId: member.clientId,
      clientHost: `/${member.clientHost}`,
      memberMetadata: isStable ? member.metadataOf(group.protocolName) : Buffer.alloc(0),
      memberAssignment: member.assignment,
    })),
  };
}

function missing(groupId: string, version: number) {
  const isError = version >= ERROR_VERSION;
  return {
    ...failed(groupId, isError ? 'GROUP_ID_NOT_FOUND' : 'NONE'),
    errorMessage: isError ? `Group ${groupId} not found.` : null,
    groupState: 'Dead',
  };
}

const failed = (groupId: string, error: KafkaErrorName) => ({
  ...{ errorCode: codeOf(error), groupId, groupState: '', protocolType: '', protocolData: '', members: [] },
});
