import type { RuntimeContext } from '../../shared/context.ts';
import { connectStack } from './connect.ts';
import type { StackStatus } from './types.ts';

/** What every service of a running stack does now. Throws DDS_NO_STACK. */
export async function status(
  options: { stack?: string | undefined },
  context: RuntimeContext,
): Promise<StackStatus> {
  const connection = await connectStack(context, options);
  try {
    return await connection.status();
  } finally {
    connection.close();
  }
}
