const unknownId = Buffer.alloc(16);

/** The 16 bytes of a KIP-516 topic id, given as a UUID or as Kafka's tools print it (base64url); zeros when unknown. */
export function topicIdBytes(id: string | null): Buffer {
  if (id === null) return unknownId;
  const bytes =
    id.includes('-') && id.length === 36
      ? Buffer.from(id.replaceAll('-', ''), 'hex')
      : Buffer.from(id, 'base64url');
  return bytes.length === 16 ? bytes : unknownId;
}
