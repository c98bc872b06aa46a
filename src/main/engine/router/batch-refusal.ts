import { batchRequestIds } from '../jsonrpc/batch';

import { refuse, type SessionContext } from './session-context';

const DETAIL = 'batches are not part of MCP; send one message per line';

/** Answers each request of a batch, so that nobody waits for it; nothing of a batch is sent. */
export function refuseBatch(context: SessionContext, line: Buffer): void {
  const ids = batchRequestIds(line);
  if (ids === undefined) refuse(context, null, { code: 'parse-failed' });
  const targets = ids?.length === 0 ? [null] : (ids ?? []);
  for (const id of targets) refuse(context, id, { code: 'invalid-request', detail: DETAIL });
}
