import { listGroups } from '../../protocol/index.ts';
import { coordinates } from './coordinators.ts';
import { handler } from './handler.ts';

/** ListGroups 0–5: those that this node coordinates; filtered by state from 4, by type from 5. */
export const listGroupsHandler = handler(listGroups, ({ statesFilter, typesFilter }, context) => {
  const { groups } = context.broker;
  const states = statesFilter.map((state) => state.toLowerCase());
  const types = typesFilter.map((type) => type.toLowerCase());
  return {
    errorCode: 0,
    groups: [...listed('classic', groups.all()), ...listed('consumer', groups.consumers.all())]
      .filter(({ groupId }) => coordinates(context, groupId))
      .filter(({ groupState }) => states.length === 0 || states.includes(groupState.toLowerCase()))
      .filter(({ groupType }) => types.length === 0 || types.includes(groupType)),
  };
});

const listed = (
  groupType: 'classic' | 'consumer',
  groups: readonly { id: string; protocolType: string | null; state: string }[],
) =>
  groups.map(({ id, protocolType, state }) => ({
    ...{ groupId: id, protocolType: protocolType ?? '', groupState: state, groupType },
  }));
