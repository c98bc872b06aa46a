import { useCallback, useEffect, useState } from 'react';
import type { CredentialOutcome, CredentialProgress } from '../shared/model/credential-views';
import { errorTable } from '../shared/model/errors';
import { codeOf, type RouterStore } from './bridge';

/** What is being done to a credential at the moment. */
export type ChangeStep = Extract<CredentialProgress, { kind: 'changing' }>['step'] | 'looking' | 'ending';

/** One change of one credential at a time: how far it is, and what came of it. */
export interface CredentialChanging {
  readonly step: ChangeStep | null;
  readonly outcome: CredentialOutcome | null;
  /** Runs a command, and remembers what came of it; always answers. */
  run(first: ChangeStep, command: Promise<CredentialOutcome>): Promise<CredentialOutcome>;
  forget(): void;
}

/** What the window says when the call itself fails. */
export const failedCall = (error: unknown): { readonly kind: 'failed'; readonly message: string } => ({
  kind: 'failed',
  message: errorTable[codeOf(error)].text,
});

/** Follows the changes of the credential of that id. */
export function useCredentialChange(id: string, store: Pick<RouterStore, 'listen'>): CredentialChanging {
  const [step, setStep] = useState<ChangeStep | null>(null);
  const [outcome, setOutcome] = useState<CredentialOutcome | null>(null);
  useEffect(
    () =>
      store.listen('credentials.progress', (progress) => {
        // What arrives late must not begin something that has ended.
        if (progress.kind === 'changing' && progress.id === id)
          setStep((now) => (now === null ? null : progress.step));
      }),
    [id, store],
  );
  const run = useCallback(async (first: ChangeStep, command: Promise<CredentialOutcome>) => {
    setStep(first);
    setOutcome(null);
    const result = await command.catch(failedCall);
    setStep(null);
    setOutcome(result);
    return result;
  }, []);
  const forget = useCallback(() => setOutcome(null), []);
  return { step, outcome, run, forget };
}
