import { DdsError } from '../../errors/index.ts';
import type { RegistryAnswer } from './registry-http.ts';

/** DDS_REGISTRY_UNREACHABLE: nobody answered. */
export function unreachable(base: string, cause: unknown, timeoutMs: number): DdsError {
  const { name, message, code } = cause as NodeJS.ErrnoException;
  const why = name === 'AbortError' ? `no answer in ${timeoutMs} ms` : message || code;
  return new DdsError('DDS_REGISTRY_UNREACHABLE', `the Schema Registry at ${base} does not answer: ${why}`, {
    cause,
  });
}

/** DDS_AUTHENTICATION, DDS_NOT_ALLOWED or DDS_REGISTRY: it answered that it will not. */
export function refused(
  base: string,
  method: string,
  path: string,
  { status, body }: RegistryAnswer,
): DdsError {
  const known = isRegistryError(body);
  const said = known
    ? `${body.message.replace(/\s*\n\s*/g, ' ')} (error ${body.error_code})`
    : `HTTP status ${status}`;
  if (status === 401)
    return new DdsError('DDS_AUTHENTICATION', `the Schema Registry at ${base} does not accept us: ${said}`);
  if (status === 403)
    return new DdsError(
      'DDS_NOT_ALLOWED',
      `the Schema Registry at ${base} does not allow ${method} ${path}: ${said}`,
    );
  return new DdsError('DDS_REGISTRY', `the Schema Registry at ${base} refused ${method} ${path}: ${said}`, {
    details: {
      url: base + path,
      status,
      ...(known && { errorCode: body.error_code, message: body.message }),
    },
  });
}

/** Whether an answer is that of a registry, and not of any web server. */
export function isRegistryError(body: unknown): body is { error_code: number; message: string } {
  return typeof body === 'object' && body !== null && 'error_code' in body && 'message' in body;
}
