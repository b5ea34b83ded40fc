/** Consumer group of a stream job of ours, and start of the names of its internal topics. */
export const streamJobId = (name: string) => `dds.${name}`;
