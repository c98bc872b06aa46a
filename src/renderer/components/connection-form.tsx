import { Button, PasswordInput, TextInput } from '@mantine/core';
import { IconCheck } from '../icons';
import type { ReactElement, Ref, SyntheticEvent } from 'react';
import { useEffect, useRef, useState } from 'react';
import type { CommandResult, ConnectionSettings, SaveConnection } from '../../shared/ipc/contract';
import { errorTable } from '../../shared/model/errors';
import type { Notice } from '../notices';
import { texts } from '../texts';
import classes from './connection-form.module.css';
import { NoticeCard } from './notice-card';

/** The bounds of the payload (main/ipc/payloads.ts), so that a slip of the clipboard is cut here. */
const MAX_URL_LENGTH = 2048;
const MAX_TOKEN_LENGTH = 16_384;

const words = texts.connection;

type Refusal = Extract<CommandResult, { readonly ok: false }>;
type SaveState =
  | { readonly kind: 'idle' }
  | { readonly kind: 'saving' }
  | { readonly kind: 'saved' }
  | { readonly kind: 'refused'; readonly refusal: Refusal };

function refusalNotice({ code, message }: Refusal): Notice {
  const { nextStep } = errorTable[code];
  return {
    id: code,
    tone: 'danger',
    title: words.notSaved,
    text: message,
    nextStep: message.includes(nextStep) ? '' : nextStep,
    details: [],
    page: null,
  };
}

function tokenHint({ tokenSource, isTokenEditable }: ConnectionSettings): string {
  if (tokenSource === null) return words.tokenNew;
  const source = words.tokenSource[tokenSource.kind](tokenSource.name);
  return `${source} ${isTokenEditable ? words.tokenKept : words.tokenElsewhere}`;
}

function errorOf(state: SaveState, field: 'url' | 'token'): string | null {
  return state.kind === 'refused' && state.refusal.field === field ? state.refusal.message : null;
}

function Outcome({ state }: { readonly state: SaveState }): ReactElement | null {
  if (state.kind === 'saved') {
    return (
      <p className={classes['saved']} role="status">
        <IconCheck size={17} stroke={2} aria-hidden />
        {words.saved}
      </p>
    );
  }
  if (state.kind !== 'refused' || state.refusal.field !== undefined) return null;
  return (
    <div role="alert" className={classes['wide']}>
      <NoticeCard notice={refusalNotice(state.refusal)} />
    </div>
  );
}

function TokenField({
  ref,
  settings,
  value,
  onChange,
  error,
}: {
  readonly ref: Ref<HTMLInputElement>;
  readonly settings: ConnectionSettings;
  readonly value: string;
  readonly onChange: (value: string) => void;
  readonly error: string | null;
}): ReactElement {
  const [isShown, setIsShown] = useState(false);
  return (
    <PasswordInput
      ref={ref}
      label={words.token}
      description={tokenHint(settings)}
      placeholder={settings.tokenSource === null ? '' : words.tokenKeptPlaceholder}
      value={value}
      onChange={(event) => onChange(event.currentTarget.value)}
      error={error}
      aria-invalid={error !== null}
      disabled={!settings.isTokenEditable}
      maxLength={MAX_TOKEN_LENGTH}
      autoComplete="new-password"
      spellCheck={false}
      visible={isShown}
      onVisibilityChange={setIsShown}
      visibilityToggleButtonProps={{ 'aria-label': isShown ? words.hideToken : words.showToken, tabIndex: 0 }}
    />
  );
}

/** Asks for address and token. The token only ever goes outward; saving empties the field. */
export function ConnectionForm({
  settings,
  onSave,
}: {
  readonly settings: ConnectionSettings;
  readonly onSave: (input: SaveConnection) => Promise<CommandResult>;
}): ReactElement {
  const [url, setUrl] = useState(settings.url);
  const [token, setToken] = useState('');
  const [state, setState] = useState<SaveState>({ kind: 'idle' });
  const urlField = useRef<HTMLInputElement>(null);
  const tokenField = useRef<HTMLInputElement>(null);
  useEffect(() => {
    if (state.kind !== 'refused' || state.refusal.field === undefined) return;
    (state.refusal.field === 'url' ? urlField : tokenField).current?.focus();
  }, [state]);

  const save = async (event: SyntheticEvent): Promise<void> => {
    event.preventDefault();
    if (state.kind === 'saving') return;
    setState({ kind: 'saving' });
    const result = await onSave(token === '' ? { url } : { url, token });
    if (result.ok) setToken('');
    setState(result.ok ? { kind: 'saved' } : { kind: 'refused', refusal: result });
  };

  return (
    <form className={classes['form']} onSubmit={(event) => void save(event)} noValidate>
      <TextInput
        ref={urlField}
        label={words.url}
        description={words.urlHint}
        placeholder={words.urlPlaceholder}
        value={url}
        onChange={(event) => setUrl(event.currentTarget.value)}
        error={errorOf(state, 'url')}
        maxLength={MAX_URL_LENGTH}
        autoComplete="off"
        autoCapitalize="off"
        spellCheck={false}
        inputMode="url"
      />
      <TokenField
        ref={tokenField}
        settings={settings}
        value={token}
        onChange={setToken}
        error={errorOf(state, 'token')}
      />
      <div className={classes['end']}>
        <Button type="submit" loading={state.kind === 'saving'}>
          {words.save}
        </Button>
        <Outcome state={state} />
      </div>
    </form>
  );
}
