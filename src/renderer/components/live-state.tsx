import { VisuallyHidden } from '@mantine/core';
import type { ReactElement } from 'react';
import type { AppStatus } from '../../shared/ipc/contract';
import { hostOf } from '../headline';
import { shownStateWords } from '../../shared/model/shown-state';

/** Tells a screen reader when the state changes, without the ticking clock beside it. */
export function LiveState({ status }: { readonly status: AppStatus }): ReactElement {
  const host = hostOf(status.router.gatewayUrl);
  return (
    <VisuallyHidden role="status" aria-live="polite">
      {`${shownStateWords[status.router.shown]}${host === '' ? '' : `: ${host}`}`}
    </VisuallyHidden>
  );
}
