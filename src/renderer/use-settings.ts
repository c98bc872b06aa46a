import { useCallback, useEffect, useReducer } from 'react';
import type { SettingsCheck } from '../shared/ipc/settings-calls';
import { errorTable } from '../shared/model/errors';
import type { RouterStore } from './bridge';
import { codeOf } from './bridge';
import type { Draft } from './setting-drafts';
import { firstState, nextState, pendingChanges, questionOf, type SettingsState } from './settings-state';

/** After the last key that was typed. */
const CHECK_AFTER_MS = 250;

export type SettingsStore = Pick<RouterStore, 'ask' | 'perform' | 'listen'>;

/** The page's knowledge, and what can be done with it. */
export interface SettingsPage {
  readonly state: SettingsState;
  readonly draft: (path: string, draft: Draft | undefined) => void;
  readonly discard: () => void;
  readonly review: () => void;
  readonly back: () => void;
  readonly save: () => void;
  readonly openFile: () => void;
}

const messageOf = (error: unknown): string => errorTable[codeOf(error)].text;

/** Reads the file when the page opens, when the window gets the focus, and when the router tells of another file. */
export function useSettings(store: SettingsStore): SettingsPage {
  const [state, dispatch] = useReducer(nextState, firstState);
  const load = useCallback(
    () =>
      store.ask('settings.get').then(
        (file) => dispatch({ kind: 'loaded', file }),
        (error: unknown) => dispatch({ kind: 'failed', code: codeOf(error) }),
      ),
    [store],
  );
  useEffect(() => {
    const reload = (): void => void load();
    reload();
    window.addEventListener('focus', reload);
    const stop = store.listen('events.added', (events) => {
      if (events.some(({ kind }) => kind === 'config-applied' || kind === 'config-rejected')) reload();
    });
    return () => {
      window.removeEventListener('focus', reload);
      stop();
    };
  }, [load, store]);
  useChecking(store, state, (question, check) => {
    dispatch({ kind: 'checked', question, check });
    if (check.kind === 'changed') void load();
  });
  return { state, ...actionsOf({ store, state, dispatch, load }) };
}

function useChecking(
  store: SettingsStore,
  state: SettingsState,
  onCheck: (question: string, check: SettingsCheck) => void,
): void {
  const question = questionOf(state);
  const { readings } = state;
  const hasChanges = pendingChanges(state).length > 0;
  useEffect(() => {
    if (!hasChanges) return undefined;
    let isWanted = true;
    const timer = setTimeout(() => {
      const [revision, changes] = JSON.parse(question) as [string, ReturnType<typeof pendingChanges>]; // as questionOf writes it
      const answer = store
        .ask('settings.check', { revision, changes })
        .catch((error: unknown): SettingsCheck => ({ kind: 'refused', message: messageOf(error) }));
      void answer.then((check) => {
        if (isWanted) onCheck(question, check);
      });
    }, CHECK_AFTER_MS);
    return () => {
      isWanted = false;
      clearTimeout(timer);
    };
    // eslint-disable-next-line react-hooks/exhaustive-deps -- what is done with the answer is another function each time
  }, [store, question, hasChanges, readings]);
}

interface Parts {
  readonly store: SettingsStore;
  readonly state: SettingsState;
  readonly dispatch: (action: Parameters<typeof nextState>[1]) => void;
  readonly load: () => Promise<void>;
}

function actionsOf({ store, state, dispatch, load }: Parts): Omit<SettingsPage, 'state'> {
  const { file } = state;
  const revision = file.kind === 'ready' && file.value.kind === 'readable' ? file.value.revision : '';
  const input = { revision, changes: pendingChanges(state) };
  const refused = (error: unknown): void => dispatch({ kind: 'refused', message: messageOf(error) });
  const review = async (): Promise<void> => {
    dispatch({ kind: 'asked-for-review' });
    const preview = await store.ask('settings.preview', input);
    dispatch({ kind: 'previewed', preview });
    if (preview.kind === 'changed') await load();
  };
  const save = async (): Promise<void> => {
    if (state.review?.kind !== 'shown') return;
    dispatch({ kind: 'asked-to-save' });
    const answer = await store.ask('settings.save', input);
    dispatch({ kind: 'answered', save: answer });
    await load();
  };
  const openFile = async (): Promise<void> => {
    const result = await store.perform('settings.open-file');
    if (!result.ok) dispatch({ kind: 'refused', message: result.message });
  };
  return {
    draft: (path, draft) => dispatch({ kind: 'drafted', path, draft }),
    discard: () => dispatch({ kind: 'discarded' }),
    back: () => dispatch({ kind: 'went-back' }),
    review: () => void review().catch(refused),
    save: () => void save().catch(refused),
    openFile: () => void openFile(),
  };
}
