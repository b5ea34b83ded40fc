import { listGroups } from '../../protocol/index.ts';
import { handler } from './handler.ts';

/** ListGroups 0–5: filtered by state from 4, by type from 5. */
export const listGroupsHandler = handler(listGroups, ({ statesFilter, typesFilter }, { broker }) => {
  const states = statesFilter.map((state) => state.toLowerCase());
  const types = typesFilter.map((type) => type.toLowerCase());
  return {
    errorCode: 0,
    groups: [...listed('classic', broker.groups.all()), ...listed('consumer', broker.groups.consumers.all())]
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
