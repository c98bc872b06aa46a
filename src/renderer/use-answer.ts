import { useCallback, useEffect, useRef, useState } from 'react';
import type { ErrorCode } from '../shared/model/errors';
import { codeOf } from './bridge';

/** What became of a question to the main process. */
export type Answer<T> =
  | { readonly kind: 'loading' }
  | { readonly kind: 'failed'; readonly code: ErrorCode }
  | { readonly kind: 'ready'; readonly value: T };

/**
 * Asks when the page is drawn and whenever `question` is another function (wrap it in useCallback); the newest question
 * wins. While it is asked again, the earlier answer stays.
 */
export function useAnswer<T>(question: () => Promise<T>): {
  readonly answer: Answer<T>;
  readonly askAgain: () => Promise<void>;
} {
  const [answer, setAnswer] = useState<Answer<T>>({ kind: 'loading' });
  const newest = useRef(0);
  const askAgain = useCallback(async (): Promise<void> => {
    newest.current += 1;
    const turn = newest.current;
    const next = await question().then(
      (value): Answer<T> => ({ kind: 'ready', value }),
      (error: unknown): Answer<T> => ({ kind: 'failed', code: codeOf(error) }),
    );
    if (turn === newest.current) setAnswer(next);
  }, [question]);
  useEffect(() => {
    void askAgain();
    return () => {
      newest.current += 1;
    };
  }, [askAgain]);
  return { answer, askAgain };
}
