import { useEffect, useState } from 'react';
import type { IncidentExport, IncidentPart } from '../shared/ipc/security-calls';
import { errorTable } from '../shared/model/errors';
import { codeOf, type RouterStore } from './bridge';
import type { Notice } from './notices';
import { securityTexts } from './texts/security';

const words = securityTexts.incident;

/** Whether the facts of an incident are being exported, or what came of it. */
export type IncidentExportState =
  | { readonly kind: 'idle' }
  /** `part` is null before a file was chosen. */
  | { readonly kind: 'running'; readonly part: IncidentPart | null }
  | { readonly kind: 'told'; readonly notice: Notice };

const failed = (text: string, nextStep = ''): IncidentExportState => ({
  kind: 'told',
  notice: { id: 'export', tone: 'danger', title: words.failed, text, nextStep, details: [], page: null },
});

function told(result: IncidentExport): IncidentExportState {
  switch (result.kind) {
    case 'cancelled':
      return { kind: 'idle' };
    case 'failed':
      return failed(result.message);
    case 'written': {
      const { path, missing } = result;
      const isWhole = missing.length === 0;
      return {
        kind: 'told',
        notice: {
          id: 'export',
          tone: isWhole ? 'good' : 'warning',
          title: isWhole ? words.written : words.writtenIncomplete,
          text: words.writtenTo(path),
          nextStep: words.readFirst,
          details: missing.map(words.notIn),
          page: null,
        },
      };
    }
  }
}

/** The export of the facts, and how far it got. */
export function useIncidentExport(store: Pick<RouterStore, 'ask' | 'listen'>): {
  readonly state: IncidentExportState;
  readonly begin: () => void;
} {
  const [state, setState] = useState<IncidentExportState>({ kind: 'idle' });
  useEffect(
    () =>
      store.listen('incident.progress', (part) =>
        setState((now) => (now.kind === 'running' ? { kind: 'running', part } : now)),
      ),
    [store],
  );
  const begin = (): void => {
    setState({ kind: 'running', part: null });
    void store.ask('incident.export').then(
      (result) => setState(told(result)),
      (error: unknown) => {
        const { text, nextStep } = errorTable[codeOf(error)];
        setState(failed(text, nextStep));
      },
    );
  };
  return { state, begin };
}
