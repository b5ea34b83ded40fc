export interface TopicPartition {
  topic: string;
  partition: number;
}

export interface Header {
  key: string;
  value: Uint8Array | null;
}
