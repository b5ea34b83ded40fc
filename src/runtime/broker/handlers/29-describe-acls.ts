import { DdsError } from '../../../errors/index.ts';
import { describeAcls } from '../../protocol/index.ts';
import { type AclFilter, hasUnknown } from '../state/acls.ts';
import { handler } from './handler.ts';

export interface RequestedFilter {
  resourceTypeFilter: number;
  resourceNameFilter: string | null;
  patternTypeFilter: number;
  principalFilter: string | null;
  hostFilter: string | null;
  operation: number;
  permissionType: number;
}

/** Of DescribeAcls and DeleteAcls. As in Kafka the connection ends with what is marked as unknown. */
export function filterOf(requested: RequestedFilter): AclFilter {
  const { operation, permissionType } = requested;
  const filter = {
    resourceType: requested.resourceTypeFilter,
    resourceName: requested.resourceNameFilter,
    patternType: requested.patternTypeFilter,
    principal: requested.principalFilter,
    host: requested.hostFilter,
    ...{ operation, permissionType },
  };
  if (hasUnknown(filter)) throw new DdsError('DDS_PROTOCOL', 'a filter of ACLs with an unknown element');
  return filter;
}

/** DescribeAcls 1–3: the rules that are kept, by resource. Left out: nothing is refused by them. */
export const describeAclsHandler = handler(
  describeAcls,
  (request, { broker }) => {
    const found = broker.acls.matching(filterOf(request));
    const byResource = Map.groupBy(found, ({ resourceType, resourceName, patternType }) =>
      JSON.stringify([resourceType, resourceName, patternType]),
    );
    const resources = [...byResource.values()].map((acls) => ({
      resourceType: acls[0]!.resourceType,
      resourceName: acls[0]!.resourceName,
      patternType: acls[0]!.patternType,
      acls,
    }));
    return { errorCode: 0, errorMessage: '', resources };
  },
  { leftOut: 'rules are kept and described, and refuse nothing yet' },
);
