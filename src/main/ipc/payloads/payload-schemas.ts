import type { z } from 'zod';
import type { CallInput, CallNames } from '../../../shared/ipc/call';

/** One schema for each query and command: what the page may send, nothing more, and nothing longer. */
export type PayloadSchemas<Calls> = {
  readonly [C in CallNames<Calls>]: z.ZodType<CallInput<Calls[C]>>;
};
