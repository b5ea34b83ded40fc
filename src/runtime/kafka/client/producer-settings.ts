import type { ProducerOptions } from '../port.ts';

export type ProducerSettings = Readonly<Required<Omit<ProducerOptions, 'onBatch'>>>;

export function producerSettings(options: ProducerOptions, isTransactional: boolean): ProducerSettings {
  const idempotent = isTransactional || (options.idempotent ?? true);
  return {
    acks: idempotent ? -1 : (options.acks ?? -1),
    idempotent,
    lingerMs: options.lingerMs ?? 5,
    batchBytes: options.batchBytes ?? 256 * 1024,
    maxInFlight: Math.max(1, Math.min(options.maxInFlight ?? 5, idempotent ? 5 : Number.POSITIVE_INFINITY)),
    deliveryTimeoutMs: options.deliveryTimeoutMs ?? 120_000,
    compression: options.compression ?? 'none',
    failTogether: idempotent && (options.failTogether ?? false),
  };
}
