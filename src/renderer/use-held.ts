import type { RefObject } from 'react';
import { useCallback, useEffect, useRef, useState } from 'react';

/**
 * Holds what is read: while the top of a list is scrolled out of view, `value` stays what it was, and whoever reads is not
 * moved by what comes in above.
 */
export function useHeld<T>(value: T): {
  readonly shown: T;
  readonly isHeld: boolean;
  /** Put at the top of the list. */
  readonly top: RefObject<HTMLDivElement | null>;
  /** Shows the newest, and brings the top into view. */
  readonly release: () => void;
} {
  const top = useRef<HTMLDivElement>(null);
  const newest = useRef(value);
  const [held, setHeld] = useState<{ readonly value: T } | null>(null);
  useEffect(() => {
    newest.current = value;
  }, [value]);
  useEffect(() => {
    const look = (): void => {
      const isAway = (top.current?.getBoundingClientRect().top ?? 0) < 0;
      setHeld((before) => (isAway ? (before ?? { value: newest.current }) : null));
    };
    document.addEventListener('scroll', look, { capture: true, passive: true });
    return () => document.removeEventListener('scroll', look, { capture: true });
  }, []);
  const release = useCallback(() => {
    setHeld(null);
    top.current?.scrollIntoView({ block: 'start' });
  }, []);
  return { shown: held === null ? value : held.value, isHeld: held !== null, top, release };
}
