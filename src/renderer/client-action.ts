import type { CommandResult } from '../shared/ipc/contract';
import { assertNever } from '../shared/model/errors';
import type { RouterStore } from './bridge';

/** What can be done about an attached client. */
export type ClientAction =
  | { readonly kind: 'disconnect'; readonly session: string }
  | { readonly kind: 'block' | 'unblock'; readonly name: string };

/** Does what a person wants done about an attached client. */
export function performClientAction(
  store: Pick<RouterStore, 'disconnectClient' | 'blockClient' | 'unblockClient'>,
  action: ClientAction,
): Promise<CommandResult> {
  switch (action.kind) {
    case 'disconnect':
      return store.disconnectClient(action.session);
    case 'block':
      return store.blockClient(action.name);
    case 'unblock':
      return store.unblockClient(action.name);
    default:
      return assertNever(action);
  }
}
