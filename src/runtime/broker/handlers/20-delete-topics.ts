import { codeOf, deleteTopics, NIL_UUID } from '../../protocol/index.ts';
import { handler } from './handler.ts';

/** DeleteTopics 0–6: by name, or by topic id from 6. */
export const deleteTopicsHandler = handler(
  deleteTopics,
  (request, { broker, version }) => {
    const { topics, configs } = broker;
    const wanted =
      version >= 6 ? request.topics : request.topicNames.map((name) => ({ name, topicId: NIL_UUID }));
    return {
      responses: wanted.map(({ name, topicId }) => {
        const topic = name === null ? topics.byId(topicId) : topics.get(name);
        const failed = (error: Parameters<typeof codeOf>[0], errorMessage: string | null = null) => ({
          name,
          topicId,
          errorCode: codeOf(error),
          errorMessage,
        });
        if (!configs.boolean('delete.topic.enable')) return failed('TOPIC_DELETION_DISABLED');
        if (!topic) return failed(name === null ? 'UNKNOWN_TOPIC_ID' : 'UNKNOWN_TOPIC_OR_PARTITION');
        if (topic.internal) return failed('INVALID_TOPIC_EXCEPTION', `Topic '${topic.name}' is internal.`);
        topics.delete(topic);
        return { name: topic.name, topicId: topic.id, errorCode: 0 };
      }),
    };
  },
  { advertisedMinVersion: 1 },
);
