/** What a registry adds to its reasons: the earlier schema in full, and the settings. */
const additions = /^\{(oldSchema|oldSchemaVersion|validateFields|compatibility)\b/;

/** Reasons as sentences: Confluent's registry (7.4 and later) writes them as `{errorType:…, description:'…', additionalInfo:…}`. */
export function plainReasons(messages: readonly string[]): string[] {
  const plain = messages
    .filter((message) => !additions.test(message.trim()))
    .map((message) => {
      const [, description, info] = /description:'(.*)', additionalInfo:'(.*)'\}/s.exec(message) ?? [];
      if (!description) return message.replace(/\s+/g, ' ');
      return `${description}${info?.includes(':') ? ` (${info})` : ''}`;
    });
  return plain.length > 0 ? plain : [...messages];
}
