import { Button, TextInput } from '@mantine/core';
import type { ReactElement, SyntheticEvent } from 'react';
import { useState } from 'react';
import type { LookResult } from '../../shared/ipc/setup-calls';
import { errorTable } from '../../shared/model/errors';
import type { GatewayLook as Look } from '../../shared/model/gateway-look';
import { codeOf, type RouterStore } from '../bridge';
import { hostOf } from '../headline';
import { texts } from '../texts';
import { firstRunTexts } from '../texts/first-run';
import { Card } from './card';
import classes from './first-run.module.css';
import { GatewayLook, isUsable } from './gateway-look';
import { ProgressLine } from './progress-line';

const words = firstRunTexts.address;
/** The bound of the payload. */
const MAX_URL_LENGTH = 2048;

type Looking =
  | { readonly kind: 'idle' }
  | { readonly kind: 'looking' }
  | { readonly kind: 'refused'; readonly message: string }
  | { readonly kind: 'seen'; readonly look: Look };

async function lookAt(store: Pick<RouterStore, 'ask'>, url: string): Promise<LookResult> {
  try {
    return await store.ask('setup.look', { url });
  } catch (error) {
    return { kind: 'refused', message: errorTable[codeOf(error)].text };
  }
}

/** The first step: the address, looked at before anything is stored. */
export function FirstAddress({
  store,
  first,
  onNext,
}: {
  readonly store: Pick<RouterStore, 'ask'>;
  readonly first: string;
  readonly onNext: (url: string, look: Look) => void;
}): ReactElement {
  const [url, setUrl] = useState(first);
  const [looking, setLooking] = useState<Looking>({ kind: 'idle' });
  const look = async (event: SyntheticEvent): Promise<void> => {
    event.preventDefault();
    if (looking.kind === 'looking') return;
    if (looking.kind === 'seen' && isUsable(looking.look)) {
      onNext(url.trim(), looking.look);
      return;
    }
    setLooking({ kind: 'looking' });
    setLooking(await lookAt(store, url));
  };
  const isReady = looking.kind === 'seen' && isUsable(looking.look);
  const isOpen = isReady && looking.look.answer.kind === 'open';
  return (
    <Card title={words.title}>
      <form className={classes['form']} onSubmit={(event) => void look(event)} noValidate>
        <TextInput
          label={texts.connection.url}
          description={texts.connection.urlHint}
          placeholder={texts.connection.urlPlaceholder}
          value={url}
          onChange={(event) => {
            setUrl(event.currentTarget.value);
            setLooking({ kind: 'idle' });
          }}
          error={looking.kind === 'refused' ? looking.message : null}
          maxLength={MAX_URL_LENGTH}
          autoComplete="off"
          autoCapitalize="off"
          spellCheck={false}
          inputMode="url"
        />
        <ProgressLine text={looking.kind === 'looking' ? words.checking(hostOf(url)) : null} />
        {looking.kind === 'seen' && <GatewayLook look={looking.look} />}
        <div className={classes['row']}>
          <Button type="submit" loading={looking.kind === 'looking'}>
            {isReady ? (isOpen ? words.nextOpen : words.next) : words.check}
          </Button>
        </div>
      </form>
    </Card>
  );
}
