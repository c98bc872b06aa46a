import { useCallback, useState } from 'react';
import type {
  ClientChangePreview,
  ClientChangeRequest,
  ClientChangeResult,
} from '../shared/ipc/client-app-calls';
import type { ClientOutcome, ClientPreview, ClientRefusal } from '../shared/model/client-apps';
import type { ErrorCode } from '../shared/model/errors';
import { codeOf } from './bridge';
import type { RouterStore } from './bridge';

/** How far a change of a client's file has come. */
export type ClientChangeStep =
  | { readonly kind: 'looking' }
  | {
      readonly kind: 'preview';
      readonly ticket: string;
      readonly preview: ClientPreview;
      /** The file changed after an earlier preview was confirmed. */
      readonly isRenewed: boolean;
    }
  | { readonly kind: 'working' }
  | { readonly kind: 'refused'; readonly refusal: ClientRefusal }
  | { readonly kind: 'done'; readonly outcome: Extract<ClientOutcome, { kind: 'done' }> }
  | { readonly kind: 'failed'; readonly code: ErrorCode };

/** Where a preview leads. */
export function stepAfterLook(found: ClientChangePreview, isRenewed = false): ClientChangeStep {
  return found.kind === 'planned'
    ? { kind: 'preview', ticket: found.ticket, preview: found.preview, isRenewed }
    : { kind: 'refused', refusal: found };
}

/** Where carrying a change out leads. */
export function stepAfterApply(result: ClientChangeResult): ClientChangeStep {
  switch (result.kind) {
    case 'done':
      return { kind: 'done', outcome: result };
    case 'stale':
      return stepAfterLook(result.now, true);
    default:
      return { kind: 'refused', refusal: result };
  }
}

/** A change from the first look to its end. `onDone` is called when something was written. */
export function useClientChange(
  store: Pick<RouterStore, 'ask'>,
  onDone: () => void,
): {
  readonly step: ClientChangeStep;
  readonly look: (request: ClientChangeRequest) => Promise<void>;
  readonly confirm: (ticket: string) => Promise<void>;
} {
  const [step, setStep] = useState<ClientChangeStep>({ kind: 'looking' });
  const failed = (error: unknown): ClientChangeStep => ({ kind: 'failed', code: codeOf(error) });
  const look = useCallback(
    async (request: ClientChangeRequest): Promise<void> => {
      setStep({ kind: 'looking' });
      setStep(await store.ask('client-apps.preview', request).then((found) => stepAfterLook(found), failed));
    },
    [store],
  );
  const confirm = useCallback(
    async (ticket: string): Promise<void> => {
      setStep({ kind: 'working' });
      const next = await store.ask('client-apps.apply', { ticket }).then(stepAfterApply, failed);
      setStep(next);
      if (next.kind === 'done') onDone();
    },
    [store, onDone],
  );
  return { step, look, confirm };
}
