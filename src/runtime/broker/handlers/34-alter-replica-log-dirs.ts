import { alterReplicaLogDirs, codeOf } from '../../protocol/index.ts';
import { handler } from './handler.ts';

/** AlterReplicaLogDirs 1–2: there is one directory, in which everything is already. */
export const alterReplicaLogDirsHandler = handler(
  alterReplicaLogDirs,
  ({ dirs }, { broker: { root, topics } }) => {
    const asked = dirs.flatMap((dir) => dir.topics.map((topic) => ({ ...topic, path: dir.path })));
    const byName = Map.groupBy(asked, ({ name }) => name);
    const results = [...byName].map(([topicName, moves]) => ({
      topicName,
      partitions: moves.flatMap(({ path, partitions }) =>
        partitions.map((partitionIndex) => {
          if (path !== root.path) return { partitionIndex, errorCode: codeOf('LOG_DIR_NOT_FOUND') };
          const isThere = topics.partition(topicName, partitionIndex) !== undefined;
          return { partitionIndex, errorCode: isThere ? 0 : codeOf('UNKNOWN_TOPIC_OR_PARTITION') };
        }),
      ),
    }));
    return { results };
  },
  { leftOut: 'a second directory' },
);
