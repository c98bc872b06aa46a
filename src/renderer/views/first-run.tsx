import { Button } from '@mantine/core';
import type { ReactElement } from 'react';
import { useEffect, useRef, useState } from 'react';
import type { AppStatus } from '../../shared/ipc/contract';
import type { GatewayLook } from '../../shared/model/gateway-look';
import type { RouterStore } from '../bridge';
import { Card } from '../components/card';
import { ClientApps } from '../components/client-apps';
import { FirstAddress } from '../components/first-address';
import { FirstCredential } from '../components/first-credential';
import classes from '../components/first-run.module.css';
import { NoticeCard } from '../components/notice-card';
import { Steps } from '../components/steps';
import { hostOf } from '../headline';
import { failureNotice, noticesOf, type Notice } from '../notices';
import { texts } from '../texts';
import { firstRunTexts as words } from '../texts/first-run';
import viewClasses from './view.module.css';

type Step =
  | { readonly kind: 'address'; readonly url: string }
  | { readonly kind: 'credential'; readonly url: string }
  | { readonly kind: 'clients'; readonly url: string };

const steps: readonly Step['kind'][] = ['address', 'credential', 'clients'];

/** Saves an address that lets everybody in; null when that worked. */
async function saveOpen(store: RouterStore, url: string): Promise<Notice | null> {
  const saved = await store.perform('setup.save', { url, access: 'open' });
  return saved.ok ? null : failureNotice(saved);
}

function LastStep({
  status,
  store,
  url,
  onDone,
}: {
  readonly status: AppStatus;
  readonly store: RouterStore;
  readonly url: string;
  readonly onDone: () => void;
}): ReactElement {
  const isConnected = status.router.shown === 'connected' || status.router.shown === 'degraded';
  return (
    <>
      <Card title={words.clients.title}>
        <p className={classes['note']} role="status">
          {isConnected ? words.clients.connected(hostOf(url)) : ''}
        </p>
        <p className={viewClasses['note']}>{words.clients.text}</p>
      </Card>
      <ClientApps store={store} />
      <div className={classes['row']}>
        <Button onClick={onDone}>{words.clients.finish}</Button>
      </div>
    </>
  );
}

function Notices({
  status,
  failure,
}: {
  readonly status: AppStatus;
  readonly failure: Notice | null;
}): ReactElement {
  return (
    <>
      {failure !== null && (
        <div role="alert">
          <NoticeCard notice={failure} />
        </div>
      )}
      {noticesOf(status).map((notice) => (
        <NoticeCard key={notice.id} notice={notice} />
      ))}
    </>
  );
}

/** The first run in three steps: the gateway, how to get in, and who may use it. */
export function FirstRun({
  status,
  store,
  onHold,
}: {
  readonly status: AppStatus;
  readonly store: RouterStore;
  /** True: it is to stay although something is stored by now. */
  readonly onHold: (isHeld: boolean) => void;
}): ReactElement {
  const [step, setStep] = useState<Step>({ kind: 'address', url: '' });
  const [failure, setFailure] = useState<Notice | null>(null);
  const heading = useRef<HTMLHeadingElement>(null);
  const isFirst = useRef(true);
  // A screen reader, and the keyboard, go on at the top of the next step.
  useEffect(() => {
    if (!isFirst.current) heading.current?.focus();
    isFirst.current = false;
    onHold(step.kind !== 'address');
  }, [step.kind, onHold]);
  const afterLook = async (url: string, look: GatewayLook): Promise<void> => {
    if (look.answer.kind !== 'open') {
      setStep({ kind: 'credential', url });
      return;
    }
    onHold(true);
    const problem = await saveOpen(store, url);
    setFailure(problem);
    if (problem === null) setStep({ kind: 'clients', url });
    else onHold(false);
  };
  return (
    <div className={viewClasses['view']}>
      <header className={viewClasses['head']}>
        <h1 className={viewClasses['title']} ref={heading} tabIndex={-1}>
          {step.kind === 'clients' ? words.almostDone : texts.headline.notSetUp}
        </h1>
        <p className={viewClasses['intro']}>{words.intro}</p>
      </header>
      <Steps label={words.stepsLabel} steps={words.steps} current={steps.indexOf(step.kind)} />
      <Notices status={status} failure={failure} />
      {step.kind === 'address' && (
        <FirstAddress store={store} first={step.url} onNext={(url, look) => void afterLook(url, look)} />
      )}
      {step.kind === 'credential' && (
        <FirstCredential
          url={step.url}
          store={store}
          onNext={() => setStep({ kind: 'clients', url: step.url })}
          onBack={() => setStep({ kind: 'address', url: step.url })}
        />
      )}
      {step.kind === 'clients' && (
        <LastStep status={status} store={store} url={step.url} onDone={() => onHold(false)} />
      )}
    </div>
  );
}
