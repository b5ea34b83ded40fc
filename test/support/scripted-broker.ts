import type { AddressInfo } from 'node:net';
import { createServer, type Socket } from 'node:net';
import { FrameReader } from '../../src/runtime/kafka/client/frame-reader.ts';
import {
  type Api,
  apiVersions,
  decodeRequest,
  encodeResponse,
  initProducerId,
  metadata,
  produce,
  RecordBatch,
  type ResponseInput,
} from '../../src/runtime/protocol/index.ts';

/** What a producer sent for one partition. */
export interface ProducedBatch {
  topic: string;
  partition: number;
  producerId: number;
  epoch: number;
  sequence: number;
  count: number;
}

/** An error code, `drop` to end the connection without an answer, or `hang` to never answer. */
export type Reply = number | 'drop' | 'hang';

/** A broker that answers Produce as the test says, to meet what a real one does only once in a blue moon. */
export async function startScriptedBroker(options: {
  topic: string;
  partitions: number;
  reply(batch: ProducedBatch, nth: number): Reply;
}) {
  const batches: ProducedBatch[] = [];
  const sockets = new Set<Socket>();
  let producerIds = 1000;
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
    socket.on('error', () => undefined);
    const frames = new FrameReader();
    socket.on('data', (chunk) => frames.push(chunk, (frame) => onFrame(socket, frame)));
  });

  function onFrame(socket: Socket, frame: Buffer): void {
    const apiKey = frame.readInt16BE(0);
    const version = frame.readInt16BE(2);
    // biome-ignore lint/suspicious/noExplicitAny: any API
    const answer = <A extends Api<any, any>>(api: A, body: ResponseInput<A>) =>
      socket.write(Buffer.concat(encodeResponse(api, version, frame.readInt32BE(4), body)));
    if (apiKey === apiVersions.key) {
      answer(apiVersions, {
        errorCode: 0,
        apiKeys: [produce, metadata, initProducerId, apiVersions].map(({ key, minVersion, maxVersion }) => ({
          apiKey: key,
          minVersion,
          maxVersion: Math.min(maxVersion, 9),
        })),
      });
    } else if (apiKey === metadata.key) {
      const { port } = server.address() as AddressInfo;
      answer(metadata, {
        brokers: [{ nodeId: 1, host: '127.0.0.1', port }],
        topics: [
          {
            errorCode: 0,
            name: options.topic,
            partitions: Array.from({ length: options.partitions }, (_, partitionIndex) => ({
              errorCode: 0,
              partitionIndex,
              leaderId: 1,
              replicaNodes: [1],
              isrNodes: [1],
            })),
          },
        ],
      });
    } else if (apiKey === initProducerId.key) {
      answer(initProducerId, { errorCode: 0, producerId: ++producerIds, producerEpoch: 0 });
    } else onProduce(socket, frame, answer);
  }

  function onProduce(
    socket: Socket,
    frame: Buffer,
    answer: (api: typeof produce, body: ResponseInput<typeof produce>) => void,
  ): void {
    const { body } = decodeRequest(produce, frame);
    let isHanging = false;
    const responses = body.topicData.map(({ name, partitionData }) => ({
      name,
      partitionResponses: partitionData.map(({ index, records }) => {
        const { producerId, producerEpoch, baseSequence, recordCount } = new RecordBatch(records!);
        const batch: ProducedBatch = {
          topic: name,
          partition: index,
          producerId,
          epoch: producerEpoch,
          sequence: baseSequence,
          count: recordCount,
        };
        batches.push(batch);
        const reply = options.reply(batch, batches.length);
        if (reply === 'drop') socket.destroy();
        if (reply === 'hang') isHanging = true;
        return { index, errorCode: typeof reply === 'number' ? reply : 0, baseOffset: 0, logStartOffset: 0 };
      }),
    }));
    if (!socket.destroyed && !isHanging) answer(produce, { responses });
  }

  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    brokers: [`127.0.0.1:${(server.address() as AddressInfo).port}`],
    batches,
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
