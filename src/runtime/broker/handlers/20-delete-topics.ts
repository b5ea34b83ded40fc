import {
  codeOf,
  deleteTopics,
  type KafkaErrorName,
  kafkaErrorEntry,
  NIL_UUID,
} from '../../protocol/index.ts';
import { handler } from './handler.ts';

interface Wanted {
  name: string | null;
  topicId: string;
}

/** DeleteTopics 0–6: by name, or by topic id from 6. */
export const deleteTopicsHandler = handler(
  deleteTopics,
  (request, { broker, version }) => {
    const { topics, configs } = broker;
    const wanted =
      version >= 6 ? request.topics : request.topicNames.map((name) => ({ name, topicId: NIL_UUID }));
    const failed = (
      { name, topicId }: Wanted,
      error: KafkaErrorName,
      errorMessage: string | null = kafkaErrorEntry(codeOf(error)).message,
    ) => ({ name, topicId, errorCode: codeOf(error), errorMessage });
    const topicOf = ({ name, topicId }: Wanted) => (name === null ? topics.byId(topicId) : topics.get(name));
    const meant = wanted.map((each) => topicOf(each)?.name ?? each.name);
    return {
      responses: wanted.flatMap((each, index) => {
        const { name, topicId } = each;
        if (!configs.boolean('delete.topic.enable')) return [failed(each, 'TOPIC_DELETION_DISABLED')];
        if ((name === null) === (topicId === NIL_UUID))
          return [failed(each, 'INVALID_REQUEST', 'A topic is named either by its name or by its id.')];
        const [first, last] = [meant.indexOf(meant[index]!), meant.lastIndexOf(meant[index]!)];
        if (meant[index] !== null && first !== last)
          return index === first
            ? [failed(each, 'INVALID_REQUEST', 'The topic is in the request twice.')]
            : [];
        const topic = topicOf(each);
        if (!topic) return [failed(each, name === null ? 'UNKNOWN_TOPIC_ID' : 'UNKNOWN_TOPIC_OR_PARTITION')];
        if (topic.internal)
          return [failed(each, 'INVALID_TOPIC_EXCEPTION', `Topic '${topic.name}' is internal.`)];
        topics.delete(topic);
        return [{ name: topic.name, topicId: topic.id, errorCode: 0, errorMessage: null }];
      }),
    };
  },
  { advertisedMinVersion: 1 },
);
