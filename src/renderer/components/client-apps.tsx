import type { ReactElement } from 'react';
import { useCallback, useState } from 'react';
import type { ClientAction, ClientRow } from '../../shared/model/client-apps';
import type { RouterStore } from '../bridge';
import { useAnswer } from '../use-answer';
import { useRepeated } from '../use-repeated';
import { ClientAppList, entryIdOf } from './client-app-list';
import { ClientChangeDialog, type WantedChange } from './client-change-dialog';

/** A client may lose our entry while the page is open; looking costs a few small files. */
const LOOK_PERIOD_MS = 10_000;

/** A changed entry is removed as it is: the preview shows what goes, and a person confirms that. */
const wantedChange = (action: ClientAction, client: ClientRow): WantedChange => ({
  client,
  request: {
    action,
    id: client.id,
    ...(action === 'disconnect' && client.state.kind === 'drifted' ? { mayReplace: true } : {}),
  },
});

/** The clients of this machine, and the dialog that changes one. */
export function ClientApps({ store }: { readonly store: Pick<RouterStore, 'ask'> }): ReactElement {
  const question = useCallback(() => store.ask('client-apps.list'), [store]);
  const { answer, askAgain } = useAnswer(question);
  useRepeated(askAgain, LOOK_PERIOD_MS);
  const [wanted, setWanted] = useState<WantedChange | null>(null);
  const lookAgain = useCallback(() => void askAgain(), [askAgain]);
  const close = (): void => {
    const id = wanted?.request.id;
    setWanted(null);
    lookAgain();
    // The button that opened the dialog may be another one by now.
    if (id !== undefined) setTimeout(() => document.getElementById(entryIdOf(id))?.focus());
  };
  return (
    <>
      <ClientAppList
        answer={answer}
        onLookAgain={lookAgain}
        onAction={(action, client) => setWanted(wantedChange(action, client))}
      />
      {wanted !== null && (
        <ClientChangeDialog wanted={wanted} store={store} onDone={lookAgain} onClose={close} />
      )}
    </>
  );
}
