import type { ConfigProblem } from '../shared/ipc/contract';
import type {
  SettingChange,
  SettingsCheck,
  SettingsFile,
  SettingsOutcome,
  SettingsPreview,
  SettingsSave,
} from '../shared/ipc/settings-calls';
import type { ErrorCode } from '../shared/model/errors';
import { changesOf, type Draft, type Drafts } from './setting-drafts';
import type { Answer } from './use-answer';

/** What the page tells above everything else. */
export type SettingsNotice =
  | { readonly kind: 'saved'; readonly outcome: SettingsOutcome }
  /** `wasSaving`: noticed when it was to be written. */
  | { readonly kind: 'file-changed'; readonly wasSaving: boolean }
  | { readonly kind: 'refused'; readonly message: string };

/** The review of changes, before they are written. */
export type SettingsReview =
  | { readonly kind: 'loading' }
  | { readonly kind: 'shown' | 'saving'; readonly preview: Extract<SettingsPreview, { kind: 'preview' }> };

/** What the page knows. */
export interface SettingsState {
  readonly file: Answer<SettingsFile>;
  /** How often the file was read; each time changes are judged anew. */
  readonly readings: number;
  readonly drafts: Drafts;
  /** The newest answer, and what it is about. */
  readonly checked: { readonly question: string; readonly check: SettingsCheck } | null;
  readonly review: SettingsReview | null;
  readonly notice: SettingsNotice | null;
}

export type SettingsAction =
  | { readonly kind: 'loaded'; readonly file: SettingsFile }
  | { readonly kind: 'failed'; readonly code: ErrorCode }
  | { readonly kind: 'drafted'; readonly path: string; readonly draft: Draft | undefined }
  | { readonly kind: 'discarded' }
  | { readonly kind: 'checked'; readonly question: string; readonly check: SettingsCheck }
  | { readonly kind: 'asked-for-review' }
  | { readonly kind: 'previewed'; readonly preview: SettingsPreview }
  | { readonly kind: 'asked-to-save' }
  | { readonly kind: 'went-back' }
  | { readonly kind: 'answered'; readonly save: SettingsSave }
  | { readonly kind: 'refused'; readonly message: string };

export const firstState: SettingsState = {
  file: { kind: 'loading' },
  readings: 0,
  drafts: new Map(),
  checked: null,
  review: null,
  notice: null,
};

/** What is to be written, and what it is asked about. */
export function pendingChanges({ file, drafts }: SettingsState): readonly SettingChange[] {
  return file.kind === 'ready' && file.value.kind === 'readable'
    ? changesOf(file.value.settings, drafts)
    : [];
}

/** Two questions are the same when they are about the same changes of the same file. */
export function questionOf(state: SettingsState): string {
  const { file } = state;
  const revision = file.kind === 'ready' && file.value.kind === 'readable' ? file.value.revision : '';
  return JSON.stringify([revision, pendingChanges(state)]);
}

/** What is known about the changes; `checking` while the answer is older than they are. */
export function checkOf(state: SettingsState): SettingsCheck | { readonly kind: 'unchanged' | 'checking' } {
  if (pendingChanges(state).length === 0) return { kind: 'unchanged' };
  return state.checked?.question === questionOf(state) ? state.checked.check : { kind: 'checking' };
}

/** The problems to show: of the changes, or of the file as it is. While it is asked again, those of before. */
export function shownProblems(state: SettingsState): readonly ConfigProblem[] {
  const { file, checked } = state;
  if (pendingChanges(state).length > 0 && checked !== null && 'problems' in checked.check) {
    return checked.check.problems;
  }
  return file.kind === 'ready' ? file.value.problems : [];
}

export function nextState(state: SettingsState, action: SettingsAction): SettingsState {
  switch (action.kind) {
    case 'loaded':
      return withFile(state, action.file);
    case 'failed':
      return { ...state, file: { kind: 'failed', code: action.code } };
    case 'drafted': {
      const drafts = new Map(state.drafts);
      if (action.draft === undefined) drafts.delete(action.path);
      else drafts.set(action.path, action.draft);
      return { ...state, drafts, notice: null };
    }
    case 'discarded':
      return { ...state, drafts: new Map(), checked: null, notice: null };
    case 'checked':
      return { ...state, checked: { question: action.question, check: action.check } };
    case 'asked-for-review':
      return { ...state, review: { kind: 'loading' }, notice: null };
    case 'previewed':
      return action.preview.kind === 'preview'
        ? { ...state, review: { kind: 'shown', preview: action.preview } }
        : refusedBy(state, action.preview);
    case 'asked-to-save':
      return state.review?.kind === 'shown'
        ? { ...state, review: { ...state.review, kind: 'saving' } }
        : state;
    case 'went-back':
      return { ...state, review: null };
    case 'answered':
      if (action.save.kind !== 'saved') return refusedBy(state, action.save);
      return {
        ...state,
        drafts: new Map(),
        checked: null,
        review: null,
        notice: { kind: 'saved', outcome: action.save.outcome },
      };
    case 'refused':
      return { ...state, review: null, notice: { kind: 'refused', message: action.message } };
  }
}

function withFile(state: SettingsState, file: SettingsFile): SettingsState {
  const before = state.file.kind === 'ready' ? state.file.value : null;
  const isOther =
    before?.kind === 'readable' && file.kind === 'readable' && before.revision !== file.revision;
  const next = { ...state, file: { kind: 'ready', value: file } as const, readings: state.readings + 1 };
  // A review of another file says nothing.
  const isStale = isOther && pendingChanges(state).length > 0;
  if (!isStale) return next;
  const wasSaving = state.notice?.kind === 'file-changed' && state.notice.wasSaving;
  return {
    ...next,
    review: state.review?.kind === 'saving' ? state.review : null,
    notice: { kind: 'file-changed', wasSaving },
  };
}

function refusedBy(state: SettingsState, refusal: Exclude<SettingsSave, { kind: 'saved' }>): SettingsState {
  switch (refusal.kind) {
    case 'changed':
      // What was judged was another file: nothing can be reviewed until this one is read.
      return { ...state, checked: null, review: null, notice: { kind: 'file-changed', wasSaving: true } };
    case 'invalid':
      return { ...state, review: null, checked: { question: questionOf(state), check: refusal } };
    case 'refused':
      return { ...state, review: null, notice: { kind: 'refused', message: refusal.message } };
  }
}
