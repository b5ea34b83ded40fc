/** Structs that more than one message has. */
import * as t from '../fields.ts';

/** KIP-951: who leads the partition now, told along with NOT_LEADER_OR_FOLLOWER. */
export const leaderIdAndEpoch = <const O extends t.FieldOptions>(options: O) =>
  t.struct({ leaderId: t.int32({ default: -1 }), leaderEpoch: t.int32({ default: -1 }) }, options);

export const nodeEndpoints = <const O extends t.FieldOptions>(options: O) =>
  t.array(
    {
      nodeId: t.int32(),
      host: t.string(),
      port: t.int32(),
      rack: t.string({ nullable: '0+', default: null }),
    },
    options,
  );

/** "Not asked for": what authorizedOperations fields hold by default. */
export const NO_AUTHORIZED_OPERATIONS = -2147483648;
