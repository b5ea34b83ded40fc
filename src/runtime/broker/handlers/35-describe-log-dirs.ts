import { describeLogDirs } from '../../protocol/index.ts';
import { handler } from './handler.ts';

/** DescribeLogDirs 0–5: the one directory, the size of each partition that the node has a replica of, and how much room the disk has. */
export const describeLogDirsHandler = handler(
  describeLogDirs,
  (request, { broker, endpoint }) => {
    const { topics, root } = broker;
    const wanted = request.topics ?? topics.all().map(({ name }) => ({ topic: name, partitions: null }));
    return {
      errorCode: 0,
      results: [
        {
          errorCode: 0,
          logDir: root.path,
          ...root.room(),
          topics: wanted
            .map(({ topic: name, partitions }) => ({
              name,
              partitions: (topics.get(name)?.partitions ?? [])
                .filter(({ partition }) => partitions === null || partitions.includes(partition))
                .filter(({ leadership }) => leadership.replicas.includes(endpoint.nodeId))
                .map(({ partition, log }) => ({
                  partitionIndex: partition,
                  partitionSize: log.bytes,
                  offsetLag: 0,
                  isFutureKey: false,
                })),
            }))
            .filter(({ partitions }) => partitions.length > 0),
        },
      ],
    };
  },
  { advertisedMinVersion: 1 },
);
