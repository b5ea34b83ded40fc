/** Confluent's wire format: a zero byte, the schema's id as a big-endian int32, then the value. */
export const wireHeaderBytes = 5;

/** Id of the writer's schema; null when the bytes are not in the wire format. */
export function readWireId(bytes: Uint8Array): number | null {
  if (bytes.length < wireHeaderBytes || bytes[0] !== 0) return null;
  return (bytes[1]! << 24) | (bytes[2]! << 16) | (bytes[3]! << 8) | bytes[4]!;
}

/** Puts another schema id into a copy of the bytes: what a relay does. */
export function withWireId(bytes: Uint8Array, id: number): Buffer {
  const copy = Buffer.from(bytes);
  copy.writeInt32BE(id, 1);
  return copy;
}

export function writeWireHeader(buffer: Uint8Array, id: number, at = 0): void {
  buffer[at] = 0;
  buffer[at + 1] = id >>> 24;
  buffer[at + 2] = id >>> 16;
  buffer[at + 3] = id >>> 8;
  buffer[at + 4] = id;
}
