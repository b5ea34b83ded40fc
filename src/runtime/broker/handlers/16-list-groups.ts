import { listGroups } from '../../protocol/index.ts';
import { handler } from './handler.ts';

const CLASSIC = 'classic';

/** ListGroups 0–5: filtered by state from 4, by type from 5; every group is a classic one. */
export const listGroupsHandler = handler(listGroups, ({ statesFilter, typesFilter }, { broker }) => {
  const states = statesFilter.map((state) => state.toLowerCase());
  const types = typesFilter.map((type) => type.toLowerCase());
  return {
    errorCode: 0,
    groups: broker.groups
      .all()
      .filter(({ state }) => states.length === 0 || states.includes(state.toLowerCase()))
      .filter(() => types.length === 0 || types.includes(CLASSIC))
      .map(({ id, protocolType, state }) => ({
        groupId: id,
        protocolType: protocolType ?? '',
        groupState: state,
        groupType: CLASSIC,
      })),
  };
});
