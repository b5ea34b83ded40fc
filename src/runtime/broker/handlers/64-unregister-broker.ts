import { codeOf, unregisterBroker } from '../../protocol/index.ts';
import { handler } from './handler.ts';

/** UnregisterBroker 0: nobody but the nodes of the site is registered, and those stay. */
export const unregisterBrokerHandler = handler(
  unregisterBroker,
  ({ brokerId }, { broker }) => {
    if (broker.nodes.ids.includes(brokerId))
      return {
        errorCode: codeOf('INVALID_REQUEST'),
        errorMessage: `Broker ID ${brokerId} belongs to this site`,
      };
    const errorMessage = `Broker ID ${brokerId} is not currently registered`;
    return { errorCode: codeOf('BROKER_ID_NOT_REGISTERED'), errorMessage };
  },
  { leftOut: 'a node of the site cannot be taken out' },
);
